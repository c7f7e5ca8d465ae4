// SPDX-License-Identifier: Apache-2.0
// Results kept in memory, and a run of the engine into them.
#pragma once

#include <reference/build.h>

#include <engine/simulation.h>
#include <network/results.h>

#include <algorithm>
#include <atomic>
#include <compare>

namespace volley::test {

struct Spike {
  Time t;
  std::size_t population;
  std::uint32_t neuron;
  auto operator<=>(const Spike&) const = default;
};

struct StateSample {
  Time t;
  std::vector<float> values;
  bool operator==(const StateSample&) const = default;
};
struct WeightSample {
  Time t;
  std::vector<float> values;
  bool operator==(const WeightSample&) const = default;
};
struct WeightChange {
  Time t;
  std::uint64_t synapse;
  float w;
  auto operator<=>(const WeightChange&) const = default;
};
struct RateSample {
  Time t;
  double hz;
  bool operator==(const RateSample&) const = default;
};

class MemoryResults final : public Results {
 public:
  std::vector<std::vector<Spike>> spikes_of;           // by record
  std::vector<std::vector<StateSample>> states_of;     // by record
  std::vector<SynapseList> synapses_of;                // by weight record
  std::vector<std::vector<WeightSample>> weights_of;   // by weight record
  std::vector<std::vector<WeightChange>> changes_of;   // by weight record
  std::vector<std::vector<RateSample>> rates_of;       // by rate record
  std::vector<PhaseCounts> phases;
  RunCounts counts;
  bool complete = false;

  void open(const Experiment& e, const std::vector<SynapseList>& w) override {
    experiment_ = &e;
    spikes_of.resize(e.record.spikes.size());
    states_of.resize(e.record.states.size());
    rates_of.resize(e.record.rates.size());
    synapses_of = w;
    weights_of.resize(w.size());
    changes_of.resize(w.size());
  }
  void begin_phase(std::size_t, Time) override {}
  void spikes(std::size_t r, std::span<const Time> t, std::span<const std::uint32_t> id) override {
    const std::size_t population = experiment_->record.spikes[r].what.population;
    for (std::size_t k = 0; k < t.size(); ++k) spikes_of[r].push_back({t[k], population, id[k]});
  }
  void state(std::size_t r, Time t, std::span<const float> v) override {
    states_of[r].push_back({t, {v.begin(), v.end()}});
  }
  void weights(std::size_t r, Time t, std::span<const float> w) override {
    weights_of[r].push_back({t, {w.begin(), w.end()}});
  }
  void weight_changes(std::size_t r, std::span<const Time> t, std::span<const std::uint64_t> synapse,
                      std::span<const float> w) override {
    for (std::size_t k = 0; k < t.size(); ++k) changes_of[r].push_back({t[k], synapse[k], w[k]});
  }
  void rate(std::size_t r, Time t, double hz) override { rates_of[r].push_back({t, hz}); }
  void end_phase(std::size_t, const PhaseCounts& c) override { phases.push_back(c); }
  void close(const RunCounts& c, bool done, const std::vector<std::string>&) override {
    counts = c;
    complete = done;
  }

  // Spikes of all records together, ascending (t, population, neuron).
  std::vector<Spike> all_spikes() const {
    std::vector<Spike> all;
    for (const auto& s : spikes_of) all.insert(all.end(), s.begin(), s.end());
    std::sort(all.begin(), all.end());
    return all;
  }

 private:
  const Experiment* experiment_ = nullptr;
};

// Runs the engine to the end and checks that no event was lost.
inline MemoryResults run_engine(const Experiment& e) {
  const NoFiles files;
  Simulation simulation(e, files);
  MemoryResults results;
  const std::atomic<bool> stop{false};
  const bool complete = simulation.run(results, stop, [](const Progress&) {});
  simulation.check_conservation();
  results.close(simulation.counts(), complete, simulation.warnings());
  return results;
}

// Times (ms) of one neuron's spikes.
inline std::vector<double> times_of(const std::vector<Spike>& spikes, std::size_t population,
                                    std::uint32_t neuron = 0) {
  std::vector<double> t;
  for (const Spike& s : spikes)
    if (s.population == population && s.neuron == neuron) t.push_back(to_ms(s.t));
  return t;
}

}  // namespace volley::test
