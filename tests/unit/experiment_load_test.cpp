// SPDX-License-Identifier: Apache-2.0
// Loading: what the grammar means, the resolved file, overrides and sweeps. What is refused is in tests/errors.
#include <engine/place.h>
#include <experiment/load.h>
#include <network/connect.h>
#include <network/error.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace {
using namespace volley;
namespace fs = std::filesystem;
using testing::ElementsAre;

// A folder of this test, removed at its end.
class Loading : public testing::Test {
 protected:
  fs::path folder = fs::temp_directory_path() / ("volley_load_" + std::to_string(getpid()));
  Registry registry{enrolled};

  Loading() { fs::create_directories(folder); }
  ~Loading() override { fs::remove_all(folder); }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder / name) << text;
    return (folder / name).string();
  }
  std::vector<SweepPoint> points(const std::string& yaml, LoadOptions options = {}) {
    return load(write("test.yaml", yaml), registry, options);
  }
  Experiment one(const std::string& yaml, LoadOptions options = {}) { return points(yaml, options).at(0).experiment; }
};

// Everything of an experiment that a run depends on, as text.
void tell(std::ostream& o, const Distribution& d) {
  o << int(d.kind) << ' ' << d.a << ' ' << d.b << " [" << d.min << ' ' << d.max << "] " << d.clip << ' ' << d.quantise;
  for (const double x : d.values) o << ' ' << x;
  o << '\n';
}
void tell(std::ostream& o, const ModelChoice& m) {
  // Values by field, defaults included, so that a default and its written form are the same.
  o << m.model->name << '\n';
  for (const FieldInfo& f : m.model->parameters) {
    o << "  " << f.name << ": ";
    const auto v = std::find_if(m.values.begin(), m.values.end(), [&](const FieldValue& x) { return x.field == &f; });
    if (v == m.values.end()) {
      if (f.kind == FieldKind::number) tell(o, Distribution{.a = f.number});
      else if (f.kind == FieldKind::text) o << f.text << '\n';
      else
        o << (f.kind == FieldKind::path || f.kind > FieldKind::path ? "" : std::to_string(static_cast<long>(f.number)))
          << '\n';
      continue;
    }
    std::visit([&]<class T>(const T& x) {
      if constexpr (std::is_same_v<T, Distribution>) tell(o, x);
      else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::int64_t>) o << static_cast<long>(x) << '\n';
      else if constexpr (std::is_same_v<T, std::string>) o << x << '\n';
      else o << testing::PrintToString(x) << '\n';
    }, v->value);
  }
}
std::string tell(const Experiment& e) {
  std::ostringstream o;
  o.precision(17);
  const auto view = [&](const View& v) { o << v.population << '[' << v.first << '+' << v.count << "] "; };
  const auto list = [&](const auto& v) { o << testing::PrintToString(v) << ' '; };
  o << e.seed << ' ' << e.tick << ' ' << e.engine.window << ' ' << e.engine.memory_limit_mb << ' '
    << e.engine.block_size << ' ' << e.engine.threads << '\n';
  for (const PopulationSpec& p : e.populations) {
    o << p.name << ' ' << p.stimulator << ' ' << p.size << ' ' << p.substeps << ' ';
    tell(o, p.model);
    for (const InitialValue& i : p.init) o << i.variable << ' ', tell(o, i.value);
  }
  for (const ProjectionSpec& p : e.projections) {
    o << p.name << ' ';
    view(p.from), view(p.to);
    o << int(p.connect.rule) << ' ' << p.connect.number << ' ' << p.connect.p << p.connect.allow_autapses
      << p.connect.allow_multapses;
    list(p.connect.source), list(p.connect.target), list(p.connect.weight), list(p.connect.delay);
    tell(o, p.weight), tell(o, p.delay);
    o << p.dendritic_delay << ' ' << p.port << p.port_unit << int(p.sign) << ' ' << p.gain.value_or(0.0) << '\n';
    tell(o, p.synapse);
    if (p.rule) tell(o, *p.rule);
  }
  for (const PhaseSpec& p : e.phases) o << p.name << ' ' << p.duration << ' ' << p.plasticity << '\n';
  for (const auto& r : e.record.spikes) view(r.what), list(r.phases);
  for (const auto& r : e.record.states)
    view(r.what), list(r.variables), list(r.neurons), list(r.phases), o << r.every << '\n';
  for (const auto& r : e.record.weights)
    o << r.projection << ' ' << r.every << r.on_change << r.at_start << r.at_end, list(r.at), list(r.sources),
        list(r.targets), list(r.phases);
  for (const auto& r : e.record.rates) view(r.what), list(r.phases), o << r.every << '\n';
  return o.str();
}

