// SPDX-License-Identifier: Apache-2.0
// The data of a run is the same, bit for bit, on 1, 2 and 8 threads, for any block size and for a smaller window.
#include <reference/memory_results.h>
#include <reference/random_network.h>

#include <gtest/gtest.h>

#include <cmath>

namespace volley::test {
namespace {

void expect_same_data(const MemoryResults& a, const MemoryResults& b) {
  ASSERT_TRUE(a.complete && b.complete);
  EXPECT_EQ(a.spikes_of, b.spikes_of);
  EXPECT_EQ(a.states_of, b.states_of);
  EXPECT_EQ(a.weights_of, b.weights_of);
  EXPECT_EQ(a.changes_of, b.changes_of);
  EXPECT_EQ(a.rates_of, b.rates_of);
  ASSERT_EQ(a.synapses_of.size(), b.synapses_of.size());
  for (std::size_t k = 0; k < a.synapses_of.size(); ++k) {
    EXPECT_EQ(a.synapses_of[k].source, b.synapses_of[k].source);
    EXPECT_EQ(a.synapses_of[k].target, b.synapses_of[k].target);
    EXPECT_EQ(a.synapses_of[k].weight, b.synapses_of[k].weight);
    EXPECT_EQ(a.synapses_of[k].delay_ms, b.synapses_of[k].delay_ms);
  }
  ASSERT_EQ(a.phases.size(), b.phases.size());
  for (std::size_t k = 0; k < a.phases.size(); ++k) {
    EXPECT_EQ(a.phases[k].spikes, b.phases[k].spikes);
    EXPECT_EQ(a.phases[k].synaptic_events, b.phases[k].synaptic_events);
    EXPECT_EQ(a.phases[k].external_events, b.phases[k].external_events);
    EXPECT_EQ(a.phases[k].plastic_events, b.phases[k].plastic_events);
  }
}

// Every kind of record, on everything that has it.
void record_everything(Experiment& x) {
  for (std::size_t p = 0; p < x.populations.size(); ++p) {
    const PopulationSpec& s = x.populations[p];
    const View all{p, 0, s.size};
    if (s.stimulator) {
      if (s.source().emits == Emits::spikes) x.record.spikes.push_back({all, {}});
      continue;
    }
    x.record.rates.push_back({all, from_ms(7.0), {}});
    StateRecord r;
    r.what = all;
    r.every = from_ms(1.7);
    for (const std::string_view name : state_variables(s)) r.variables.emplace_back(name);
    x.record.states.push_back(r);
  }
  for (WeightRecord& w : x.record.weights) {
    w.every = from_ms(20.0);
    w.at_start = true;
    w.on_change = true;
  }
}

struct Variant {
  const char* name;
  int threads;
  std::uint32_t block_size;
  Time window;
};
constexpr Variant variants[] = {
    {"2 threads", 2, 0, 0},
    {"8 threads", 8, 0, 0},
    {"blocks of 1", 1, 1, 0},
    {"blocks of 3, 2 threads", 2, 3, 0},
    {"blocks of 5, 8 threads", 8, 5, 0},
    {"window 50 us", 1, 0, ps_per_ms / 20},
    {"window 130 us, blocks of 4, 8 threads", 8, 4, 130'000'001},
};

void expect_invariant(Experiment x) {
  x.engine = {};
  x.engine.threads = 1;
  const MemoryResults base = run_engine(x);
  std::size_t spikes = 0;
  for (const auto& s : base.spikes_of) spikes += s.size();
  EXPECT_GT(spikes, 0u);
  for (const Variant& v : variants) {
    SCOPED_TRACE(v.name);
    x.engine.threads = v.threads;
    x.engine.block_size = v.block_size;
    x.engine.window = v.window;
    expect_same_data(base, run_engine(x));
    if (testing::Test::HasFailure()) return;
  }
}

class RandomNetwork : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomNetwork, SameBits) {
  Experiment x = random_network(1000 + GetParam());
  record_everything(x);
  expect_invariant(std::move(x));
}
INSTANTIATE_TEST_SUITE_P(Invariance, RandomNetwork, testing::Range<std::uint64_t>(0, 30));

// Excitatory and inhibitory neurons with Poisson drive, large enough for several blocks to work at once.
Builder balanced(const char* model, double unit, bool plastic, double duration_ms) {
  Builder b(5);
  const Values v{{"E_L", 0.0}, {"V_th", 20.0}, {"V_reset", 10.0}, {"tau_m", 20.0}};
  const std::size_t e = b.neurons("E", model, 320, v), i = b.neurons("I", model, 80, v);
  const std::size_t drive = b.stimulator("drive", "poisson", 320, {{"rate", 9000.0}});
  const std::size_t drive_i = b.stimulator("drive_i", "poisson", 80, {{"rate", 9000.0}});
  for (const std::size_t to : {e, i}) {
    ProjectionSpec& excitation = b.connect(e, to, Connect::Rule::fixed_indegree, constant(0.2 * unit), constant(1.5));
    excitation.connect.number = 32;
    if (plastic) {
      excitation.delay = uniform(0.5, 3.0);
      excitation.rule = rule("stdp", {{"A_plus", 0.01 * unit}, {"A_minus", 0.0105 * unit}, {"W_max", 0.4 * unit}});
    }
    ProjectionSpec& inhibition = b.connect(i, to, Connect::Rule::fixed_indegree, constant(-1.0 * unit), constant(1.5));
    inhibition.connect.number = 8;
  }
  b.connect(drive, e, Connect::Rule::one_to_one, constant(0.12 * unit), constant(1.5));
  b.connect(drive_i, i, Connect::Rule::one_to_one, constant(0.12 * unit), constant(1.5));
  b.done(duration_ms);
  return b;
}

TEST(Invariance, BalancedDelta) {
  Experiment x = balanced("lif", 1.0, false, 100).x;
  record_everything(x);
  expect_invariant(std::move(x));
}
TEST(Invariance, BalancedExponentialPlastic) {
  Experiment x = balanced("lif_exp", 125.0, true, 100).x;
  record_everything(x);
  expect_invariant(std::move(x));
}

// Projections from the same neurons travel as one unless their weights are recorded: the neurons must not notice, in
// whatever order the projections are declared. Delays in steps of the window and neurons that fire together bring many
// arrivals of one instant. With many synapses a delay, rows are packed.
void expect_bundled_as_apart(std::uint64_t indegree) {
  for (const bool mixed : {false, true})
    for (const char* model : {"lif", "lif_exp"}) {
      SCOPED_TRACE(model);
      const double unit = std::string_view(model) == "lif" ? 1.0 : 125.0;
      Builder b(mixed ? 8 : 7);
      const Values v{{"E_L", 0.0}, {"V_th", 20.0}, {"V_reset", 10.0}, {"tau_m", 20.0}};
      std::vector<std::size_t> p;
      for (const char* name : {"A", "B", "C"}) p.push_back(b.neurons(name, model, 90, v));
      const std::size_t drive = b.stimulator("drive", "poisson", 30, {{"rate", 400.0}});
      for (const std::size_t to : p)
        b.connect(drive, to, Connect::Rule::fixed_indegree, constant(4.0 * unit), constant(1.0)).connect.number = 3;
      for (std::size_t k = 0; k < 9; ++k) {
        const std::size_t from = mixed ? p[(k * 2 + k / 3) % 3] : p[k % 3], to = p[k / 3];
        const double w = 15.0 * unit / static_cast<double>(indegree);
        ProjectionSpec& s = b.connect(from, to, Connect::Rule::fixed_indegree, uniform(-0.4 * w, 1.6 * w),
                                      uniform(0.5, 3.0));
        s.connect.number = indegree;
        s.delay.quantise = 0.5;
      }
      b.done(50.0);
      Experiment apart = b.x;
      for (std::size_t k = 3; k < 12; ++k) {
        apart.record.weights.emplace_back().projection = k;
        apart.record.weights.back().at_end = true;
      }
      const MemoryResults expected = run_engine(apart);
      for (const auto& spikes : expected.spikes_of) EXPECT_GT(spikes.size(), 50u);
      for (const Variant& variant : variants) {
        SCOPED_TRACE(variant.name);
        b.x.engine.threads = variant.threads;
        b.x.engine.block_size = variant.block_size;
        b.x.engine.window = variant.window;
        EXPECT_EQ(run_engine(b.x).spikes_of, expected.spikes_of);
      }
    }
}
TEST(Invariance, BundledProjectionsOrApart) { expect_bundled_as_apart(15); }
TEST(Invariance, PackedProjectionsOrApart) { expect_bundled_as_apart(60); }

// Arrivals of 2^54, 1 and -2^54 mV at one instant leave 1 mV or none, as the 1 comes last or not.
TEST(Invariance, BundlesKeepTheOrderOfProjections) {
  Builder b(1);
  const std::size_t source = b.spikes("source", {{1.0}});
  std::vector<std::size_t> from, to;
  for (const char* name : {"P", "Q", "R"}) from.push_back(b.neurons(name, "parrot", 1));
  const Values v{{"E_L", 0.0}, {"V_th", 20.0}, {"V_reset", 10.0}, {"tau_m", 20.0}};
  for (const char* name : {"X", "Y"}) to.push_back(b.neurons(name, "lif", 1, v));
  for (const std::size_t parrot : from)
    b.connect(source, parrot, Connect::Rule::one_to_one, constant(1.0), constant(1.0));
  const double weight[] = {0x1p54, -0x1p54, 1.0};
  const auto reach = [&](std::size_t target, std::size_t k) {
    b.connect(from[k], to[target], Connect::Rule::one_to_one, constant(weight[k]), constant(1.0));
  };
  for (const std::size_t k : {0, 1, 2}) reach(0, k);
  for (const std::size_t k : {0, 2, 1}) reach(1, k);
  b.done(5.0);
  for (const std::size_t k : to) b.record_states(k, {"V"}, 4.0);
  const MemoryResults got = run_engine(b.x);
  EXPECT_NEAR(got.states_of[0].back().values[0], std::exp(-1.0 / 20.0), 1e-6);
  EXPECT_EQ(got.states_of[1].back().values[0], 0.0f);
}

// More delays together than a slice can number: such projections stay apart.
TEST(Invariance, TooManyDelaysForABundle) {
  Builder b(9);
  const Values v{{"E_L", 0.0}, {"V_th", 20.0}, {"V_reset", 10.0}, {"tau_m", 20.0}};
  const std::size_t a = b.neurons("A", "lif", 60, v), c = b.neurons("B", "lif", 100, v);
  const std::size_t drive = b.stimulator("drive", "poisson", 60, {{"rate", 300.0}});
  b.connect(drive, a, Connect::Rule::one_to_one, constant(25.0), constant(1.0));
  for (const double quantum : {0.001, 0.0011}) {
    ProjectionSpec& s = b.connect(a, quantum > 0.001 ? c : a, Connect::Rule::fixed_indegree, uniform(-0.1, 0.3),
                                  uniform(0.5, 60.0));
    s.connect.number = quantum > 0.001 ? 600 : 1000;
    s.delay.quantise = quantum;
  }
  b.done(100.0);
  Experiment apart = b.x;
  for (const std::size_t k : {1, 2}) {
    apart.record.weights.emplace_back().projection = k;
    apart.record.weights.back().at_end = true;
  }
  const MemoryResults expected = run_engine(apart);
  for (const auto& spikes : expected.spikes_of) EXPECT_GT(spikes.size(), 50u);
  EXPECT_EQ(run_engine(b.x).spikes_of, expected.spikes_of);
}

// Neurons of one block may have their time constants in common by chance: the kernel is the population's all the same.
TEST(Invariance, IndividualTimeConstants) {
  Builder b = balanced("lif_exp", 125.0, true, 100);
  std::vector<double> tau_m, tau_syn;
  for (std::size_t i = 0; i < 320; ++i) {
    tau_m.push_back(i < 200 ? 20.0 : 15.0 + static_cast<double>(i % 7));
    tau_syn.push_back(i % 2 < 1 || i < 200 ? 2.0 : 3.0);
  }
  for (FieldValue& v : b.x.populations[0].model.values)
    if (v.field->name == "tau_m") v.value = one_each(tau_m);
  b.x.populations[0].model.values.push_back(
      field_value(*b.x.populations[0].model.model, "tau_syn", Value(one_each(tau_syn))));
  record_everything(b.x);
  expect_invariant(std::move(b.x));
}

// A stimulator whose spikes are recorded sends ordinary ones; the neurons must not notice, wherever the blocks are cut.
void expect_same_spikes_when_drive_is_recorded(Experiment direct) {
  const std::size_t populations = direct.record.spikes.size();
  Experiment ordinary = direct;
  for (std::size_t p = 0; p < ordinary.populations.size(); ++p)
    if (ordinary.populations[p].stimulator)
      ordinary.record.spikes.push_back({{p, 0, ordinary.populations[p].size}, {}});
  ordinary.engine.threads = 1;
  const MemoryResults expected = run_engine(ordinary);
  for (std::size_t k = 0; k < populations; ++k) EXPECT_GT(expected.spikes_of[k].size(), 5u);
  for (const Variant& v : variants) {
    SCOPED_TRACE(v.name);
    direct.engine.threads = v.threads;
    direct.engine.block_size = v.block_size;
    direct.engine.window = v.window;
    const MemoryResults got = run_engine(direct);
    for (std::size_t k = 0; k < populations; ++k) EXPECT_EQ(got.spikes_of[k], expected.spikes_of[k]);
    EXPECT_EQ(got.states_of, expected.states_of);
    EXPECT_EQ(got.weights_of, expected.weights_of);
    if (testing::Test::HasFailure()) return;
  }
}

double unit_of(std::string_view model) { return model == "lif" ? 1.0 : 125.0; }

TEST(Invariance, PoissonDirectOrOrdinary) {
  for (const char* model : {"lif", "lif_exp", "lif_alpha"}) {
    SCOPED_TRACE(model);
    Builder b = balanced(model, unit_of(model), false, 100);
    b.record_states(0, {"V"}, 5.0);
    expect_same_spikes_when_drive_is_recorded(b.x);
  }
}

TEST(Invariance, PoissonDirectOrOrdinaryToIndividualTimeConstants) {
  Builder b = balanced("lif_exp", 125.0, false, 100);
  for (std::size_t p = 0; p < 2; ++p)
    b.x.populations[p].model.values.push_back(
        field_value(*b.x.populations[p].model.model, "tau_syn", Value(uniform(1.5, 3.0))));
  b.record_states(0, {"V"}, 5.0);
  expect_same_spikes_when_drive_is_recorded(b.x);
}

TEST(Invariance, PoissonDirectOrOrdinaryIntoAPlasticNetwork) {
  expect_same_spikes_when_drive_is_recorded(balanced("lif", 1.0, true, 100).x);
}

// Few neurons and as many events that most stretches hit one of them twice and many events share a picosecond; weights
// of their own; drives below, at and above threshold; no refractoriness in one of them; time constants in common or
// not.
class DenseStreams : public testing::TestWithParam<const char*> {};

TEST_P(DenseStreams, WithTies) {
  const char* model = GetParam();
  for (const auto& [drive, individual] :
       {std::pair{0.0, false}, {250.0, false}, {400.0, false}, {0.0, true}, {250.0, true}}) {
    SCOPED_TRACE(std::to_string(drive) + (individual ? " individual" : ""));
    Builder b(11);
    const Value tau_m = individual ? Value(uniform(18.0, 24.0)) : Value(20.0);
    const Values v{{"E_L", 0.0}, {"V_th", 20.0}, {"V_reset", 10.0}, {"tau_m", tau_m}, {"I_e", drive}};
    Values no_rest = v;
    no_rest.push_back({"t_ref", 0.0});
    const std::size_t few = b.neurons("few", model, 3, v), one = b.neurons("one", model, 1, no_rest);
    const std::size_t to_few = b.stimulator("to_few", "poisson", 3, {{"rate", 1e7}});
    const std::size_t to_one = b.stimulator("to_one", "poisson", 1, {{"rate", 3e7}});
    const double w = unit_of(model) * 8e-4;
    b.connect(to_few, few, Connect::Rule::one_to_one, uniform(0.5 * w, 1.5 * w), constant(0.0));
    b.connect(to_one, one, Connect::Rule::one_to_one, constant(0.3 * w), constant(0.1));
    b.connect(few, one, Connect::Rule::all_to_all, constant(-unit_of(model)), constant(0.3));
    b.done(25.0);
    expect_same_spikes_when_drive_is_recorded(b.x);
    if (testing::Test::HasFailure()) return;
  }
}
INSTANTIATE_TEST_SUITE_P(Invariance, DenseStreams, testing::Values("lif", "lif_exp", "lif_adaptive"),
                         [](const auto& model) { return std::string(model.param); });

// Clocked neurons that hear of each other in the same tick, in the next and later, of event-driven ones and of a
// stimulator at any time.
TEST(Invariance, Clocked) {
  Builder b(7);
  const std::size_t out = b.neurons("out", "izhikevich", 12),
                    in = b.neurons("in", "izhikevich", 12, {{"I_e", uniform(0.0, 6.0)}});
  const std::size_t lif = b.neurons("lif", "lif", 12);
  const std::size_t drive = b.stimulator("drive", "poisson", 12, {{"rate", 2000.0}});
  const auto some = [&](std::size_t from, std::size_t to, double w, Distribution delay_ms) -> ProjectionSpec& {
    ProjectionSpec& p = b.connect(from, to, Connect::Rule::fixed_indegree, uniform(0.5 * w, 1.5 * w), delay_ms);
    p.connect.number = 5;
    return p;
  };
  b.connect(drive, in, Connect::Rule::one_to_one, constant(2.0), constant(0.0));
  some(in, out, 8.0, constant(0.0));
  some(out, in, 4.0, constant(0.1)).rule = rule("stdp", {{"A_plus", 0.01}, {"A_minus", 0.0105}, {"W_max", 10.0}});
  some(in, in, 3.0, Distribution{.kind = Distribution::Kind::uniform, .a = 0.1, .b = 0.5, .quantise = 0.1});
  some(out, lif, 8.0, constant(0.13 + 0.1));
  some(lif, out, 6.0, uniform(0.05, 1.0));
  b.done(300.0);
  record_everything(b.x);
  expect_invariant(std::move(b.x));
}

// Phases, and the end of a run, cut nothing.
TEST(Invariance, PhasesCutNothing) {
  for (std::uint64_t seed = 2000; seed < 2005; ++seed) {
    Experiment x = random_network(seed);
    const auto whole = run_engine(x);
    x.phases = {{"a", from_ms(60.3), true}, {"b", from_ms(39.7), true}, {"c", from_ms(100.0), true}};
    const auto parts = run_engine(x);
    EXPECT_EQ(whole.spikes_of, parts.spikes_of);
    ASSERT_EQ(whole.weights_of.size(), parts.weights_of.size());
    for (std::size_t k = 0; k < whole.weights_of.size(); ++k)
      EXPECT_EQ(whole.weights_of[k].back().values, parts.weights_of[k].back().values);
  }
}

}  // namespace
}  // namespace volley::test
