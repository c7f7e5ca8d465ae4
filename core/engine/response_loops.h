// SPDX-License-Identifier: Apache-2.0
// Exponentials and responses of one element at many times, from their values at the starts of cells and short series
// (core/engine/responses.h). Compiled once per instruction set and chosen at run time (Highway).
#pragma once

#include <volley/time.h>

#include <cstddef>

namespace volley::loops {

// exp(s/tau), exp(-s/tau), E(s) and exp(delta s) at the start of a cell.
struct Cell {
  double up, down, E, ratio;
};
// One element's cells, each 2^shift ps long, `stride` apart; 1/tau and delta, per ms.
struct Cells {
  const Cell* first;
  std::size_t stride;
  int shift;
  double per_ms, delta;
};

// For x, y up to 1/64: exp(x) = even(x^2) + x odd(x^2), exp(-x) = even(x^2) - x odd(x^2), and with y = delta u
// E(u) = u (even(y^2) + y odd(y^2)).
namespace series {
inline constexpr double exp_even[] = {1.0, 1.0 / 2, 1.0 / 24, 1.0 / 720}, exp_odd[] = {1.0, 1.0 / 6, 1.0 / 120};
inline constexpr double E_even[] = {1.0, 1.0 / 6, 1.0 / 120, 1.0 / 5040}, E_odd[] = {1.0 / 2, 1.0 / 24, 1.0 / 720};

template <std::size_t n>
constexpr double sum(const double (&c)[n], double x) {
  double y = c[n - 1];
  for (std::size_t k = n - 1; k-- > 0;) y = c[k] + x * y;
  return y;
}
}  // namespace series

// For n ascending times: up = exp(s/tau), jump = factor up, and unless it is null response = (factor * -E(s)) up.
void respond(const Time* t, std::size_t n, Time frame, const Cells&, double factor, double* up, double* jump,
             double* response);

}  // namespace volley::loops
