// SPDX-License-Identifier: Apache-2.0
// V_inf - V_th of a block's neurons in units of their gain, c0, as the tests of arrivals read it: one limit where all
// are alike; where most groups of neighbours are, the greatest of each, a table that stays in the nearest cache; or
// each neuron's own. A limit too great marks a neuron that will not fire, and no more.
#pragma once

#include <engine/arrival_loops.h>

#include <cstddef>
#include <vector>

namespace volley {

class Limits {
 public:
  explicit Limits(std::size_t neurons) : own_(neurons), shift_(neurons == 1 ? loops::all_alike : 0) {}

  double operator[](std::size_t i) const { return own_.c0[i]; }
  // From now on neurons are taken to differ, until find_alike().
  void set(std::size_t i, double c0);
  void find_alike();

  // Neuron i's limit is at i >> shift() of these.
  unsigned shift() const { return shift_; }
  const double* limits() const { return read().c0.data(); }
  const double* negated() const { return read().minus_c0.data(); }

  const double* own() const { return own_.c0.data(); }  // by neuron
  bool uniform() const { return shift_ == loops::all_alike; }
  std::size_t above() const { return above_; }  // neurons with c0 > 0

 private:
  static constexpr unsigned group = 6;
  struct Table {
    explicit Table(std::size_t n) : c0(n), minus_c0(n) {}
    std::vector<double> c0, minus_c0;
  };
  const Table& read() const { return shift_ == group ? groups_ : own_; }

  Table own_, groups_{0};
  unsigned shift_;
  std::size_t above_ = 0;
};

}  // namespace volley
