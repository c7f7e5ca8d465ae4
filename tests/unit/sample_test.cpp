// SPDX-License-Identifier: Apache-2.0
// Distributions and parameters: moments, bounds, quanta, streams that do not depend on who else is drawn, messages.
#include <network/random_streams.h>
#include <network/sample.h>

#include <unit/network_fixture.h>

#include <gmock/gmock.h>

namespace volley::test {
namespace {

using Kind = Distribution::Kind;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::size_t many = 400'000;

std::vector<double> one_by_one(const Distribution& d) {
  Random random = random_stream(1, Purpose::model, "sample", 0);
  std::vector<double> x(many);
  for (std::size_t i = 0; i < many; ++i) x[i] = draw(d, random, i);
  return x;
}
std::vector<double> in_bulk(const Distribution& d) {
  Random random = random_stream(1, Purpose::model, "sample", 0);
  std::vector<double> x(many);
  draw_many(d, random, 0, x);
  return x;
}

// Mean and variance within 5 sigma; `kurtosis` is the distribution's fourth standardised moment.
void expect_moments(const std::vector<double>& x, double mean, double sd, double kurtosis) {
  const double n = static_cast<double>(x.size());
  const double m = std::reduce(x.begin(), x.end()) / n;
  double squares = 0.0;
  for (const double v : x) squares += (v - m) * (v - m);
  EXPECT_NEAR(m, mean, 5.0 * sd / std::sqrt(n));
  EXPECT_NEAR(squares / n, sd * sd, 5.0 * sd * sd * std::sqrt((kurtosis - 1.0) / n));
}
void expect_moments(const Distribution& d, double mean, double sd, double kurtosis) {
  expect_moments(one_by_one(d), mean, sd, kurtosis);
  expect_moments(in_bulk(d), mean, sd, kurtosis);
}

TEST(Sample, Moments) {
  expect_moments({.kind = Kind::uniform, .a = -1.0, .b = 3.0}, 1.0, 4.0 / std::sqrt(12.0), 1.8);
  expect_moments({.kind = Kind::normal, .a = -70.0, .b = 5.0}, -70.0, 5.0, 3.0);
  expect_moments({.kind = Kind::exponential, .a = 2.5}, 2.5, 2.5, 9.0);
  for (const double shape : {0.3, 1.0, 4.0})
    expect_moments({.kind = Kind::gamma, .a = shape, .b = 2.0}, 2.0 * shape, 2.0 * std::sqrt(shape), 3.0 + 6.0 / shape);
  // mean and sd of the variable itself; kurtosis for sigma^2 = log(1.04)
  const double w = 1.04;
  expect_moments({.kind = Kind::lognormal, .a = 10.0, .b = 2.0}, 10.0, 2.0,
                 std::pow(w, 4) + 2 * std::pow(w, 3) + 3 * w * w - 3.0);
  // standard normal within one sd: variance 1 - 2 phi(1) / (2 Phi(1) - 1)
  expect_moments({.kind = Kind::truncated_normal, .a = 5.0, .b = 1.0, .min = 4.0, .max = 6.0}, 5.0,
                 std::sqrt(1.0 - 2.0 * 0.24197072451914337 / 0.6826894921370859), 1.95);
}

TEST(Sample, ClippingPutsTheTailsOnTheBounds) {
  const Distribution d{.kind = Kind::normal, .a = 0.0, .b = 1.0, .min = -1.0, .max = 2.0, .clip = true};
  for (const auto& x : {one_by_one(d), in_bulk(d)}) {
    const auto low = static_cast<double>(std::count(x.begin(), x.end(), -1.0));
    const auto high = static_cast<double>(std::count(x.begin(), x.end(), 2.0));
    EXPECT_NEAR(low / many, 0.15865525, 5.0 * std::sqrt(0.16 * 0.84 / many));
    EXPECT_NEAR(high / many, 0.02275013, 5.0 * std::sqrt(0.023 / many));
  }
}

TEST(Sample, QuantisedIsTheNearestMultipleAtLeastOneStepFromZero) {
  for (const auto& x : {one_by_one({.kind = Kind::uniform, .a = -1.0, .b = 1.0, .quantise = 0.25}),
                        in_bulk({.kind = Kind::uniform, .a = -1.0, .b = 1.0, .quantise = 0.25})}) {
    const auto share = [&](double v) { return static_cast<double>(std::count(x.begin(), x.end(), v)) / many; };
    double total = 0.0;
    for (const auto& [value, expected] : {std::pair{0.25, 0.1875}, {0.5, 0.125}, {0.75, 0.125}, {1.0, 0.0625}}) {
      for (const double sign : {-1.0, 1.0}) {
        EXPECT_NEAR(share(sign * value), expected, 5.0 * std::sqrt(expected / many)) << sign * value;
        total += share(sign * value);
      }
    }
    EXPECT_NEAR(total, 1.0, 1e-12);
  }
}

TEST(Sample, BoundsThatNothingFallsIntoAreAnError) {
  const Distribution d{.kind = Kind::normal, .a = 0.0, .b = 1.0, .min = 50.0, .where = {"x.yaml", 4, 2, "init.V"}};
  EXPECT_THAT(refusal([&] { one_by_one(d); }), AllOf(HasSubstr("x.yaml:4:2: init.V"), HasSubstr("10,000 draws")));
  EXPECT_THAT(refusal([&] { in_bulk(d); }), HasSubstr("outside 50 to inf"));
}

TEST(Sample, BinomialsHaveTheirMomentsAndTheirShape) {
  for (const auto& [n, p] : {std::pair{std::uint64_t{10}, 0.3}, {1000, 0.004}, {1000, 0.5}, {50'000'000, 0.4999}}) {
    Random random = random_stream(1, Purpose::model, "binomial", n);
    std::vector<double> x(50'000);
    for (double& v : x) v = static_cast<double>(draw_binomial(random, n, p));
    const double mean = static_cast<double>(n) * p, variance = mean * (1.0 - p);
    expect_moments(x, mean, std::sqrt(variance), 3.0 + (1.0 - 6.0 * p * (1.0 - p)) / variance);
  }
  Random random = random_stream(1, Purpose::model, "binomial", 0);
  EXPECT_EQ(draw_binomial(random, 1000, 0.0), 0u);
  EXPECT_EQ(draw_binomial(random, 1000, 1.0), 1000u);
  EXPECT_EQ(draw_binomial(random, 0, 0.5), 0u);
}

TEST(Sample, InitialValuesDoNotDependOnTheCut) {
  const Distribution d{.kind = Kind::uniform, .a = 0.0, .b = 20.0};
  const auto all = draw_initial(d, 5, "E", "V", 0, 100);
  const auto part = draw_initial(d, 5, "E", "V", 60, 40);
  EXPECT_EQ(std::vector<double>(all.begin() + 60, all.end()), part);
  EXPECT_NE(all, draw_initial(d, 5, "E", "w", 0, 100));
  EXPECT_THAT(draw_initial({.kind = Kind::values, .values = {1, 2, 3}}, 5, "E", "V", 1, 2), ElementsAre(2, 3));
  EXPECT_THAT(refusal([] { draw_initial({.kind = Kind::values, .values = {1, 2}}, 5, "E", "V", 0, 3); }),
              HasSubstr("has 2 values"));
}

// A model with a field of each kind; its small enum has neighbours that a careless write would hit.
struct AllKinds {
  enum class Small : std::uint8_t { first, second };
  enum class Large { zero, one, two };
  struct Parameters {
    double tau = 0;
    Small small{};
    bool flag = false;
    std::uint8_t untouched = 77;
    Large large{};
    std::int64_t count = 0;
    std::string file;
    std::vector<double> times;
    std::vector<std::vector<double>> trains;
    double none = 0;
  };
  static constexpr auto name = "all_kinds";
  static constexpr Fidelity fidelity{Origin::ours, Origin::ours, "test"};
  static constexpr auto parameters = fields(
      Field{&Parameters::tau, "tau", 20.0, "ms", "", positive},
      Field{&Parameters::small, "small", one_of("first", "second"), "", ""},
      Field{&Parameters::flag, "flag", true, "", ""},
      Field{&Parameters::large, "large", one_of("zero", "one", "two"), "", ""},
      Field{&Parameters::count, "count", 3, "", "", at_least(1)},
      Field{&Parameters::file, "file", file_name, "", ""},
      Field{&Parameters::times, "times", empty, "ms", "", non_negative},
      Field{&Parameters::trains, "trains", empty, "ms", "", non_negative},
      Field{&Parameters::none, "none", empty, "mV", "", any});
  static void check(const Parameters& p) {
    if (p.tau > 1000.0) throw BadParameter("tau", "tau is too long for this model");
  }
};

class Parameters : public testing::Test {
 protected:
  Parameters() {
    detail::describe<AllKinds>(model, ModelKind::synapse, "test");
    choice.model = &model;
  }
  FieldValue& write(std::string_view field, decltype(FieldValue::value) value) {
    for (const FieldInfo& f : model.parameters)
      if (f.name == field) return choice.values.emplace_back(FieldValue{&f, std::move(value), {"x.yaml", 9, 1, "p"}});
    throw std::invalid_argument("no such field");
  }
  ParameterSet make(std::uint32_t first, std::uint32_t count, std::uint32_t size) {
    return make_parameters(choice, 1, "E", first, count, size);
  }
  SynapseModel model;
  ModelChoice choice;
};

TEST_F(Parameters, Defaults) {
  const ParameterSet set = make(0, 100, 100);
  ASSERT_TRUE(set.uniform());
  const auto& p = set.get<AllKinds::Parameters>();
  EXPECT_EQ(p.tau, 20.0);
  EXPECT_EQ(p.small, AllKinds::Small::first);
  EXPECT_TRUE(p.flag);
  EXPECT_EQ(p.untouched, 77);
  EXPECT_EQ(p.count, 3);
  EXPECT_TRUE(std::isnan(p.none));
}

TEST_F(Parameters, WrittenValuesOfEveryKind) {
  write("small", std::int64_t{1});
  write("large", std::int64_t{2});
  write("flag", false);
  write("count", std::int64_t{5});
  write("file", std::string("a.csv"));
  write("times", std::vector<double>{1.0, 2.0});
  write("trains", std::vector<std::vector<double>>{{3.0}, {}});
  write("tau", Distribution{.a = 7.0});
  const ParameterSet set = make(0, 10, 10);
  const auto& p = set.get<AllKinds::Parameters>();
  EXPECT_EQ(p.small, AllKinds::Small::second);
  EXPECT_EQ(p.large, AllKinds::Large::two);
  EXPECT_FALSE(p.flag);
  EXPECT_EQ(p.untouched, 77);
  EXPECT_EQ(p.count, 5);
  EXPECT_EQ(p.file, "a.csv");
  EXPECT_THAT(p.times, ElementsAre(1.0, 2.0));
  EXPECT_EQ(p.trains.size(), 2u);
  EXPECT_EQ(p.tau, 7.0);
}

TEST_F(Parameters, ADistributionGivesEachElementItsOwnWhateverTheCut) {
  write("tau", Distribution{.kind = Kind::uniform, .a = 10.0, .b = 30.0});
  write("file", std::string("a rather long name that no small buffer holds"));
  const ParameterSet all = make(0, 1000, 1000), part = make(300, 50, 1000);
  ASSERT_EQ(all.count(), 1000u);
  std::vector<double> taus;
  for (std::size_t i = 0; i < 1000; ++i) taus.push_back(all.get<AllKinds::Parameters>(i).tau);
  expect_moments(taus, 20.0, 20.0 / std::sqrt(12.0), 1.8);
  for (std::size_t i = 0; i < 50; ++i) {
    EXPECT_EQ(part.get<AllKinds::Parameters>(i).tau, taus[300 + i]);
    EXPECT_EQ(part.get<AllKinds::Parameters>(i).file, "a rather long name that no small buffer holds");
  }
}

TEST_F(Parameters, BoundsAreChecked) {
  write("tau", Distribution{.a = -3.0, .where = {"x.yaml", 5, 7, "populations.E.parameters.tau"}});
  EXPECT_THAT(refusal([&] { make(0, 1, 1); }), AllOf(HasSubstr("x.yaml:5:7: populations.E.parameters.tau: "),
                                                     HasSubstr("tau is -3 ms; it must be more than 0 ms")));
  choice.values.clear();
  write("tau", Distribution{.kind = Kind::normal, .a = 1.0, .b = 5.0});
  EXPECT_THAT(refusal([&] { make(0, 100, 100); }), HasSubstr("tau was drawn as -"));
  choice.values.clear();
  write("count", std::int64_t{0});
  EXPECT_THAT(refusal([&] { make(0, 1, 1); }),
              AllOf(HasSubstr("x.yaml:9:1"), HasSubstr("count is 0; it must be at least 1")));
  choice.values.clear();
  write("trains", std::vector<std::vector<double>>{{1.0}, {2.0, -1.0}});
  EXPECT_THAT(refusal([&] { make(0, 1, 1); }), HasSubstr("trains is -1 ms"));
}

TEST_F(Parameters, ListedValuesMustBeOneEach) {
  write("tau", Distribution{.kind = Kind::values, .values = {1.0, 2.0, 3.0}});
  EXPECT_EQ(make(1, 2, 3).get<AllKinds::Parameters>(1).tau, 3.0);
  EXPECT_THAT(refusal([&] { make(0, 2, 4); }), HasSubstr("tau has 3 values; 4 are needed"));
}

TEST_F(Parameters, TheModelsOwnCheckNamesThePlaceOfItsField) {
  write("tau", Distribution{.a = 2000.0, .where = {"x.yaml", 5, 7, "populations.E.parameters.tau"}});
  EXPECT_THAT(refusal([&] { make(0, 1, 1); }), AllOf(HasSubstr("x.yaml:5:7"), HasSubstr("too long for this model")));
}

}  // namespace
}  // namespace volley::test
