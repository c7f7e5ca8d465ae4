// SPDX-License-Identifier: Apache-2.0
// exp(s/tau), exp(-s/tau) and the response E(s) of a layout's elements (core/engine/layout.h) at any time s of a frame,
// without exponentials in the hot loops: their values at the starts of cells, made once, and series for the rest of the
// way, which is at most 1/64 of the fastest time constant. A function of s alone; relative errors stay below 1e-15.
#pragma once

#include <engine/response_loops.h>
#include <volley/time.h>

#include <memory>
#include <span>
#include <vector>

namespace volley {

// E(s) = expm1(delta s)/delta, given expm1(delta s); and int_0^s u exp(delta u) du, given E(s).
inline double response(double s, double delta, double expm1) { return delta == 0.0 ? s : expm1 / delta; }
double moment(double s, double delta, double E);

class Responses {
 public:
  struct Value {
    double up, down, E;
  };

  // Elements of these time constants, for 0 <= s <= reach.
  Responses(std::span<const double> tau, std::span<const double> delta, Time reach);
  // The same for all blocks that ask for the same, as long as one of them lives.
  static std::shared_ptr<const Responses> shared(std::span<const double> tau, std::span<const double> delta,
                                                 Time reach);

  bool cover(Time s) const { return s >= 0 && s < end_; }
  Value at(Time s, std::size_t element) const;
  double moment(Time s, std::size_t element) const;  // int_0^s u exp(delta u) du
  // For loops over many times.
  loops::Cells cells(std::size_t element) const {
    return {cell_.data() + element, elements_, shift_, per_ms_[element], delta_[element]};
  }

 private:
  std::size_t elements_ = 0;
  int shift_ = 0;  // a cell is 2^shift picoseconds
  Time end_ = 0;
  std::vector<double> per_ms_, delta_;
  std::vector<loops::Cell> cell_;  // [cell][element]
  std::vector<double> moment_;
};

}  // namespace volley
