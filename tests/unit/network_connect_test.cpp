// SPDX-License-Identifier: Apache-2.0
// Connection rules: which pairs there are, on any number of threads and in any placement.
#include <network/parallel.h>
#include <unit/network_fixture.h>

#include <gmock/gmock.h>

namespace volley::test {
namespace {

using Rule = Connect::Rule;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;

std::size_t autapses(const std::vector<Synapse>& all) {
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [](auto& s) { return s.source == s.target; }));
}
std::size_t distinct_pairs(const std::vector<Synapse>& all) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
  for (const Synapse& s : all) pairs.emplace_back(s.source, s.target);
  std::sort(pairs.begin(), pairs.end());
  return static_cast<std::size_t>(std::unique(pairs.begin(), pairs.end()) - pairs.begin());
}

TEST(Connect, OneToOne) {
  Net net;
  net.population("A", 100);
  net.connect(0, 0, Rule::one_to_one).connect.allow_autapses = false;  // which this rule ignores
  const auto all = expand(net);
  ASSERT_EQ(all.size(), 100u);
  EXPECT_EQ(autapses(all), 100u);
}

TEST(Connect, OneToOneNeedsEqualSides) {
  Net net;
  net.population("A", 3);
  net.population("B", 4);
  net.connect(0, 1, Rule::one_to_one);
  EXPECT_THAT(refusal([&] { expand(net); }), AllOf(HasSubstr("net.yaml:1:1"), HasSubstr("3 and 4")));
}

TEST(Connect, AllToAll) {
  Net net;
  net.population("A", 30);
  net.population("B", 20);
  net.connect(0, 1, Rule::all_to_all);
  EXPECT_EQ(expand(net).size(), 600u);
  net.connect(0, 0, Rule::all_to_all).connect.allow_autapses = false;
  const auto all = expand(net, 1, place(net));
  EXPECT_EQ(all.size(), 30u * 29);
  EXPECT_EQ(autapses(all), 0u);
  EXPECT_EQ(distinct_pairs(all), 30u * 29);
}

TEST(Connect, ViewsAreCountedFromTheirFirstUnit) {
  Net net;
  net.population("A", 30);
  auto& p = net.connect(0, 0, Rule::all_to_all);
  p.from = {0, 10, 10};
  p.to = {0, 15, 10};
  p.connect.allow_autapses = false;  // units 15 .. 19 are in both
  const auto all = expand(net);
  EXPECT_EQ(all.size(), 95u);
  for (const Synapse& s : all) EXPECT_NE(s.source + 10, s.target + 15);
  EXPECT_EQ(expected_synapses(net, 0), 95.0);
}

TEST(Connect, FixedIndegreeIsExactAndItsSourcesUniform) {
  Net net;
  net.population("A", 400);
  net.population("B", 500);
  net.connect(0, 1, Rule::fixed_indegree, 100);
  const auto all = expand(net);
  EXPECT_THAT(degrees(all, &Synapse::target, 500), Each(100u));
  expect_even(degrees(all, &Synapse::source, 400));
  EXPECT_LT(distinct_pairs(all), all.size());
}

TEST(Connect, FixedOutdegreeIsExactAndItsTargetsUniform) {
  Net net;
  net.population("A", 400);
  net.population("B", 500);
  net.connect(0, 1, Rule::fixed_outdegree, 100);
  const auto all = expand(net);
  EXPECT_THAT(degrees(all, &Synapse::source, 400), Each(100u));
  expect_even(degrees(all, &Synapse::target, 500));
}

