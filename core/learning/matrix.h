// SPDX-License-Identifier: Apache-2.0
// Products of a layer's arrays with weights, compiled once per instruction set. Rows are contiguous. Every element is
// summed in the order of the inner index, so that no result depends on how the work is cut.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace volley::learning {

// c[i][j] += sum over k of a(i, k) b[k][j], a(i, k) = a[i * a_row + k * a_inner]; j < columns; rows of c are `c_row`
// apart.
struct Shape {
  std::size_t rows, inner, columns, a_row, a_inner, b_row, c_row;
};
void multiply_add(const Shape&, const float* a, const float* b, float* c);
void multiply_add(const Shape&, const double* a, const double* b, double* c);

// out[j] += sum over k in `which` of table[k * row + j], j < columns.
void add_rows(std::span<const std::uint32_t> which, std::size_t columns, std::size_t row, const float* table,
              float* out);
void add_rows(std::span<const std::uint32_t> which, std::size_t columns, std::size_t row, const double* table,
              double* out);

// The columns of each row of a 0/1 matrix that are 1, or the rows of each column: list k is index[start[k] .. start[k +
// 1]).
struct Ones {
  std::vector<std::uint32_t> start, index;
  std::span<const std::uint32_t> list(std::size_t k) const {
    return std::span(index).subspan(start[k], start[k + 1] - start[k]);
  }
};
template <class Real>
void find_ones(const Real* x, std::size_t rows, std::size_t columns, Ones& by_row) {
  by_row.start.assign(1, 0);
  by_row.index.resize(rows * columns);
  std::size_t count = 0;
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t k = 0; k < columns; ++k) {  // written in any case: no branch to guess
      by_row.index[count] = static_cast<std::uint32_t>(k);
      count += x[r * columns + k] != Real(0) ? 1 : 0;
    }
    by_row.start.push_back(static_cast<std::uint32_t>(count));
  }
  by_row.index.resize(count);
}
void transpose(const Ones& by_row, std::size_t columns, Ones& by_column);

}  // namespace volley::learning
