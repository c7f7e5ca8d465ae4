// SPDX-License-Identifier: Apache-2.0
// A rule at work on one projection's rows in one block: traces in decaying frames, and the synapses by target.
#pragma once

#include <engine/change_log.h>
#include <network/rows.h>
#include <volley/rule.h>

#include <cstdint>
#include <deque>
#include <vector>

namespace volley {

// One set of traces per index, stored as x * exp((t - frame)/tau); frames move at multiples of 20 tau, so that no
// result depends on when.
class TraceTable {
 public:
  TraceTable(std::vector<Trace> traces, std::size_t count);

  // exp(-(t - frame)/tau) of each trace: stored value times this is the value at t.
  const double* decay(Time t);
  const double* stored() const { return value_.data(); }
  // Values of one index at the instant of the last decay().
  void read(std::size_t index, double* out) const;
  void event(std::size_t index, double e);  // the declared update, at the instant of the last decay()
  std::vector<std::span<std::byte>> state() { return {std::as_writable_bytes(std::span(value_))}; }

 private:
  std::vector<Trace> traces_;
  std::vector<double> value_, down_, up_;
  std::vector<Time> frame_, H_;
  Time now_ = -1;
};

class PlasticRows {
 public:
  PlasticRows(Rows& rows, const RuleModel& rule, ParameterSet parameters, Time dendritic_delay,
              std::size_t neurons);

  // A part of a row has been transmitted: synapses begin .. begin + count - 1, whose pre traces are at `trace` (the
  // slice, or the synapse when delays are continuous).
  void on_pre(Time t, std::uint64_t begin, std::uint32_t count, std::size_t trace, double e);
  // A neuron of the block fired at t: due at t + 2 dendritic_delay. Neurons that streams drive may report late.
  void fired(Time t, Local neuron);
  Time next_event() const { return due_.empty() ? never : due_.front().t; }
  // Post spikes due at t.
  void run_due(Time t);

  bool running = true;  // false: weights stay, traces go on
  std::vector<ChangeLog*> logs;  // of who records changes of these weights
  std::uint64_t events = 0;
  const Rows& rows() const { return rows_; }

 private:
  void on_post(Time t, Local neuron);

  Rows& rows_;
  const RuleModel& rule_;
  ParameterSet parameters_;
  Time dendritic_delay_;
  TraceTable pre_, post_;
  std::vector<std::byte> synapse_;
  std::vector<std::uint64_t> column_first_;
  Large<std::uint32_t> column_index_, column_trace_;
  std::deque<Spiked> due_;
};

}  // namespace volley