const std::string rich = R"(
volley: 1
seed: 12345678901234567890
tick: 0.5 ms
phases: [{simulate: 1 s}, {simulate: {duration: 20 ticks, name: frozen, plasticity: frozen}}, {simulate: 1 ms}]
engine: {window: 0.2 ms, memory_limit: 1.5 GB, block_size: 100, threads: 2}
populations:
  E:
    neuron: lif_exp2
    size: [2, 3]
    depth: 2
    parameters: &shared {tau_m: {normal: {mean: 20 ms, sd: 2 ms, min: 5 ms, outside: clip}}, V_th: {values: [-50 mV, -51 mV, -52 mV, -53 mV, -54 mV, -0.055 V]}}
    init: {V: {uniform: [-70 mV, -60 mV]}}
  C: {neuron: lif_cond, size: 3, substeps: 4}
  X: {neuron: lif_exp2, size: 6, parameters: {<<: *shared, tau_m: 10 ms}}
  in: {stimulator: poisson, size: 6, parameters: {rate: {gamma: [2, 5 Hz]}}}
  given: {stimulator: spikes, size: 2, parameters: {times: [[1 ms, 2 ms], []]}}
  drive: {stimulator: current_step, size: 3, parameters: {times: [0 ms, 5 ms], currents: [10 pA, 0 pA]}}
projections:
  - {chain: [in, E, X], connect: one_to_one, weight: {normal: [10 pA, 5 pA]}, delay: {normal: {mean: 1.5 ms, sd: 0.75 ms, min: 0.05 ms, quantise: 0.1 ms}}}
  - {from: "E.0[1..3]", to: [E.1, X], connect: {fixed_indegree: {indegree: 2, allow_autapses: false}}, weight: -20 pA, delay: 1 ms, dendritic_delay: 0.25 ms}
  - {from: in, to: X, connect: all_to_all, weight: 0.5, gain: 2 pA, delay: 1 ms, synapse: {fatigue: {U: 0.3}}, plasticity: {fstdp: {base: two_sided, A_minus: 1.1}}}
  - {from: C, to: C, connect: {pairwise_bernoulli: {p: 0.5}}, weight: 1 nS, port: inh, delay: 2 ticks, name: clocked}
  - {from: drive, to: C, connect: one_to_one, weight: 1, delay: 0 ms}
  - {from: E.0, to: X, connect: {list: {file: edges.csv}}}
record:
  spikes: {"*": {phases: [frozen, simulate]}, "X[1..4]": }
  states: {E: {variables: [V, I_exc], every: 1 ms, neurons: [0, 3..4]}}
  weights: {"in->X": {every: change, at: [start, 5 ms]}, clocked: {sources: 0..1}}
  rates: {X: {every: 10 ms}}
)";

TEST_F(Loading, ResolvedFileMeansTheSame) {
  write("edges.csv", "source,target,weight,delay\n0,5,12.5 pA,1 ms\n3,0,3,0.5\n");
  const Experiment e = one(rich);
  const Experiment again = load(write("resolved.yaml", e.resolved), registry, {}).at(0).experiment;
  EXPECT_EQ(tell(e), tell(again));
  EXPECT_EQ(e.resolved, again.resolved);
}

TEST_F(Loading, EveryExperimentOfTheProject) {
  int count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(VOLLEY_SOURCE_DIR) / "experiments")) {
    if (entry.path().extension() != ".yaml") continue;
    ++count;
    std::vector<SweepPoint> points;
    try {
      points = load(entry.path().string(), registry, {});
    } catch (const InputError& e) {  // its data are fetched by `get-data`, and read where VOLLEY_DATA names them
      EXPECT_THAT(e.what(), testing::ContainsRegex("(jsb_chorales.h5|t10k-images-idx3-ubyte.gz)' does not exist"));
    }
    for (const SweepPoint& p : points) {
      const fs::path beside = entry.path().parent_path();  // files are found relative to the experiment
      const std::string file = write("resolved.yaml", p.experiment.resolved);
      const Experiment again = load(file, registry, {.data = {beside.string()}}).at(0).experiment;
      EXPECT_EQ(tell(p.experiment), tell(again)) << entry.path();
    }
  }
  EXPECT_GE(count, 8);
}

