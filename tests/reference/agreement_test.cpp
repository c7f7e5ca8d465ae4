// SPDX-License-Identifier: Apache-2.0
// The engine against the reference simulator on a hundred random networks: spike by spike, weight by weight.
#include <reference/random_network.h>
#include <reference/reference.h>

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

namespace volley::test {
namespace {

std::string describe(const Experiment& x) {
  std::string s;
  for (const PopulationSpec& p : x.populations) s += p.name + ": " + std::string(p.model.model->name) + "; ";
  for (const ProjectionSpec& p : x.projections) {
    s += p.name + " " + std::string(p.synapse.model->name);
    if (p.rule) s += "+" + std::string(p.rule->model->name);
    s += "; ";
  }
  return s;
}

// Spikes pair off within 1 ps. Near ties may swap neurons in time order, so trains are compared neuron by neuron.
void expect_same_spikes(const std::vector<Spike>& engine, const std::vector<Spike>& reference) {
  using Trains = std::map<std::pair<std::size_t, std::uint32_t>, std::vector<Time>>;
  const auto trains = [](const std::vector<Spike>& spikes) {
    Trains t;
    for (const Spike& s : spikes) t[{s.population, s.neuron}].push_back(s.t);
    return t;
  };
  EXPECT_EQ(engine.size(), reference.size());
  Trains a = trains(engine), b = trains(reference);
  const std::pair<Time, std::string> none{never, ""};
  auto first = none;
  for (auto& [neuron, t] : b) {
    const std::vector<Time>& u = a[neuron];
    for (std::size_t k = 0; k < std::max(t.size(), u.size()); ++k) {
      const Time x = k < u.size() ? u[k] : never, y = k < t.size() ? t[k] : never;
      if (x != never && y != never && std::abs(x - y) <= 1) continue;
      first = std::min(first, {std::min(x, y), "population " + std::to_string(neuron.first) + " neuron " +
                                                  std::to_string(neuron.second) + ": engine " + std::to_string(x) + " ps, reference " + std::to_string(y) + " ps"});
      break;
    }
  }
  EXPECT_EQ(first, none) << "the first spike that differs";
}

using Key = std::tuple<std::uint32_t, std::uint32_t, double>;  // source, target, delay
std::multimap<Key, float> by_synapse(const SynapseList& s, const std::vector<float>& w) {
  std::multimap<Key, float> m;
  for (std::size_t k = 0; k < w.size(); ++k) m.emplace(Key{s.source[k], s.target[k], s.delay_ms[k]}, w[k]);
  return m;
}

void expect_same_weights(const Experiment& x, const MemoryResults& engine, const Outcome& reference) {
  for (std::size_t r = 0; r < x.record.weights.size(); ++r) {
    const std::size_t q = x.record.weights[r].projection;
    ASSERT_FALSE(engine.weights_of[r].empty());
    const auto a = by_synapse(engine.synapses_of[r], engine.weights_of[r].back().values);
    const auto b = by_synapse(reference.weights[q], reference.weights[q].weight);
    ASSERT_EQ(a.size(), b.size());
    std::size_t different = 0;
    for (auto i = a.begin(), j = b.begin(); i != a.end(); ++i, ++j) {
      ASSERT_EQ(i->first, j->first);
      different += i->second != j->second;
    }
    EXPECT_EQ(different, 0u) << "weights of " << x.projections[q].name << " that differ, of " << a.size();
  }
}

// Recorded numbers are float32 of doubles that agree far better.
void expect_same_states(const MemoryResults& engine, const Outcome& reference) {
  ASSERT_EQ(engine.states_of.size(), reference.states.size());
  for (std::size_t r = 0; r < engine.states_of.size(); ++r) {
    ASSERT_EQ(engine.states_of[r].size(), reference.states[r].size());
    for (std::size_t k = 0; k < reference.states[r].size(); ++k) {
      const StateSample &a = engine.states_of[r][k], &b = reference.states[r][k];
      ASSERT_EQ(a.t, b.t);
      ASSERT_EQ(a.values.size(), b.values.size());
      for (std::size_t i = 0; i < a.values.size(); ++i)
        ASSERT_LE(std::abs(a.values[i] - b.values[i]), 1.2e-7f * std::abs(b.values[i]) + 1e-9f) << "at " << a.t << " ps";
    }
  }
}

void record_states(Experiment& x) {
  for (std::size_t p = 0; p < x.populations.size(); ++p) {
    const PopulationSpec& s = x.populations[p];
    if (s.stimulator) continue;
    StateRecord r;
    r.what = {p, 0, s.size};
    r.every = from_ms(3.3);
    if (s.neuron().form == NeuronForm::membrane) r.variables = {"V"};
    for (const FieldInfo& f : s.neuron().state) r.variables.emplace_back(f.name);
    x.record.states.push_back(std::move(r));
  }
}

void expect_agreement(Experiment x) {
  SCOPED_TRACE(describe(x));
  record_states(x);
  const Outcome reference = run_reference(x);
  const MemoryResults engine = run_engine(x);
  EXPECT_TRUE(engine.complete);
  EXPECT_GT(reference.spikes.size(), 0u);
  expect_same_spikes(engine.all_spikes(), reference.spikes);
  if (testing::Test::HasFailure()) return;
  expect_same_weights(x, engine, reference);
  expect_same_states(engine, reference);
  EXPECT_EQ(engine.phases[0].spikes, reference.counts.spikes);
  EXPECT_EQ(engine.phases[0].synaptic_events, reference.counts.synaptic_events);
  EXPECT_EQ(engine.phases[0].external_events, reference.counts.external_events);
  EXPECT_EQ(engine.phases[0].plastic_events, reference.counts.plastic_events);
}

class RandomNetworks : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomNetworks, EngineAndReference) { expect_agreement(random_network(GetParam())); }
INSTANTIATE_TEST_SUITE_P(Agreement, RandomNetworks, testing::Range<std::uint64_t>(0, 100));

TEST(Agreement, TheNetworksMeetEveryModel) {
  std::set<const Model*> met;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Experiment x = random_network(seed);
    for (const PopulationSpec& p : x.populations) met.insert(p.model.model);
    for (const ProjectionSpec& p : x.projections) {
      met.insert(p.synapse.model);
      if (p.rule) met.insert(p.rule->model);
    }
  }
  for (const Enrolment* e = enrolled; e; e = e->next) {
    const Model& m = *e->model;
    if (m.kind == ModelKind::stimulator) continue;
    if (m.kind == ModelKind::neuron && static_cast<const NeuronModel&>(m).form == NeuronForm::step) continue;
    EXPECT_TRUE(met.contains(&m)) << m.name;
  }
}

// More units than one chunk of a stimulator, and many synapses a row.
TEST(Agreement, SeveralChunks) {
  Builder b(3);
  const std::size_t n = b.neurons("N", "lif_exp", 40, {{"tau_syn", 3.0}});
  const std::size_t s = b.stimulator("S", "poisson", 9000, {{"rate", uniform(0.0, 6.0)}});
  ProjectionSpec& input = b.connect(s, n, Connect::Rule::pairwise_bernoulli, constant(100.0), constant(1.0));
  input.connect.p = 0.2;
  b.connect(n, n, Connect::Rule::all_to_all, uniform(-60.0, 40.0), uniform(0.3, 2.0));
  expect_agreement(b.done(150));
}

}  // namespace
}  // namespace volley::test
