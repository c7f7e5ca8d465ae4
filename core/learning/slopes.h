// SPDX-License-Identifier: Apache-2.0
// The derivatives of a layer's tick, from its unit's own backward loop: one call for each new state and for y.
#pragma once

#include <learning/network.h>

#include <algorithm>

namespace volley::learning {

// Rows are the new states, then y; columns the old states, the ports, the variables; each a number a unit.
template <class Real>
class Slopes {
 public:
  Slopes(const Layer& l, std::vector<Real>& room, std::vector<Real>& zeros)
      : unit_(*l.unit), parameters_(l.parameters->at(0)), n_(l.size),
        columns_(unit_.states + unit_.ports + unit_.trained.size()) {
    room.resize((unit_.states + 1) * columns_ * n_);
    first_ = room.data();
    zeros.assign(2 * n_, Real(0));
    std::fill_n(zeros.data() + n_, n_, Real(1));
    zeros_ = zeros.data();
  }

  void find(const Real* trained, const Real* before, const Real* in) {
    std::fill_n(first_, (unit_.states + 1) * columns_ * n_, Real(0));
    for (std::size_t r = 0; r <= unit_.states; ++r) {
      Real* row = first_ + r * columns_ * n_;
      const Real* dy = r < unit_.states ? zeros_ : zeros_ + n_;  // or ones
      if (r < unit_.states) std::fill_n(row + r * n_, n_, Real(1));
      unit_.loops.of<Real>().backward(parameters_, n_, trained, before, in, dy, row, row + unit_.states * n_,
                                      row + (unit_.states + unit_.ports) * n_);
    }
  }

  std::size_t states() const { return unit_.states; }
  std::size_t columns() const { return columns_; }
  std::size_t of_port(std::size_t p) const { return unit_.states + p; }
  std::size_t of_variable(std::size_t v) const { return unit_.states + unit_.ports + v; }
  const Real* at(std::size_t row, std::size_t column) const { return first_ + (row * columns_ + column) * n_; }
  const Real* y(std::size_t column) const { return at(unit_.states, column); }

 private:
  const UnitModel& unit_;
  const void* parameters_;
  std::size_t n_, columns_;
  Real* first_;
  const Real* zeros_;
};

}  // namespace volley::learning