TEST_F(Loading, GrammarMeans) {
  write("edges.csv", "source,target,weight,delay\n0,5,12.5 pA,1 ms\n3,0,3,0.5\n");
  const Experiment e = one(rich);
  std::vector<std::string> names;
  for (const auto& p : e.populations) names.push_back(p.name);
  EXPECT_THAT(names, ElementsAre("E.0", "E.1", "C", "X", "in", "given", "drive"));
  EXPECT_EQ(e.populations[0].size, 6u);
  names.clear();
  for (const auto& p : e.projections) names.push_back(p.name);
  EXPECT_THAT(names, ElementsAre("in->E.0", "E.0->E.1", "E.1->X", "E.0[1..3]->E.1", "E.0[1..3]->X", "in->X", "clocked",
                                 "drive->C", "E.0->X"));
  EXPECT_EQ(e.tick, from_ms(0.5));
  EXPECT_EQ(e.seed, 12345678901234567890u);
  EXPECT_THAT((std::vector{e.phases[0].name, e.phases[1].name, e.phases[2].name}),
              ElementsAre("simulate", "frozen", "simulate#2"));
  EXPECT_EQ(e.phases[1].duration, from_ms(10));

  const ProjectionSpec& exc = e.projections[0];  // port by sign: bounded at 0 by redrawing
  EXPECT_EQ(exc.port, 0);
  EXPECT_EQ(exc.sign, SignRule::non_negative);
  EXPECT_EQ(exc.weight.min, 0.0);
  EXPECT_EQ(exc.delay.quantise, 0.1);
  const ProjectionSpec& inh = e.projections[3];
  EXPECT_EQ(inh.port, 1);
  EXPECT_EQ(inh.sign, SignRule::non_positive);
  EXPECT_EQ(inh.from.first, 1u);
  EXPECT_EQ(inh.from.count, 3u);
  EXPECT_EQ(inh.dendritic_delay, 0.25);
  EXPECT_FALSE(inh.connect.allow_autapses);
  EXPECT_EQ(e.projections[5].gain, 2.0);
  EXPECT_EQ(e.projections[6].delay.a, 1.0);  // 2 ticks
  EXPECT_EQ(e.projections[6].sign, SignRule::non_negative);
  EXPECT_EQ(e.projections[7].port_unit, "");
  EXPECT_THAT(e.projections[8].connect.weight, ElementsAre(12.5, 3.0));
  EXPECT_THAT(e.projections[8].connect.delay, ElementsAre(1.0, 0.5));
  EXPECT_EQ(e.record.states.size(), 2u);  // both layers
  EXPECT_THAT(e.record.states[1].neurons, ElementsAre(0u, 3u, 4u));
  EXPECT_TRUE(e.record.weights[0].on_change);
  EXPECT_THAT(e.record.weights[0].at, ElementsAre(from_ms(5)));
  EXPECT_TRUE(e.record.weights[1].at_start && e.record.weights[1].at_end);
}

const std::string small = R"(
volley: 1
seed: 1
duration: 10 ms
populations:
  E: {neuron: lif, size: 10}
projections:
  - {from: E, to: E, connect: one_to_one, weight: 1 mV, delay: 1 ms, synapse: tsodyks_markram}
  - {name: second, from: E, to: E, connect: one_to_one, weight: 2 mV, delay: 1 ms}
)";

TEST_F(Loading, SetsReachAnyLeaf) {
  EXPECT_EQ(one(small, {.set = {"populations.E.size=20"}}).populations[0].size, 20u);
  EXPECT_EQ(one(small, {.set = {"populations.E.parameters.V_th=-40 mV"}}).populations[0].model.values.size(),
            1u);  // was a default
  EXPECT_EQ(one(small, {.set = {"projections.1.weight=3 mV"}}).projections[1].weight.a, 3.0);
  EXPECT_EQ(one(small, {.set = {"projections.second.weight=3 mV"}}).projections[1].weight.a, 3.0);
  EXPECT_EQ(one(small, {.set = {"projections.E->E.weight=3 mV"}}).projections[0].weight.a, 3.0);
  const Experiment all = one(small, {.set = {"projections.*.delay={uniform: [1 ms, 2 ms]}"}});
  for (const auto& p : all.projections) EXPECT_EQ(p.delay.kind, Distribution::Kind::uniform);
  EXPECT_EQ(one(small, {.set = {"projections.0.synapse.tsodyks_markram.U=0.2"}}).projections[0].synapse.values.size(),
            1u);
  EXPECT_EQ(one(small, {.set = {"engine.threads=3", "seed=7"}}).engine.threads, 3);
  EXPECT_EQ(one(small, {.set = {"seed=7"}}).seed, 7u);
  EXPECT_EQ(one(small, {.set = {"seed=7"}, .seed = 9}).seed, 9u);
  EXPECT_EQ(one(small, {.set = {"record.spikes=[E]"}}).record.spikes.size(), 1u);
}

