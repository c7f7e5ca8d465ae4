// SPDX-License-Identifier: Apache-2.0
// A stimulator's chunk that reaches a block one to one with a constant delay: its spikes go to their neurons without a
// queue. The block draws the chunk itself; a chunk that reaches two blocks is drawn by both, each keeping its own.
#pragma once

#include <volley/kernel.h>
#include <volley/stimulator.h>

#include <memory>
#include <vector>

namespace volley {

class DirectStream {
 public:
  // Units first .. first + count - 1 reach neurons target, target + 1, ... of the block. `weight`: of each, or none.
  struct Wiring {
    std::uint32_t table, first, count;
    Local target;
    std::uint32_t row;  // of the first unit
    Time delay;
    const float* weight;
    float constant;
    double factor;
  };
  DirectStream(std::unique_ptr<Source> source, const Wiring&, std::size_t number);

  // Time of the next arrival; when none is at hand, a time that it is not before.
  Time next() const { return at_ < t_.size() ? t_[at_] : after_; }
  // Afterwards the next arrival is at hand, or it is not before `until`.
  void fill(Time until) {
    while (at_ == t_.size() && after_ < until) refill(until);
  }

  // The arrivals at hand before `until`, none of which shares its time with another; empty when the next one does.
  Stream before(Time until) const;
  void take(std::size_t n) {
    at_ += n;
    if (at_ > tie_) find_tie();
  }
  // The row of the next arrival.
  std::uint32_t row() const { return wiring.row + static_cast<std::uint32_t>(target_[at_] - wiring.target); }

  const Wiring wiring;

 private:
  void refill(Time until);
  std::size_t keep_own(std::size_t n);  // of n spikes those of the wiring's units, moved to the front; how many
  void find_tie();

  std::unique_ptr<Source> source_;
  std::size_t number_;  // in the block
  std::vector<std::uint32_t> unit_;
  std::vector<Time> t_;
  std::vector<Local> target_;
  std::vector<float> weight_;
  std::size_t at_ = 0, tie_ = 0;  // the next arrival; the next one that shares its time with its successor
  std::uint64_t draw_ = 0;
  Time after_ = never;            // arrival of the source's next signal, of whatever unit
};

}  // namespace volley
