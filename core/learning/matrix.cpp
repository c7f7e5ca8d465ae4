// SPDX-License-Identifier: Apache-2.0
#include <learning/matrix.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "learning/matrix.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace volley::learning::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// A tile of c: `height` rows, `width` vectors, of the last of which `rest` lanes; 0: all.
template <std::size_t height, std::size_t width, bool whole, class D, class T>
HWY_INLINE void tile(D d, const Shape& s, std::size_t rest, const T* a, const T* b, T* c) {
  const std::size_t lanes = hn::Lanes(d);
  const auto some = hn::FirstN(d, rest);
  const auto load = [&](const T* from, std::size_t v) HWY_ATTR {
    return whole || v + 1 < width ? hn::LoadU(d, from + v * lanes) : hn::MaskedLoad(some, d, from + v * lanes);
  };
  hn::Vec<D> sum[height][width];
#pragma GCC unroll 8
  for (std::size_t i = 0; i < height; ++i)
#pragma GCC unroll 8
    for (std::size_t v = 0; v < width; ++v) sum[i][v] = load(c + i * s.c_row, v);
  for (std::size_t k = 0; k < s.inner; ++k, a += s.a_inner, b += s.b_row) {
    hn::Vec<D> row[width];
#pragma GCC unroll 8
    for (std::size_t v = 0; v < width; ++v) row[v] = load(b, v);
#pragma GCC unroll 8
    for (std::size_t i = 0; i < height; ++i) {
      const auto x = hn::Set(d, a[i * s.a_row]);
#pragma GCC unroll 8
      for (std::size_t v = 0; v < width; ++v) sum[i][v] = hn::MulAdd(x, row[v], sum[i][v]);
    }
  }
#pragma GCC unroll 8
  for (std::size_t i = 0; i < height; ++i)
#pragma GCC unroll 8
    for (std::size_t v = 0; v < width; ++v) {
      T* to = c + i * s.c_row + v * lanes;
      if (whole || v + 1 < width) hn::StoreU(sum[i][v], d, to);
      else hn::BlendedStore(sum[i][v], some, d, to);
    }
}

// All rows of `width` vectors of columns.
template <std::size_t width, bool whole, class D, class T>
HWY_INLINE void panel(D d, const Shape& s, std::size_t rest, const T* a, const T* b, T* c) {
  std::size_t i = 0;
  if constexpr (HWY_TARGET <= HWY_AVX3 && width <= 3)  // 32 registers
    for (; i + 8 <= s.rows; i += 8) tile<8, width, whole>(d, s, rest, a + i * s.a_row, b, c + i * s.c_row);
  for (; i + 4 <= s.rows; i += 4) tile<4, width, whole>(d, s, rest, a + i * s.a_row, b, c + i * s.c_row);
  for (; i < s.rows; ++i) tile<1, width, whole>(d, s, rest, a + i * s.a_row, b, c + i * s.c_row);
}

template <std::size_t width, class D, class T>
HWY_INLINE std::size_t whole_panels(D d, const Shape& s, const T* a, const T* b, T* c, std::size_t j) {
  const std::size_t step = width * hn::Lanes(d);
  for (; j + step <= s.columns; j += step) panel<width, true>(d, s, 0, a, b + j, c + j);
  return j;
}

// The last columns, fewer than `width` vectors; 0: none.
template <std::size_t width, class D, class T>
HWY_INLINE void last_panel(D d, const Shape& s, std::size_t columns, const T* a, const T* b, T* c) {
  if constexpr (width > 1) {
    if (columns <= (width - 1) * hn::Lanes(d)) return last_panel<width - 1>(d, s, columns, a, b, c);
  }
  if (columns > 0) panel<width, false>(d, s, columns - (width - 1) * hn::Lanes(d), a, b, c);
}

template <std::size_t width, class T>
HWY_INLINE void multiply_by(const Shape& s, const T* a, const T* b, T* c) {
  const hn::ScalableTag<T> d;
  std::size_t j = whole_panels<width>(d, s, a, b, c, 0);
#if HWY_MEM_OPS_MIGHT_FAULT  // no vectors in part: ever smaller ones
  j = whole_panels<1>(d, s, a, b, c, j);
  j = whole_panels<1>(hn::CappedTag<T, 4>(), s, a, b, c, j);
  whole_panels<1>(hn::CappedTag<T, 1>(), s, a, b, c, j);
#else
  last_panel<width>(d, s, s.columns - j, a, b + j, c + j);
#endif
}

