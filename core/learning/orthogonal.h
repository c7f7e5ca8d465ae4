// SPDX-License-Identifier: Apache-2.0
// Initial weights of which the rows, or the columns where these are fewer, are orthogonal and of one length (Saxe et
// al. 2014, arXiv:1312.6120).
#pragma once

#include <cmath>
#include <cstddef>
#include <span>

namespace volley::learning {

// From independent normal numbers, [row][column], by Gram and Schmidt; twice, since once leaves rounding errors.
inline void make_orthogonal(std::span<double> w, std::size_t rows, std::size_t columns, double length) {
  const bool by_row = rows <= columns;
  const std::size_t count = by_row ? rows : columns, size = by_row ? columns : rows;
  const std::size_t step = by_row ? columns : 1, inner = by_row ? 1 : columns;
  const auto at = [&](std::size_t vector, std::size_t k) -> double& { return w[vector * step + k * inner]; };
  const auto product = [&](std::size_t a, std::size_t b) {
    double sum = 0.0;
    for (std::size_t k = 0; k < size; ++k) sum += at(a, k) * at(b, k);
    return sum;
  };
  for (std::size_t a = 0; a < count; ++a) {
    for (int pass = 0; pass < 2; ++pass)
      for (std::size_t b = 0; b < a; ++b) {
        const double share = product(a, b);
        for (std::size_t k = 0; k < size; ++k) at(a, k) -= share * at(b, k);
      }
    const double norm = std::sqrt(product(a, a));
    for (std::size_t k = 0; k < size; ++k) at(a, k) /= norm;
  }
  for (double& x : w) x *= length;
}

}  // namespace volley::learning
