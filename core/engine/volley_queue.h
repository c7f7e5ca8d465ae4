// SPDX-License-Identifier: Apache-2.0
// Volleys that wait for their arrival: a calendar of buckets about a window wide, and a heap for what lies beyond it.
#pragma once

#include <volley/time.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace volley {

// Synapses of a row that a spike reaches at one time: `count` that follow one another in the table from `synapse` on.
struct Volley {
  Time t;  // arrival
  std::uint64_t synapse;  // in packed rows: where the slice begins
  std::uint32_t count;
  std::uint32_t table, row, slice;  // slice: its place in the table; the row where there is one delay
  double factor, e;                 // gain times the synapse stage's factor; what a rule sees
  bool more;                        // the rest of the row has still to be queued
};

class VolleyQueue {
 public:
  // Buckets as wide as the greatest power of two picoseconds within the window. Before the first push.
  void set_window(Time window);

  // What lies before the `until` of a take() that has been is late, and the next one's.
  void push(const Volley& v);
  // Appends all that arrive before `until`, in no order.
  void take(Time until, std::vector<Volley>& out);
  Time next() const { return next_; }

  template <class F>
  void each(F f) const {
    for (const Bucket& b : ring_)
      for (const Volley& v : b) f(v);
    for (const Volley& v : beyond_) f(v);
  }

 private:
  using Bucket = std::vector<Volley>;
  static constexpr std::size_t buckets = 256;

  Bucket& bucket(std::int64_t number) { return ring_[static_cast<std::size_t>(number) % buckets]; }
  void draw_in();  // what the ring has come to reach
  void find_next();

  int shift_ = 30;
  std::int64_t base_ = 0;    // number of the ring's first bucket
  std::size_t in_ring_ = 0;
  Time next_ = never;
  std::array<Bucket, buckets> ring_;
  std::vector<Volley> beyond_;  // heap, soonest on top
};

}  // namespace volley