TEST(Connect, AutapsesOccurByChanceAndCanBeExcluded) {
  for (const Rule rule : {Rule::fixed_indegree, Rule::fixed_outdegree, Rule::fixed_total_number}) {
    for (const bool multapses : {true, false}) {
      Net net;
      net.population("A", 200);
      auto& p = net.connect(0, 0, rule, rule == Rule::fixed_total_number ? 10'000 : 50);
      p.connect.allow_multapses = multapses;
      EXPECT_NEAR(static_cast<double>(autapses(expand(net))), 50.0, 5.0 * std::sqrt(50.0));
      p.connect.allow_autapses = false;
      const auto all = expand(net);
      EXPECT_EQ(autapses(all), 0u);
      EXPECT_EQ(all.size(), 10'000u);
      EXPECT_EQ(distinct_pairs(all) == all.size(), !multapses);
      if (rule != Rule::fixed_indegree) continue;
      expect_even(degrees(all, &Synapse::source, 200), multapses ? 1.0 : 150.0 / 199.0);
    }
  }
}

TEST(Connect, WithoutMultapsesMostOfAllPairsAreDrawnByWhatIsLeftOut) {
  for (const std::uint64_t degree : {1u, 49u, 50u, 51u, 98u, 99u}) {
    Net net;
    net.population("A", 100);
    auto& p = net.connect(0, 0, Rule::fixed_indegree, degree);
    p.connect.allow_multapses = p.connect.allow_autapses = false;
    auto all = expand(net);
    EXPECT_THAT(degrees(all, &Synapse::target, 100), Each(degree));
    EXPECT_EQ(distinct_pairs(all), 100 * degree);
    EXPECT_EQ(autapses(all), 0u);
    p.connect.rule = Rule::fixed_total_number;
    p.connect.number = 100 * degree;
    all = expand(net);
    EXPECT_EQ(all.size(), 100 * degree);
    EXPECT_EQ(distinct_pairs(all), 100 * degree);
    EXPECT_EQ(autapses(all), 0u);
  }
}

TEST(Connect, FixedTotalNumberFallsEvenlyOnBothSides) {
  Net net;
  net.population("A", 700);
  net.population("B", 1300);
  auto& p = net.connect(0, 1, Rule::fixed_total_number, 200'000);
  for (const bool multapses : {true, false}) {
    p.connect.allow_multapses = multapses;
    const auto all = expand(net);
    ASSERT_EQ(all.size(), 200'000u);
    const double thinned = multapses ? 1.0 : 1.0 - 200'000.0 / (700.0 * 1300.0);
    expect_even(degrees(all, &Synapse::source, 700), thinned);
    expect_even(degrees(all, &Synapse::target, 1300), thinned);
  }
}

TEST(Connect, PairwiseBernoulliIsBinomialOnBothSides) {
  Net net;
  net.population("A", 1000);
  auto& p = net.connect(0, 0, Rule::pairwise_bernoulli);
  p.connect.allow_autapses = false;
  for (const double probability : {0.001, 0.1, 0.7}) {
    p.connect.p = probability;
    const auto all = expand(net);
    const double pairs = 1000.0 * 999.0, expected = probability * pairs;
    EXPECT_EQ(expected_synapses(net, 0), expected);
    EXPECT_NEAR(static_cast<double>(all.size()), expected, 5.0 * std::sqrt(expected * (1.0 - probability)));
    EXPECT_EQ(distinct_pairs(all), all.size());
    EXPECT_EQ(autapses(all), 0u);
    if (probability < 0.01) continue;
    expect_even(degrees(all, &Synapse::source, 1000), 1.0 - probability);
    expect_even(degrees(all, &Synapse::target, 1000), 1.0 - probability);
  }
  p.connect.p = 1.0;
  EXPECT_EQ(expand(net).size(), 999'000u);
  p.connect.p = 0.0;
  EXPECT_EQ(expand(net).size(), 0u);
}

TEST(Connect, AListIsTakenAsItIs) {
  Net net;
  net.population("A", 5);
  auto& p = net.connect(0, 0, Rule::list);
  p.connect.source = {4, 0, 4, 2};
  p.connect.target = {1, 1, 1, 3};
  p.connect.weight = {0.5, -1.0, 0.25, 2.0};
  p.connect.delay = {1.5, 0.1, 0.000000001, 1.5};
  const std::vector<Synapse> expected{{1, 0, 100'000'000, -1.0f, 0}, {1, 4, 1, 0.25f, 0},
                                      {1, 4, 1'500'000'000, 0.5f, 0}, {3, 2, 1'500'000'000, 2.0f, 0}};
  EXPECT_EQ(expand(net), expected);
  p.connect.allow_multapses = false;
  EXPECT_THAT(refusal([&] { expand(net); }), HasSubstr("from 4 to 1 is listed twice"));
  p.connect.source[3] = 5;
  EXPECT_THAT(refusal([&] { expand(net); }), HasSubstr("synapse 3 has source 5; they run from 0 to 4"));
  p.connect.source[3] = 3;
  p.connect.allow_autapses = false;
  EXPECT_THAT(refusal([&] { expand(net); }), HasSubstr("from 3 to 3 is an autapse"));
}

TEST(Connect, ImpossibleDegreesNameTheNumbers) {
  Net net;
  net.population("A", 100);
  auto& p = net.connect(0, 0, Rule::fixed_indegree, 100);
  p.connect.allow_multapses = p.connect.allow_autapses = false;
  EXPECT_THAT(refusal([&] { expand(net); }), AllOf(HasSubstr("indegree is 100"), HasSubstr("only 99 sources in 'A'")));
  p.connect.rule = Rule::fixed_outdegree;
  p.connect.number = 200;
  EXPECT_THAT(refusal([&] { expand(net); }), AllOf(HasSubstr("outdegree is 200"), HasSubstr("only 99 targets")));
  p.connect.rule = Rule::fixed_total_number;
  p.connect.number = 9901;
  EXPECT_THAT(refusal([&] { expand(net); }), AllOf(HasSubstr("9901"), HasSubstr("only 9900 pairs")));
  p.from = p.to = {0, 7, 1};
  p.connect.allow_multapses = true;
  EXPECT_THAT(refusal([&] { expand(net); }), HasSubstr("only 0 pairs"));
}

// The same synapses, in the same order for each pair, however the work and the neurons are divided.
TEST(Connect, NeitherThreadsNorPlacementChangeASynapse) {
  for (const Rule rule : {Rule::one_to_one, Rule::all_to_all, Rule::fixed_indegree, Rule::fixed_outdegree,
                          Rule::fixed_total_number, Rule::pairwise_bernoulli}) {
    for (const double quantum : {0.0, 0.1}) {
      Net net;
      net.population("A", 250);
      net.population("B", 250);
      auto& p = net.connect(0, 1, rule, rule == Rule::fixed_total_number ? 10'000 : 40);
      p.connect.p = 0.2;
      p.to = {1, 20, 200};
      if (rule == Rule::one_to_one) p.from = {0, 0, 200};
      p.weight = {.kind = Distribution::Kind::normal, .a = 1.0, .b = 0.5};
      p.delay = {.kind = Distribution::Kind::normal, .a = 1.5, .b = 0.75, .min = 0.05, .quantise = quantum};
      const auto expected = expand(net);
      EXPECT_NEAR(static_cast<double>(expected.size()), expected_synapses(net, 0), 5.0 * std::sqrt(10'000.0));
      for (const int threads : {1, 2, 8}) {
        for (const auto& placement : {place(net), place(net, 2, 125), place(net, 3, 31), place(net, 1, 13)}) {
          std::vector<Synapse> built;
          Workers(threads).run([&] { built = expand(net, 0, placement); });
          ASSERT_EQ(built, expected) << "rule " << static_cast<int>(rule) << ", " << threads;
        }
      }
    }
  }
}

TEST(Connect, OtherSeedsAndNamesGiveOtherPairs) {
  Net a(1), b(2);
  for (Net* net : {&a, &b}) {
    net->population("A", 300);
    net->connect(0, 0, Rule::fixed_indegree, 30);
    net->connect(0, 0, Rule::fixed_indegree, 30).name = "A->A#2";
  }
  EXPECT_NE(expand(a), expand(b));
  EXPECT_NE(expand(a, 0, place(a)), expand(a, 1, place(a)));
}

}  // namespace
}  // namespace volley::test
