// SPDX-License-Identifier: Apache-2.0
// The states of neurons that have the same components and time constants of their own: moved by their own times, and
// how far they can still rise. What differs from neuron to neuron is one short row of numbers, so that an arrival
// touches few cache lines; the exponentials of many moves are taken together.
#pragma once

#include <engine/layout.h>

#include <cstddef>
#include <vector>

namespace volley {

// Whole steps of H while they do not pass t; returns the time of the frame. A frame that starts at its neuron's last
// event and moves H by H in the same arithmetic makes a state at t depend on the events before t and on nothing else.
inline Time move_whole(const Layout& layout, double* z, Time frame, Time t) {
  while (t - frame >= layout.H) {
    const bool nothing = loops::move(z, static_cast<int>(layout.stride), 1, layout.move);
    frame += layout.H;
    if (nothing) frame += (t - frame) / layout.H * layout.H;
  }
  return frame;
}

class Propagators {
 public:
  // For neurons with the components of `like`; add each in turn. `reach`: the time for which `soon` is meant.
  explicit Propagators(const Layout& like);
  void add(const Layout&, Time reach);

  // Moves by less than H: ask for each, take the exponentials of all, apply each to its state.
  class Moves {
    friend class Propagators;
    std::size_t count_ = 0;
    std::vector<double> s_, x_, d_;
  };
  void start(Moves&, std::size_t count) const;
  void ask(Moves&, std::size_t k, std::size_t neuron, Time by) const;
  void take(Moves&) const;
  void apply(const Moves&, std::size_t k, std::size_t neuron, double* z) const;

  // Upper bounds of what the state z adds to D, for the time `reach` and for ever.
  struct Rise {
    double soon, ever;
  };
  Rise rise(std::size_t neuron, const double* z) const;

  void prefetch(std::size_t neuron) const { __builtin_prefetch(&numbers_[neuron * width_]); }

 private:
  struct Component {
    std::size_t element, at;  // at: of its numbers in a row
    bool threshold, alpha;
  };
  std::vector<Component> components_;
  std::size_t width_ = 2, exps_ = 1, expm1s_ = 0;
  std::vector<double> numbers_;
};

}  // namespace volley
