// SPDX-License-Identifier: Apache-2.0
// The engine against the reference simulator on a hundred random networks: spike by spike, weight by weight, change
// by change.
#include <reference/compare.h>
#include <reference/random_network.h>

#include <experiment/load.h>

#include <algorithm>
#include <filesystem>
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

void record_states(Experiment& x) {
  for (std::size_t p = 0; p < x.populations.size(); ++p) {
    const PopulationSpec& s = x.populations[p];
    if (s.stimulator) continue;
    StateRecord r;
    r.what = {p, 0, s.size};
    r.every = from_ms(3.3);
    for (const std::string_view name : state_variables(s)) r.variables.emplace_back(name);
    x.record.states.push_back(std::move(r));
  }
}

void expect_agreement(Experiment x) {
  SCOPED_TRACE(describe(x));
  record_states(x);
  for (WeightRecord& w : x.record.weights) w.on_change = x.projections[w.projection].rule.has_value();
  const Outcome reference = run_reference(x);
  const MemoryResults engine = run_engine(x);
  EXPECT_TRUE(engine.complete);
  EXPECT_GT(reference.spikes.size(), 0u);
  expect_same_spikes(engine.all_spikes(), reference.spikes);
  if (testing::Test::HasFailure()) return;
  expect_same_weights(x, engine, reference);
  expect_same_changes(x, engine, reference);
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
  std::set<const Model*> met, individual;  // individual: with a distribution of time constants
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Experiment x = random_network(seed);
    for (const PopulationSpec& p : x.populations) {
      met.insert(p.model.model);
      for (const FieldValue& v : p.model.values)
        if (v.field->name == "tau_m" && std::get<Distribution>(v.value).kind != Distribution::Kind::constant)
          individual.insert(p.model.model);
    }
    for (const ProjectionSpec& p : x.projections) {
      met.insert(p.synapse.model);
      if (p.rule) met.insert(p.rule->model);
    }
  }
  for (const Enrolment* e = enrolled; e; e = e->next) {
    const Model& m = *e->model;
    if (m.kind == ModelKind::stimulator || m.kind >= ModelKind::loss) continue;
    if (m.kind == ModelKind::neuron && static_cast<const NeuronModel&>(m).form == NeuronForm::step) continue;
    if (m.kind == ModelKind::neuron && static_cast<const NeuronModel&>(m).unit) continue;  // tests/learning
    EXPECT_TRUE(met.contains(&m)) << m.name;
    if (m.kind == ModelKind::neuron && static_cast<const NeuronModel&>(m).form == NeuronForm::membrane) {
      EXPECT_TRUE(individual.contains(&m)) << m.name;
    }
  }
}

// The experiments whose outcome is kept in tests/models, so that what is kept is right.
TEST(Agreement, TheModelsExperiments) {
  std::size_t met = 0;
  for (const auto& entry : std::filesystem::directory_iterator(VOLLEY_SOURCE_DIR "/tests/models")) {
    if (entry.path().extension() != ".yaml") continue;
    SCOPED_TRACE(entry.path().stem().string());
    Registry registry{enrolled};
    Experiment x = load(entry.path().string(), registry, {}).at(0).experiment;
    if (x.learns()) continue;
    const auto clocked = [](const PopulationSpec& p) { return !p.stimulator && p.neuron().form == NeuronForm::step; };
    if (std::ranges::any_of(x.populations, clocked)) continue;
    expect_agreement(std::move(x));
    ++met;
  }
  EXPECT_GT(met, 10u);
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

// Each neuron with its own dense Poisson drive, which reaches it straight from the stream: hundreds of arrivals between
// two instants, and threshold crossings between two of them.
TEST(Agreement, DenseDrive) {
  for (const auto& [model, unit] : {std::pair{"lif", 1.0}, {"lif_exp", 125.0}, {"lif_alpha", 46.0}}) {
    for (const auto& [size, spread] :
         {std::pair{1u, 0.0}, {12u, 0.0}, {150u, 0.0}, {2u, 5.0}, {12u, 5.0}, {150u, 5.0}}) {
      SCOPED_TRACE(std::to_string(size) + (spread > 0.0 ? " individual" : ""));
      Builder b(size);
      const Value tau_m = spread > 0.0 ? Value(uniform(20.0 - spread, 20.0 + spread)) : Value(20.0);
      const Values v{{"E_L", 0.0}, {"V_th", 20.0}, {"V_reset", 10.0}, {"tau_m", tau_m}};
      const std::size_t n = b.neurons("N", model, size, v);
      const std::size_t s = b.stimulator("S", "poisson", size, {{"rate", 20'000.0}});
      b.connect(s, n, Connect::Rule::one_to_one, constant(0.06 * unit), constant(1.5));
      ProjectionSpec& p = b.connect(n, n, Connect::Rule::fixed_indegree, constant(-0.5 * unit), constant(2.0));
      p.connect.number = size > 1 ? 5 : 0;
      b.init(n, "V", uniform(0.0, 20.0));
      expect_agreement(b.done(size > 12 ? 60 : 300));
    }
  }
}

}  // namespace
}  // namespace volley::test
