// SPDX-License-Identifier: Apache-2.0
// What a run tells while it runs. The engine calls it from one thread, in network time; core/output writes HDF5.
#pragma once

#include <network/description.h>

#include <span>

namespace volley {

struct PhaseCounts {
  std::string name;
  double build_s = 0, simulate_s = 0, sim_time_ms = 0;
  std::uint64_t spikes = 0;           // of neurons (stimulators' spikes are external events)
  std::uint64_t synaptic_events = 0;  // arrivals over synapses between neurons
  std::uint64_t external_events = 0;  // arrivals from stimulators
  std::uint64_t plastic_events = 0;   // on_pre and on_post, one synapse each
};

struct RunCounts {
  std::vector<PhaseCounts> phases;
  std::uint64_t neurons = 0, synapses = 0;
  double bytes_per_synapse = 0, build_s = 0, peak_rss_mb = 0;
  Time window = 0;
  int threads = 0;
  std::string isa;
};

// Synapses that a weight record covers, in the projection's order (source, then row position).
struct SynapseList {
  std::vector<std::uint32_t> source, target;  // within their populations
  std::vector<float> weight;
  std::vector<double> delay_ms;
};

// One epoch of a phase that trains.
struct EpochResult {
  std::size_t epoch = 0;                  // from 1
  std::vector<double> trained;            // the phase's metrics, of the samples as they were learnt
  std::vector<double> validated;          // those of `validate`; NaN in epochs without it
  double seconds = 0, gradient_norm = 0;  // the norm: mean over batches
};
// Metrics of a phase that are one number each, and their values of an epoch; those of `validate` as "valid_NAME".
std::vector<std::string> epoch_columns(const TrialSpec&);
std::vector<double> epoch_values(const TrialSpec&, const EpochResult&);

// Spikes of a layer in trials: ascending by place in the split, tick and unit.
struct TrialSpikes {
  std::string population;
  std::vector<std::uint32_t> sample, tick, unit;  // sample: of the data set; ticks from 0
};

// What an evaluation found. Samples are in the order of the split, repeat after repeat.
struct Evaluation {
  std::vector<double> values;             // of the phase's metrics; NaN of confusion
  std::uint32_t classes = 0;
  std::vector<std::uint64_t> confusion;   // [label][answer]
  double ties = 0;                        // share of answers that were not alone at the top
  std::vector<std::uint32_t> sample, repeat, label, answer;
  std::vector<double> loss;
  std::size_t samples = 0;
  std::vector<TrialSpikes> spikes;        // of `record`
};

// What learning changes: a projection's weights [source][target], a convolution's [channel out][channel in][row]
// [column], or a variable of a layer's neurons.
struct TrainedNumbers {
  std::string name;
  std::vector<std::size_t> shape;
  bool precise = false;                   // doubles; else floats
  std::vector<double> start, best, last;  // best: empty without `keep`
};

class Results {
 public:
  virtual ~Results() = default;
  // Once, before the run: everything that will be written is known and made.
  // weight_synapses[k] belongs to record.weights[k].
  virtual void open(const Experiment&, const std::vector<SynapseList>& weight_synapses) = 0;
  virtual void begin_phase(std::size_t phase, Time start) = 0;
  // Spikes of one record, ascending (time, id); ids within the population.
  virtual void spikes(std::size_t record, std::span<const Time> t, std::span<const std::uint32_t> id) = 0;
  // One sample of one state record: for each variable in order, the value of each neuron in order.
  virtual void state(std::size_t record, Time t, std::span<const float> values) = 0;
  // All weights of a record at t, in the order of its SynapseList.
  virtual void weights(std::size_t record, Time t, std::span<const float> w) = 0;
  // Changes of single weights, ascending (t, synapse): index into its SynapseList, and the weight after the change.
  virtual void weight_changes(std::size_t record, std::span<const Time> t,
                              std::span<const std::uint64_t> synapse, std::span<const float> w) = 0;
  // Mean rate (Hz) of the record's units over (t - every, t].
  virtual void rate(std::size_t record, Time t, double hz) = 0;
  // Of experiments that learn.
  // What a phase that trains may say of itself before its first epoch.
  virtual void about(std::size_t phase, const std::string& key, const std::string& text) {
    static_cast<void>(phase), static_cast<void>(key), static_cast<void>(text);
  }
  virtual void epoch(std::size_t phase, const EpochResult&) { static_cast<void>(phase); }
  virtual void evaluation(std::size_t phase, const Evaluation&) { static_cast<void>(phase); }
  virtual void trained(const std::vector<TrainedNumbers>&) {}  // the end, or what there was before an error
  virtual void end_phase(std::size_t phase, const PhaseCounts&) = 0;
  // The end: complete, or interrupted with a reason.
  virtual void close(const RunCounts&, bool complete, const std::vector<std::string>& warnings) = 0;
};

}  // namespace volley
