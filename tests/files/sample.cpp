// SPDX-License-Identifier: Apache-2.0
// The made-up experiment and its data.
#include "sample.h"

#include <unistd.h>

#include <filesystem>

namespace volley::test {
namespace {

constexpr Time ms = ps_per_ms;

NeuronModel make_neuron() {
  static const FieldInfo state[] = {{.name = "V", .unit = "mV", .doc = "membrane potential"},
                                    {.name = "I_syn", .unit = "pA", .doc = "synaptic current"}};
  NeuronModel m{};
  m.kind = ModelKind::neuron;
  m.name = "lif_exp";
  m.state = state;
  return m;
}

StimulatorModel make_stimulator() {
  StimulatorModel m{};
  m.kind = ModelKind::stimulator;
  m.name = "poisson";
  return m;
}

RuleModel make_rule() {
  RuleModel m{};
  m.kind = ModelKind::rule;
  m.name = "stdp";
  return m;
}

struct Scratch {
  std::filesystem::path folder = std::filesystem::temp_directory_path() / ("volley_files_" + std::to_string(getpid()));
  Scratch() { std::filesystem::create_directories(folder); }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
};

}  // namespace

std::string scratch(const std::string& name) {
  static const Scratch s;
  return (s.folder / name).string();
}

Experiment sample_experiment() {
  static const NeuronModel neuron = make_neuron();
  static const StimulatorModel stimulator = make_stimulator();
  static const RuleModel rule = make_rule();
  Experiment e;
  e.file = "sample.yaml";
  e.name = "sample";
  e.seed = 18446744073709551615u;
  e.source = "volley: 1\n# \xC3\xA9t\xC3\xA9\n";
  e.resolved = "volley: 1\nseed: 1\n";
  e.warnings = {"a warning of the file"};
  e.plugins = {{"models.so", "volley-1/gcc-12", "ab12"}};

  PopulationSpec E;
  E.name = "E";
  E.model.model = &neuron;
  E.size = 4;
  PopulationSpec drive;
  drive.name = "drive";
  drive.stimulator = true;
  drive.model.model = &stimulator;
  drive.size = 3;
  e.populations = {E, drive};

  ProjectionSpec plastic;
  plastic.name = "drive->E";
  plastic.from = {1, 0, 3};
  plastic.to = {0, 0, 4};
  plastic.port_unit = "mV";
  plastic.gain = 0.5;
  plastic.rule = ModelChoice{&rule, {}, {}};
  ProjectionSpec slash = plastic;
  slash.name = "a/b";
  slash.gain.reset();
  slash.rule.reset();
  e.projections = {plastic, slash};

  e.phases = {{"warmup", 10 * ms}, {"measure", 20 * ms}};
  e.record.spikes = {{{0, 0, 4}, {}}, {{0, 1, 2}, {}}, {{1, 0, 3}, {}}};
  e.record.states = {{{0, 0, 4}, {"V", "I_syn"}, {}, 5 * ms, {}, {}}, {{0, 0, 4}, {"V"}, {3, 1}, 4 * ms, {}, {}}};
  WeightRecord all;
  all.projection = 0;
  all.every = 10 * ms;
  all.on_change = true;
  WeightRecord nothing;
  nothing.projection = 1;
  nothing.at_start = true;
  e.record.weights = {all, nothing};
  e.record.rates = {{{0, 0, 4}, 10 * ms, {}}};
  return e;
}

std::vector<SynapseList> sample_synapses() {
  return {{{0, 1, 2}, {0, 1, 3}, {0.5f, 0.25f, 0.125f}, {1.0, 1.5, 0.001}}, {}};
}

void write_sample(const std::string& file) {
  const auto results = make_hdf5_results({.file = file, .flush_s = 0.05, .command = {"volley", "run", "sample.yaml"}});
  results->open(sample_experiment(), sample_synapses());
  std::vector<float> w = sample_synapses()[0].weight;
  for (std::size_t phase = 0; phase < 2; ++phase) {
    const Time start = phase == 0 ? 0 : 10 * ms, end = phase == 0 ? 10 * ms : 30 * ms;
    results->begin_phase(phase, start);
    for (Time t = start; t < end; t += ms) {
      const Time times[] = {t + 1, t + 1, t + ms / 3};
      const std::uint32_t ids[] = {0, 2, 1};
      results->spikes(0, times, ids);
      results->spikes(1, std::span(times).last(1), std::span(ids).last(1));
      if (t % (5 * ms) == 0) {
        const float v = static_cast<float>(to_ms(t));
        results->state(0, t, std::vector<float>{v, v + 1, v + 2, v + 3, -v, -v - 1, -v - 2, -v - 3});
      }
      if ((t - start) % (4 * ms) == 0) results->state(1, t, std::vector<float>{3.0f, 1.0f});  // two grids: 0.., 10..
      if (t % (10 * ms) == 0) {
        results->weights(0, t, w);
        results->rate(0, t + 10 * ms, 300.0);
      }
      if (t == start) {
        w[0] += 0.25f;
        w[2] *= 2.0f;
        const std::vector<std::uint64_t> changed{0, 2};
        results->weight_changes(0, std::vector<Time>{t + 7, t + 7}, changed, std::vector{w[0], w[2]});
      }
    }
    if (phase == 0) results->weights(1, 0, {});
    PhaseCounts c;
    c.name = phase == 0 ? "warmup" : "measure";
    c.build_s = 0.5;
    c.simulate_s = 1.5;
    c.sim_time_ms = to_ms(end - start);
    c.spikes = static_cast<std::uint64_t>(to_ms(end - start)) * 3;
    c.synaptic_events = 11;
    c.external_events = 12;
    c.plastic_events = 13;
    results->end_phase(phase, c);
  }
  RunCounts counts;
  counts.neurons = 4;
  counts.synapses = 3;
  counts.bytes_per_synapse = 6.0;
  counts.build_s = 0.5;
  counts.peak_rss_mb = 42.0;
  counts.window = ms;
  counts.threads = 2;
  counts.isa = "avx2";
  results->close(counts, true, {"a warning of the file", "a warning of the run"});
}

}  // namespace volley::test
