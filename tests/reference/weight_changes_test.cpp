// SPDX-License-Identifier: Apache-2.0
// Weights recorded at every change: each rule against the reference, subsets, phases, and what a reader makes of them.
#include <reference/compare.h>
#include <reference/random_network.h>

#include <set>

namespace volley::test {
namespace {

// Neurons that fire, with a plastic input (a delay each) and plastic synapses between them (one delay).
Builder plastic(const ModelChoice& rule, double dendritic_delay = 0.0) {
  Builder b(7);
  const std::size_t input = b.stimulator("S", "poisson", 12, {{"rate", 60.0}});
  const std::size_t n = b.neurons("N", "lif", 9, {{"V_th", -60.0}});
  b.connect(input, n, Connect::Rule::all_to_all, uniform(0.2, 0.9), uniform(0.5, 4.0));
  b.connect(n, n, Connect::Rule::fixed_indegree, uniform(0.2, 0.9), constant(1.5)).connect.number = 6;
  for (ProjectionSpec& p : b.x.projections) {
    p.gain = 4.7;  // no number of weights of 1 makes exactly the 10 mV to threshold
    p.rule = rule;
    p.dendritic_delay = dendritic_delay;
    p.synapse = synapse("fatigue", {{"U", 0.3}, {"tau_F", 100.0}, {"transmit", false}});
  }
  return b;
}

Experiment on_change(Builder b, double duration_ms = 400.0) {
  Experiment x = b.done(duration_ms);
  for (WeightRecord& w : x.record.weights) w.on_change = true;
  return x;
}

struct Case {
  const char* name;
  const char* rule;
  Values values;
};
const std::vector<Case>& every_rule() {
  static const std::vector<Case> cases{
      {"stdp_all", "stdp", {{"pairing", "all_to_all"}}},
      {"stdp_symmetric", "stdp", {{"pairing", "nearest_symmetric"}, {"dependence", "multiplicative"}}},
      {"stdp_restricted", "stdp", {{"pairing", "nearest_restricted"}, {"dependence", "power_law"}}},
      {"stdp_centered", "stdp", {{"pairing", "nearest_pre_centered"}}},
      {"triplet", "stdp_triplet", {{"A2_plus", 0.01}, {"A3_plus", 0.02}}},
      {"fstdp_post", "fstdp", {{"base", "post_triggered"}, {"eta", 0.05}, {"theta", 0.3}}},
      {"fstdp_two", "fstdp", {{"base", "two_sided"}, {"eta", 0.05}, {"A_minus", 1.2}, {"ltd_fatigue", true}}}};
  return cases;
}

class EveryRule : public testing::TestWithParam<Case> {};

TEST_P(EveryRule, ChangesAreThoseOfTheReference) {
  for (const double dendritic_delay : {0.0, 0.7}) {
    const Experiment x = on_change(plastic(rule(GetParam().rule, GetParam().values), dendritic_delay));
    const Outcome reference = run_reference(x);
    const MemoryResults engine = run_engine(x);
    expect_same_spikes(engine.all_spikes(), reference.spikes);
    expect_same_changes(x, engine, reference);
    for (const auto& changes : engine.changes_of) EXPECT_GT(changes.size(), 100u);
  }
}
INSTANTIATE_TEST_SUITE_P(WeightChanges, EveryRule, testing::ValuesIn(every_rule()),
                         [](const auto& of) { return std::string(of.param.name); });

TEST(WeightChanges, TheTestsMeetEveryRule) {
  std::set<std::string_view> met;
  for (const Case& c : every_rule()) met.insert(c.rule);
  for (const Enrolment* e = enrolled; e; e = e->next)
    if (e->model->kind == ModelKind::rule) {
      EXPECT_TRUE(met.contains(e->model->name)) << e->model->name;
    }
}

// A subset tells what the whole tells of its synapses, under the subset's own numbers.
TEST(WeightChanges, OfASubset) {
  Experiment x = on_change(plastic(rule("stdp", {{"A_plus", 0.05}})));
  x.projections[0].from = {0, 2, 10};  // lists of sources and targets count within the views
  x.projections[0].to = {1, 1, 8};
  x.engine.block_size = 4;
  const MemoryResults whole = run_engine(x);
  x.record.weights[0].sources = {7, 1, 4};
  x.record.weights[0].targets = {0, 5, 6};
  const MemoryResults part = run_engine(x);
  const SynapseList &all = whole.synapses_of[0], &some = part.synapses_of[0];
  std::map<std::uint64_t, std::uint64_t> number;
  const std::set<std::uint32_t> sources{9, 3, 6}, targets{1, 6, 7};
  for (std::size_t k = 0; k < all.source.size(); ++k)
    if (sources.contains(all.source[k]) && targets.contains(all.target[k])) {
      const std::size_t j = number.size();
      number[k] = j;
      ASSERT_LT(j, some.source.size());
      EXPECT_EQ(std::tie(some.source[j], some.target[j], some.delay_ms[j], some.weight[j]),
                std::tie(all.source[k], all.target[k], all.delay_ms[k], all.weight[k]));
    }
  EXPECT_EQ(some.source.size(), 9u);
  EXPECT_EQ(number.size(), 9u);
  std::vector<WeightChange> expected;
  for (const WeightChange& c : whole.changes_of[0])
    if (number.contains(c.synapse)) expected.push_back({c.t, number[c.synapse], c.w});
  EXPECT_GT(expected.size(), 100u);
  EXPECT_EQ(part.changes_of[0], expected);
}

// The initial weights and all changes up to t make the weights at t, as a snapshot has them.
std::vector<float> weights_at(const MemoryResults& r, std::size_t record, Time t) {
  std::vector<float> w = r.synapses_of[record].weight;
  for (const WeightChange& c : r.changes_of[record])
    if (c.t <= t) w[c.synapse] = c.w;
  return w;
}

// Once each, also where two phases meet; an arrival at that instant comes before the snapshot.
TEST(WeightChanges, MakeTheSnapshots) {
  Builder b = plastic(rule("stdp", {{"A_plus", 0.05}}));
  const std::size_t one = b.spikes("T", {{180.0, 199.0}});
  ProjectionSpec& p = b.connect(one, 1, Connect::Rule::all_to_all, constant(0.5), constant(1.0));
  p.gain = 12.0;
  p.rule = rule("stdp");
  Experiment x = on_change(std::move(b));
  x.phases = {{"a", from_ms(200.0), true}, {"b", from_ms(200.0), true}};
  for (WeightRecord& w : x.record.weights) w.every = from_ms(10.0);
  const MemoryResults r = run_engine(x);
  for (std::size_t k = 0; k < 3; ++k) {
    ASSERT_EQ(r.weights_of[k].size(), 41u);
    for (std::size_t s = 0; s < 41; ++s) {
      EXPECT_EQ(r.weights_of[k][s].t, from_ms(10.0 * static_cast<double>(s)));
      EXPECT_EQ(r.weights_of[k][s].values, weights_at(r, k, r.weights_of[k][s].t)) << s;
    }
  }
  EXPECT_TRUE(std::any_of(r.changes_of[2].begin(), r.changes_of[2].end(),
                          [](const WeightChange& c) { return c.t == from_ms(200.0); }));
}

// Frozen: nothing changes. Not recorded: what has changed meanwhile is told when the next recorded phase begins.
TEST(WeightChanges, OfPhases) {
  Experiment x = on_change(plastic(rule("stdp", {{"A_plus", 0.05}})));
  x.phases = {{"a", from_ms(100.0), true}, {"frozen", from_ms(100.0), false}, {"b", from_ms(100.0), true},
              {"c", from_ms(100.0), true}};
  const MemoryResults whole = run_engine(x);
  const auto between = [](const MemoryResults& r, double from_time, double to_time) {
    std::vector<WeightChange> c;
    for (const WeightChange& k : r.changes_of[0])
      if (k.t >= from_ms(from_time) && k.t < from_ms(to_time)) c.push_back(k);
    return c;
  };
  EXPECT_FALSE(between(whole, 0, 100).empty());
  EXPECT_TRUE(between(whole, 100, 200).empty());
  EXPECT_FALSE(between(whole, 200, 300).empty());

  x.record.weights[0].phases = {0, 3};
  const MemoryResults gap = run_engine(x);
  EXPECT_EQ(between(gap, 0, 100), between(whole, 0, 100));
  EXPECT_TRUE(between(gap, 100, 300).empty());
  EXPECT_EQ(weights_at(gap, 0, from_ms(300.0)), weights_at(whole, 0, from_ms(300.0)));
  std::vector<WeightChange> after;
  for (const WeightChange& c : between(gap, 300, 400))
    if (c.t > from_ms(300.0)) after.push_back(c);
  EXPECT_EQ(after, between(whole, 300.000000001, 400));
  EXPECT_EQ(gap.changes_of[1], whole.changes_of[1]);  // recorded throughout
}

// An arrival and a spike of one instant: two changes, in that order.
TEST(WeightChanges, TwiceInAnInstant) {
  Builder b;
  const std::size_t s = b.spikes("S", {{10.0, 20.0}}), n = b.neurons("N", "lif", 1);
  ProjectionSpec& p = b.connect(s, n, Connect::Rule::one_to_one, constant(0.5), constant(1.0));
  p.gain = 100.0;
  p.rule = rule("stdp", {{"A_plus", 0.1}, {"A_minus", 0.05}});
  const MemoryResults r = run_engine(on_change(std::move(b), 50.0));
  const auto risen = static_cast<float>(0.5 + 0.1);
  const auto depressed = static_cast<float>(static_cast<double>(risen) - 0.05 * std::exp(-0.5));
  const auto raised = static_cast<float>(static_cast<double>(depressed) + 0.1 * (1.0 + std::exp(-0.5)));
  const Time first = from_ms(11.0), second = from_ms(21.0);
  const std::vector<WeightChange> expected{{first, 0, risen}, {second, 0, depressed}, {second, 0, raised}};
  EXPECT_EQ(r.changes_of[0], expected);
}

}  // namespace
}  // namespace volley::test
