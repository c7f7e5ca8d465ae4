// SPDX-License-Identifier: Apache-2.0
// What a block asks of its neurons, whatever their form. One virtual call per slice of a row or per instant, never
// per event. Authors of models do not see this file; the hosts in detail/ implement it for the three forms.
//
// The order inside an instant t (SEMANTICS of the project, docs/design.md):
//   drive(t, ...)    changes of drive
//   begin(t)         ends of refractoriness; neurons whose own event is due are marked
//   receive(t, ...)  all arrivals, in order; neurons that might have reached threshold are marked
//   settle(t)        the threshold, once for each marked neuron
#pragma once

#include <volley/field.h>
#include <volley/time.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace volley {

using Local = std::uint16_t;  // a neuron's place in its block

// Part of a row: synapses of one source that share one arrival time.
struct Slice {
  const Local* target = nullptr;
  const float* weight = nullptr;  // null: every weight is `constant`
  float constant = 0.0f;
  std::uint32_t count = 0;
  bool all_negative = false;  // no weight is above 0; false when that is not known
  // Where a later slice lies, to be asked of memory at the pace at which this one is read.
  const Local* next_target = nullptr;
  const float* next_weight = nullptr;  // null: the later slice has none
  std::uint32_t next_count = 0;        // 0: there is no later slice
};

// Arrivals of a superposed stream, each at its own time: t ascends, no two at one time. They are the first of `at_hand`
// arrivals that the stream has drawn at once; what a kernel makes of those may serve again while `draw` is the same.
struct Stream {
  const Time* t = nullptr;
  const Local* target = nullptr;
  const float* weight = nullptr;  // null: every weight is `constant`
  float constant = 0.0f;
  std::size_t count = 0, at_hand = 0;
  static constexpr std::size_t most = 256;  // at hand
  std::size_t stream = 0;  // its number in the block
  std::uint64_t draw = 0;
};

// A neuron that fired at t.
struct Spiked {
  Time t;
  Local neuron;
};

struct Variable {
  std::string_view name, unit;
};

class Kernel {
 public:
  virtual ~Kernel() = default;

  // At t = 0, after the initial state is set: marks neurons that start at or above threshold.
  virtual void start() = 0;

  // Earliest time > any instant already settled at which this kernel itself has something to do.
  virtual Time next_event() const = 0;

  // A horizon starts at `from`. Returns its end, when the next pass is due, or `never` when the block sleeps until
  // something reaches it.
  virtual Time horizon(Time from) {
    static_cast<void>(from);
    return never;
  }

  // When the next pass is due now that something has reached a sleeping block.
  virtual Time wake() const { return never; }

  // A step of the injected current (pA), or of the port's drive, from time t on.
  virtual void drive(Time t, Local neuron, double delta) = 0;
  virtual void begin(Time t) = 0;
  // Adds double(W) * factor to each target of the slice; factor = gain * e.
  virtual void receive(Time t, int port, double factor, const Slice& slice) = 0;
  // Appends the neurons that fire at t, in ascending order, each once.
  virtual void settle(Time t, std::vector<Local>& fired) = 0;

  // Brings the kernel to t, no earlier than any time of before. Returns until when (exclusive) events of different
  // neurons may come in any order of time.
  virtual Time reach(Time t) {
    static_cast<void>(t);
    return never;
  }
  // Events of a superposed stream after reach(): each an instant of its own with one arrival. Appends the neurons that
  // fire, with their times; returns the number of events taken, at least one. next_event() may then lie before the last
  // of them, but of no neuron is an event taken that comes after something that the neuron itself has still to do.
  virtual std::size_t receive_stream(int port, double factor, const Stream& s, std::vector<Spiked>& fired) {
    std::vector<Local> now;
    for (std::size_t k = 0; k < s.count; ++k) {
      receive(s.t[k], port, factor, Slice{&s.target[k], nullptr, s.weight ? s.weight[k] : s.constant, 1});
      settle(s.t[k], now);
      for (const Local i : now) fired.push_back({s.t[k], i});
      now.clear();
      if (k + 1 < s.count && next_event() <= s.t[k + 1]) return k + 1;
    }
    return s.count;
  }

  // Recordable variables. `read` gives the value at time t >= the last instant, all of that instant included.
  virtual std::span<const Variable> variables() const = 0;
  virtual double read(std::size_t variable, Local neuron, Time t) const = 0;
  // Initial state, before start(). Returns false if this variable cannot be set.
  virtual bool initialise(std::size_t variable, Local neuron, double value) = 0;

  // Every array of state, for checkpoints: stable order and sizes for one network.
  virtual std::vector<std::span<std::byte>> state() = 0;
};

}  // namespace volley