// The longest time is one number, which the manual states.
TEST_F(Loading, TimesReachAsFarAsTheManualSays) {
  std::ifstream manual(fs::path(VOLLEY_SOURCE_DIR) / "docs/experiment-file.md");
  std::stringstream text;
  text << manual.rdbuf();
  ASSERT_NE(text.str().find("up to " + std::to_string(static_cast<int>(longest_ms / 86'400'000)) +
                            " days; a delay and the simulated time together"),
            std::string::npos);
  const auto with = [](const std::string& duration, const std::string& delay, const std::string& dendritic) {
    return "volley: 1\nduration: " + duration +
           "\npopulations: {E: {neuron: lif, size: 2}}\nprojections:\n"
           "  - {from: E, to: E, connect: all_to_all, weight: 1 mV, delay: " + delay +
           ", dendritic_delay: " + dendritic + "}\n";
  };
  for (const auto& [duration, delay, dendritic] :
       {std::array{"106 days", "1 ms", "0 ms"}, std::array{"1 day", "105 days", "0 ms"},
        std::array{"1 day", "100 days", "5 days"}, std::array{"1 day", "{uniform: [1 day, 105 days]}", "0 ms"}}) {
    const Experiment e = one(with(duration, delay, dendritic));
    const auto rows = build_rows(e, 0, place(e, 1));
    const Time last = e.duration() + delay_of(rows[0], 0, 0);
    EXPECT_GT(last, 0) << duration << ", " << delay;
    EXPECT_LT(last, never);
  }
  for (const auto& [duration, delay, dendritic] :
       {std::array{"107 days", "1 ms", "0 ms"}, std::array{"1 day", "106 days", "0 ms"},
        std::array{"1 day", "100 days", "6 days"}, std::array{"54 days", "53 days", "0 ms"}}) {
    try {
      one(with(duration, delay, dendritic));
      ADD_FAILURE() << duration << ", " << delay << " was accepted";
    } catch (const InputError& e) {
      EXPECT_THAT(e.what(), testing::HasSubstr("106 days"));
    }
  }
  const Experiment drawn = one(with("100 days", "{uniform: [1 day, 105 days]}", "0 ms"));
  EXPECT_THROW(build_rows(drawn, 0, place(drawn, 1)), InputError);
}

TEST_F(Loading, SweepIsAGridFirstAxisSlowest) {
  const auto grid =
      points(small + "sweep: {seed: [1, 2], projections.*.synapse: [static, {fatigue: {U: 0.1, tau_F: 100 ms}}]}\n");
  ASSERT_EQ(grid.size(), 4u);
  std::vector<std::string> seen;
  for (const SweepPoint& p : grid) {
    ASSERT_EQ(p.values.size(), 2u);
    EXPECT_EQ(p.values[0].first, "seed");
    EXPECT_EQ(std::to_string(p.experiment.seed), p.values[0].second);
    seen.push_back(p.values[0].second + " " + std::string(p.experiment.projections[1].synapse.model->name));
  }
  EXPECT_THAT(seen, ElementsAre("1 static", "1 fatigue", "2 static", "2 fatigue"));
  EXPECT_EQ(grid[1].values[1].second, "{fatigue: {U: 0.1, tau_F: 100 ms}}");
}

TEST_F(Loading, SeedIsDrawnOnceForAllPoints) {
  std::string unseeded = small;
  unseeded.erase(unseeded.find("seed: 1\n"), 8);
  const auto grid = points(unseeded + "sweep: {populations.E.size: [1, 2]}\n");
  EXPECT_EQ(grid[0].experiment.seed, grid[1].experiment.seed);
  EXPECT_NE(grid[0].experiment.seed, one(unseeded).seed);  // fails once in 2^32 runs
}

TEST_F(Loading, ClockedModelsTakeADefaultTick) {
  EXPECT_EQ(one("volley: 1\nduration: 1 ms\npopulations: {C: {neuron: lif_cond, size: 1}}\n").tick, from_ms(0.1));
  EXPECT_EQ(one(small).tick, 0);
}

TEST_F(Loading, FilesAreFoundBesideTheExperimentThenInTheDataFolders) {
  const std::string yaml =
      "volley: 1\nduration: 1 ms\npopulations: {S: {stimulator: spikes, size: 1, parameters: {file: s.csv}}}\n";
  EXPECT_THROW(one(yaml), InputError);
  fs::create_directories(folder / "data");
  write("data/s.csv", "unit,time\n0,1\n");
  const Experiment e = one(yaml, {.data = {(folder / "data").string()}});
  EXPECT_EQ(std::get<std::string>(e.populations[0].model.values[0].value), (folder / "data/s.csv").string());
}

TEST(Registry, NearestNameIsATypoNotAGuess) {
  const std::vector<std::string> names{"lif", "lif_exp", "tau_m", "E"};
  EXPECT_EQ(nearest_name("lfi", names), "lif");
  EXPECT_EQ(nearest_name("LIF", names), "lif");
  EXPECT_EQ(nearest_name("tau", names), "tau_m");
  EXPECT_EQ(nearest_name("lifexp", names), "lif_exp");
  EXPECT_EQ(nearest_name("zebra", names), "");
  EXPECT_EQ(nearest_name("X", names), "");
}

}  // namespace
