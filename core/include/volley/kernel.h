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

  // A horizon starts at `from`; nothing later than `until` is asked before the next call. Returns its end, when the
  // next pass is due, or `never` when the block sleeps until something reaches it.
  virtual Time horizon(Time from, Time until) {
    static_cast<void>(from), static_cast<void>(until);
    return never;
  }

  // A step of the injected current (pA), or of the port's drive, from time t on.
  virtual void drive(Time t, Local neuron, double delta) = 0;
  virtual void begin(Time t) = 0;
  // Adds double(W) * factor to each target of the slice; factor = gain * e.
  virtual void receive(Time t, int port, double factor, const Slice& slice) = 0;
  // Appends the neurons that fire at t, in ascending order, each once.
  virtual void settle(Time t, std::vector<Local>& fired) = 0;

  // Events of a superposed stream, each an instant of its own with one arrival of weight `w` (already times gain):
  // t ascending, no two at one time. Stops after an event that made a neuron fire (appended to `fired`) or that moved
  // next_event() to or before the event after it. Returns the number of events taken.
  virtual std::size_t receive_stream(int port, double w, std::span<const Time> t,
                                     std::span<const Local> target, std::vector<Local>& fired) {
    for (std::size_t k = 0; k < t.size(); ++k) {
      const Slice one{&target[k], nullptr, 1.0f, 1};
      receive(t[k], port, w, one);
      settle(t[k], fired);
      if (!fired.empty() || (k + 1 < t.size() && next_event() <= t[k + 1])) return k + 1;
    }
    return t.size();
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