// As many sums at a time as there are registers, and enough to wait for none.
template <class T>
HWY_INLINE void multiply(const Shape& s, const T* a, const T* b, T* c) {
  if (s.rows < 4) multiply_by<8>(s, a, b, c);
  else multiply_by<(HWY_TARGET <= HWY_AVX3 ? 3 : 2)>(s, a, b, c);
}

template <std::size_t width, class D, class T>
HWY_INLINE std::size_t add_panels(D d, std::span<const std::uint32_t> which, std::size_t columns, std::size_t row,
                                  const T* table, T* out, std::size_t j) {
  const std::size_t lanes = hn::Lanes(d), step = width * lanes;
  for (; j + step <= columns; j += step) {
    hn::Vec<D> sum[width];
#pragma GCC unroll 8
    for (std::size_t v = 0; v < width; ++v) sum[v] = hn::LoadU(d, out + j + v * lanes);
    for (const std::uint32_t k : which) {
      const T* from = table + k * row + j;
#pragma GCC unroll 8
      for (std::size_t v = 0; v < width; ++v) sum[v] = hn::Add(sum[v], hn::LoadU(d, from + v * lanes));
    }
#pragma GCC unroll 8
    for (std::size_t v = 0; v < width; ++v) hn::StoreU(sum[v], d, out + j + v * lanes);
  }
  return j;
}

template <class T>
HWY_INLINE void add(std::span<const std::uint32_t> which, std::size_t columns, std::size_t row, const T* table,
                    T* out) {
  const hn::ScalableTag<T> full;
  std::size_t j = add_panels<8>(full, which, columns, row, table, out, 0);
  j = add_panels<2>(full, which, columns, row, table, out, j);
  j = add_panels<1>(full, which, columns, row, table, out, j);
  j = add_panels<1>(hn::CappedTag<T, 4>(), which, columns, row, table, out, j);
  add_panels<1>(hn::CappedTag<T, 1>(), which, columns, row, table, out, j);
}

void multiply_single(const Shape& s, const float* a, const float* b, float* c) { multiply(s, a, b, c); }
void multiply_double(const Shape& s, const double* a, const double* b, double* c) { multiply(s, a, b, c); }
void add_single(std::span<const std::uint32_t> which, std::size_t columns, std::size_t row, const float* table,
                float* out) {
  add(which, columns, row, table, out);
}
void add_double(std::span<const std::uint32_t> which, std::size_t columns, std::size_t row, const double* table,
                double* out) {
  add(which, columns, row, table, out);
}

}  // namespace volley::learning::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace volley::learning {

HWY_EXPORT(multiply_single);
HWY_EXPORT(multiply_double);
HWY_EXPORT(add_single);
HWY_EXPORT(add_double);

void multiply_add(const Shape& s, const float* a, const float* b, float* c) {
  HWY_DYNAMIC_DISPATCH(multiply_single)(s, a, b, c);
}
void multiply_add(const Shape& s, const double* a, const double* b, double* c) {
  HWY_DYNAMIC_DISPATCH(multiply_double)(s, a, b, c);
}
void add_rows(std::span<const std::uint32_t> which, std::size_t columns, std::size_t row, const float* table,
              float* out) {
  HWY_DYNAMIC_DISPATCH(add_single)(which, columns, row, table, out);
}
void add_rows(std::span<const std::uint32_t> which, std::size_t columns, std::size_t row, const double* table,
              double* out) {
  HWY_DYNAMIC_DISPATCH(add_double)(which, columns, row, table, out);
}

void transpose(const Ones& by_row, std::size_t columns, Ones& by_column) {
  by_column.start.assign(columns + 1, 0);
  by_column.index.resize(by_row.index.size());
  for (const std::uint32_t k : by_row.index) ++by_column.start[k + 1];
  for (std::size_t k = 0; k < columns; ++k) by_column.start[k + 1] += by_column.start[k];
  std::vector<std::uint32_t> next(by_column.start.begin(), by_column.start.end() - 1);
  for (std::size_t r = 0; r + 1 < by_row.start.size(); ++r)
    for (const std::uint32_t k : by_row.list(r)) by_column.index[next[k]++] = static_cast<std::uint32_t>(r);
}

}  // namespace volley::learning
#endif
