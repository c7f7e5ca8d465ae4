// SPDX-License-Identifier: Apache-2.0
// A block's own events: "look at neuron i at time t". A binary heap; entries may be stale, the reader checks.
#pragma once

#include <volley/kernel.h>

#include <algorithm>
#include <vector>

namespace volley::detail {

class Agenda {
 public:
  Time next() const { return heap_.empty() ? never : heap_.front().t; }
  Local first() const { return heap_.front().neuron; }
  void push(Time t, Local neuron) {
    heap_.push_back({t, neuron});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  Local pop() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Local i = heap_.back().neuron;
    heap_.pop_back();
    return i;
  }
  bool empty() const { return heap_.empty(); }
  void clear() { heap_.clear(); }

 private:
  struct Entry {
    Time t;
    Local neuron;
  };
  static bool later(const Entry& a, const Entry& b) {
    return a.t != b.t ? a.t > b.t : a.neuron > b.neuron;
  }
  std::vector<Entry> heap_;
};

}  // namespace volley::detail
