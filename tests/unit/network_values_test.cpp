// SPDX-License-Identifier: Apache-2.0
// Weights and delays of synapses: moments, signs, bounds, exact picoseconds, and the memory that each form takes.
#include <unit/network_fixture.h>

#include <gmock/gmock.h>

namespace volley::test {
namespace {

using Kind = Distribution::Kind;
using Rule = Connect::Rule;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

// 200,000 synapses.
Net hundred_each() {
  Net net;
  net.population("A", 1000);
  net.population("B", 2000);
  net.connect(0, 1, Rule::fixed_indegree, 100);
  return net;
}

struct Moments {
  double mean = 0, sd = 0, low = 1e300, high = -1e300;
  std::size_t n = 0;
};
template <class F>
Moments moments(const std::vector<Synapse>& all, F value) {
  Moments m;
  m.n = all.size();
  double sum = 0, squares = 0;
  for (const Synapse& s : all) {
    const double x = value(s);
    sum += x;
    squares += x * x;
    m.low = std::min(m.low, x);
    m.high = std::max(m.high, x);
  }
  const double n = static_cast<double>(m.n);
  m.mean = sum / n;
  m.sd = std::sqrt(squares / n - m.mean * m.mean);
  return m;
}
double weight(const Synapse& s) { return static_cast<double>(s.weight); }
double delay(const Synapse& s) { return to_ms(s.delay); }

TEST(Weights, OneWeightTakesNoMemoryUnlessItIsPlastic) {
  Net net = hundred_each();
  auto& p = net.projections[0];
  p.weight.a = 0.1;
  auto rows = build_rows(net, 0, place(net));
  EXPECT_TRUE(rows[0].weight.empty());
  EXPECT_TRUE(rows[0].delay.empty() && rows[0].slice_first.empty());
  EXPECT_EQ(rows[0].constant, 0.1f);
  EXPECT_THAT(rows[0].classes, ElementsAre(ps_per_ms));
  p.rule.emplace();
  rows = build_rows(net, 0, place(net));
  EXPECT_EQ(rows[0].weight, Large<float>(200'000, 0.1f));
}

TEST(Weights, NormalWeightsHaveTheirMoments) {
  Net net = hundred_each();
  net.projections[0].weight = {.kind = Kind::normal, .a = 87.8, .b = 8.78};
  const Moments m = moments(expand(net), weight);
  const double root = std::sqrt(static_cast<double>(m.n));
  EXPECT_NEAR(m.mean, 87.8, 5.0 * 8.78 / root);
  EXPECT_NEAR(m.sd, 8.78, 5.0 * 8.78 / root / std::sqrt(2.0));
}

TEST(Weights, TheSignOfThePortIsKeptByRedrawingOrClipping) {
  for (const SignRule sign : {SignRule::non_negative, SignRule::non_positive}) {
    for (const bool clip : {false, true}) {
      Net net = hundred_each();
      auto& p = net.projections[0];
      p.sign = sign;
      p.weight = {.kind = Kind::normal, .a = 0.0, .b = 1.0, .clip = clip};
      const auto all = expand(net);
      const Moments m = moments(all, [&](const Synapse& s) { return std::abs(weight(s)); });
      const double root = std::sqrt(static_cast<double>(m.n)), half_normal = std::sqrt(2.0 / 3.14159265358979);
      EXPECT_NEAR(m.mean, clip ? 0.5 * half_normal : half_normal, 5.0 * 0.61 / root);
      const auto zeros = std::count_if(all.begin(), all.end(), [](const Synapse& s) { return s.weight == 0.0f; });
      EXPECT_NEAR(static_cast<double>(zeros), clip ? 1e5 : 0.0, clip ? 5.0 * std::sqrt(5e4) : 0.0);
      for (const Synapse& s : all)
        ASSERT_TRUE(sign == SignRule::non_negative ? s.weight >= 0.0f : s.weight <= 0.0f);
    }
  }
}

TEST(Weights, AWrongSignIsRefused) {
  Net net = hundred_each();
  auto& p = net.projections[0];
  p.sign = SignRule::non_positive;
  p.port_unit = "pA";
  p.weight.where = {"net.yaml", 7, 3, "projections.0.weight"};
  EXPECT_THAT(refusal([&] { expand(net); }),
              AllOf(HasSubstr("net.yaml:7:3: projections.0.weight: "), HasSubstr("is 1 pA"), HasSubstr("0 or less")));
  p.weight = {.kind = Kind::uniform, .a = 1.0, .b = 2.0, .min = 1.0};
  EXPECT_THAT(refusal([&] { expand(net); }), HasSubstr("0 or less; the bounds leave none"));
  p.weight = {.kind = Kind::uniform, .a = 1.0, .b = 2.0};
  EXPECT_THAT(refusal([&] { expand(net); }), HasSubstr("10,000 draws"));
  p.weight = {.kind = Kind::values, .values = std::vector<double>(200'000, 0.5)};
  EXPECT_THAT(refusal([&] { expand(net); }), HasSubstr("a listed weight is 0.5 pA"));
  p.sign = SignRule::any;
  p.weight = {.a = 1e39};
  EXPECT_THAT(refusal([&] { expand(net); }), HasSubstr("float32"));
}

TEST(Weights, ListedValuesGoByTargetThenSource) {
  Net net;
  net.population("A", 3);
  net.population("B", 2);
  auto& p = net.connect(0, 1, Rule::all_to_all);
  p.weight = {.kind = Kind::values, .values = {1, 2, 3, 4, 5, 6}};
  const auto all = expand(net);
  for (std::size_t k = 0; k < 6; ++k) EXPECT_EQ(all[k].weight, static_cast<float>(k + 1));
  p.weight.values.pop_back();
  EXPECT_THAT(refusal([&] { expand(net); }), HasSubstr("5 values for 6 synapses"));
}

TEST(Delays, AxonalAndDendriticAddUpExactly) {
  Net net = hundred_each();
  net.projections[0].delay.a = 0.1;
  net.projections[0].dendritic_delay = 0.000000003;
  EXPECT_THAT(build_rows(net, 0, place(net))[0].classes, ElementsAre(100'000'003));
}

TEST(Delays, QuantisedDelaysAreClassesOfExactMultiples) {
  Net net = hundred_each();
  auto& p = net.projections[0];
  p.delay = {.kind = Kind::normal, .a = 1.5, .b = 0.75, .min = 0.05, .quantise = 0.1};
  p.dendritic_delay = 0.25;
  for (const Rows& r : build_rows(net, 0, place(net))) {
    EXPECT_TRUE(r.delay.empty());
    EXPECT_GT(r.classes.size(), 30u);
    EXPECT_EQ(r.classes.front(), 350'000'000);
    for (const Time t : r.classes) EXPECT_EQ((t - 250'000'000) % 100'000'000, 0) << t;
    EXPECT_EQ(r.slice_first.back(), r.slice_end.size());
  }
  // Moments of a normal truncated at 0.05 ms (alpha = -1.9333), with the quantum's own variance.
  const Moments m = moments(expand(net), delay);
  const double root = std::sqrt(static_cast<double>(m.n));
  const double ratio = 0.061554 / 0.973403, alpha = -1.45 / 0.75;
  const double mean = 1.75 + 0.75 * ratio, variance = 0.5625 * (1.0 + alpha * ratio - ratio * ratio);
  EXPECT_NEAR(m.mean, mean, 5.0 * 0.75 / root + 1e-4);
  EXPECT_NEAR(m.sd, std::sqrt(variance + 0.01 / 12.0), 5.0 * 0.75 / root);
}

TEST(Delays, QuantisedIsTheNearestMultipleButAtLeastOne) {
  Net net = hundred_each();
  net.projections[0].delay = {.kind = Kind::uniform, .a = 0.0, .b = 1.0, .quantise = 0.4};
  const auto all = expand(net);  // below 0.6: 0.4 ms; above: 0.8 ms
  const auto shorter = std::count_if(all.begin(), all.end(), [](const Synapse& s) { return s.delay == 400'000'000; });
  EXPECT_NEAR(static_cast<double>(shorter), 0.6 * 200'000, 5.0 * std::sqrt(0.24 * 200'000));
  for (const Synapse& s : all) ASSERT_TRUE(s.delay == 400'000'000 || s.delay == 800'000'000);
}

TEST(Delays, ContinuousDelaysAreMultiplesOfTheSmallestUnitThatFits) {
  for (const auto& [longest, unit] : {std::pair{4.0, 1}, {5.0, 2}, {17.0, 4}, {18.0, 8}, {100.0, 32}}) {
    Net net = hundred_each();
    net.projections[0].delay = {.kind = Kind::uniform, .a = 0.9 * longest, .b = longest};
    const auto rows = build_rows(net, 0, place(net));
    EXPECT_EQ(rows[0].unit, unit);
    EXPECT_TRUE(rows[0].continuous() && rows[0].slice_first.empty());
    const Moments m = moments(expand(net), delay);
    const double sd = 0.1 * longest / std::sqrt(12.0);
    EXPECT_NEAR(m.mean, 0.95 * longest, 5.0 * sd / std::sqrt(static_cast<double>(m.n)));
    EXPECT_NEAR(m.sd, sd, 5.0 * sd / std::sqrt(static_cast<double>(m.n)));
  }
}

TEST(Delays, TheUsersOwnDelaysAreExactHoweverManyTheyAre) {
  for (const std::size_t n : {std::size_t{2}, std::size_t{1000}, std::size_t{3000}}) {
    Net net;
    net.population("A", 1);
    net.population("B", static_cast<std::uint32_t>(n));
    auto& p = net.connect(0, 1, Rule::all_to_all);
    p.delay.kind = Kind::values;
    for (std::size_t k = 0; k < n; ++k)
      p.delay.values.push_back(to_ms(1'000'000'007 + 1'000'003 * static_cast<Time>(k)));
    const auto all = expand(net);
    for (std::size_t k = 0; k < n; ++k) EXPECT_EQ(all[k].delay, 1'000'000'007 + 1'000'003 * static_cast<Time>(k));
    EXPECT_EQ(build_rows(net, 0, place(net))[0].continuous(), n > 1024);
  }
}

TEST(Delays, NegativeDelaysAreRefused) {
  Net net = hundred_each();
  auto& p = net.projections[0];
  p.delay = {.kind = Kind::normal, .a = 1.5, .b = 0.75, .where = {"net.yaml", 3, 9, "projections.0.delay"}};
  EXPECT_THAT(refusal([&] { expand(net); }), AllOf(HasSubstr("net.yaml:3:9"), HasSubstr("can be negative")));
  p.delay.quantise = 0.1;
  EXPECT_THAT(refusal([&] { expand(net); }), HasSubstr("can be negative"));
  p.delay = {.a = -1.0};
  EXPECT_THAT(refusal([&] { expand(net); }), HasSubstr("a delay of -1 ms"));
  p.delay = {.a = 1.0};
  p.dendritic_delay = -0.5;
  EXPECT_THAT(refusal([&] { expand(net); }), HasSubstr("a dendritic delay of -0.5 ms"));
}

TEST(Delays, TooManyStepsAreRefused) {
  Net net = hundred_each();
  net.projections[0].delay = {.kind = Kind::uniform, .a = 1.0, .b = 2.0, .quantise = 0.00001};
  EXPECT_THAT(refusal([&] { expand(net); }), HasSubstr("65536 steps of 1e-05 ms"));
}

}  // namespace
}  // namespace volley::test
