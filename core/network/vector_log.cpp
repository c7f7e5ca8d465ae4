// SPDX-License-Identifier: Apache-2.0
// Logarithm and Highway's cosine over arrays of words, compiled once per instruction set and chosen when the program
// runs.
#include <network/vector_log.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "network/vector_log.cpp"
#include <hwy/foreach_target.h>

#include <network/exponential-inl.h>

#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace volley::HWY_NAMESPACE {
using D = hn::ScalableTag<double>;
using W = hn::ScalableTag<std::uint64_t>;

void minus_log(const std::uint64_t* words, double* out, std::size_t count) {
  constexpr int side = 4;
  const std::size_t step = hn::Lanes(D());
  hn::Vec<W> in[side];
  hn::Vec<D> logs[side];
  std::size_t i = 0;
  for (; i + side * step <= count; i += side * step) {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < side; ++v) in[v] = hn::LoadU(W(), words + i + v * step);
    exponentials<side>(in, logs);
#pragma GCC unroll 4
    for (std::size_t v = 0; v < side; ++v) hn::StoreU(logs[v], D(), out + i + v * step);
  }
  for (; i + step <= count; i += step) hn::StoreU(exponential(hn::LoadU(W(), words + i)), D(), out + i);
  if (i == count) return;
  HWY_ALIGN std::uint64_t in_rest[hn::MaxLanes(W())] = {};
  HWY_ALIGN double rest[hn::MaxLanes(D())];
  for (std::size_t k = 0; i + k < count; ++k) in_rest[k] = words[i + k];
  hn::Store(exponential(hn::Load(W(), in_rest)), D(), rest);
  for (std::size_t k = 0; i + k < count; ++k) out[i + k] = rest[k];
}

HWY_INLINE void normal(const std::uint64_t* words, double* out) {
  hn::Vec<W> radius, angle;
  hn::LoadInterleaved2(W(), words, radius, angle);
  const auto r = hn::Sqrt(hn::Mul(hn::Set(D(), 2.0), exponential(radius)));
  const auto phase = hn::Mul(hn::Set(D(), 6.283185307179586), hn::Mul(high_bits(angle, 0), hn::Set(D(), 0x1p-53)));
  hn::StoreU(hn::Mul(r, hn::Cos(D(), phase)), D(), out);
}

void normals(const std::uint64_t* words, double* out, std::size_t count) {
  const std::size_t step = hn::Lanes(D());
  std::size_t i = 0;
  for (; i + step <= count; i += step) normal(words + 2 * i, out + i);
  if (i == count) return;
  HWY_ALIGN std::uint64_t in[2 * hn::MaxLanes(W())] = {};
  HWY_ALIGN double rest[hn::MaxLanes(D())];
  for (std::size_t k = 0; k < 2 * (count - i); ++k) in[k] = words[2 * i + k];
  normal(in, rest);
  for (std::size_t k = 0; i + k < count; ++k) out[i + k] = rest[k];
}

}  // namespace volley::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace volley {
HWY_EXPORT(minus_log);
HWY_EXPORT(normals);

void minus_log(std::span<const std::uint64_t> words, std::span<double> out) {
  HWY_DYNAMIC_DISPATCH(minus_log)(words.data(), out.data(), out.size());
}

void normals(std::span<const std::uint64_t> words, std::span<double> out) {
  HWY_DYNAMIC_DISPATCH(normals)(words.data(), out.data(), out.size());
}

}  // namespace volley
#endif
