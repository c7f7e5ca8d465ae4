// SPDX-License-Identifier: Apache-2.0
// Counts what passes on its way to the result file, for the command's own summary: recorded spikes by population. Keeps
// the table of epochs.
#pragma once

#include <cli/epoch_table.h>
#include <network/results.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace volley::cli {

struct RecordedRate {
  std::string population;
  std::uint64_t spikes = 0;
  double rate_hz = 0;  // over the last phase
};

class Tally final : public Results {
 public:
  // epochs: the name of their table; empty: none.
  explicit Tally(std::unique_ptr<Results> to, std::string epochs = {})
      : to_(std::move(to)), epochs_(std::move(epochs)) {}

  // Of the last phase, in the order of `record: spikes`.
  const std::vector<RecordedRate>& rates() const { return rates_; }

  void open(const Experiment& e, const std::vector<SynapseList>& s) override {
    experiment_ = &e;
    to_->open(e, s);
    if (!epochs_.empty()) table_.emplace(e, epochs_);
  }
  void begin_phase(std::size_t phase, Time start) override {
    rates_.clear();
    for (const SpikeRecord& r : experiment_->record.spikes)
      rates_.push_back({experiment_->populations[r.what.population].name, 0, 0});
    to_->begin_phase(phase, start);
  }
  void spikes(std::size_t record, std::span<const Time> t, std::span<const std::uint32_t> id) override {
    rates_[record].spikes += t.size();
    to_->spikes(record, t, id);
  }
  void state(std::size_t record, Time t, std::span<const float> v) override { to_->state(record, t, v); }
  void weights(std::size_t record, Time t, std::span<const float> w) override { to_->weights(record, t, w); }
  void weight_changes(std::size_t record, std::span<const Time> t, std::span<const std::uint64_t> synapse,
                      std::span<const float> w) override {
    to_->weight_changes(record, t, synapse, w);
  }
  void rate(std::size_t record, Time t, double hz) override { to_->rate(record, t, hz); }
  void epoch(std::size_t phase, const EpochResult& r) override {
    if (table_) table_->add(phase, r);
    to_->epoch(phase, r);
  }
  void about(std::size_t phase, const std::string& key, const std::string& text) override {
    to_->about(phase, key, text);
  }
  void evaluation(std::size_t phase, const Evaluation& r) override { to_->evaluation(phase, r); }
  void trained(const std::vector<TrainedNumbers>& n) override { to_->trained(n); }
  void end_phase(std::size_t phase, const PhaseCounts& c) override {
    for (std::size_t k = 0; k < rates_.size(); ++k) {
      const double units = experiment_->record.spikes[k].what.count;
      if (c.sim_time_ms > 0)
        rates_[k].rate_hz = static_cast<double>(rates_[k].spikes) / units / (c.sim_time_ms / 1000);
    }
    to_->end_phase(phase, c);
  }
  void close(const RunCounts& c, bool complete, const std::vector<std::string>& warnings) override {
    to_->close(c, complete, warnings);
  }

 private:
  std::unique_ptr<Results> to_;
  std::string epochs_;
  std::optional<EpochTable> table_;
  const Experiment* experiment_ = nullptr;
  std::vector<RecordedRate> rates_;
};

}  // namespace volley::cli
