// SPDX-License-Identifier: Apache-2.0
// Logarithm and cosine of Highway over arrays of words, compiled once per instruction set and chosen when the program
// runs.
#include <network/vector_log.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "network/vector_log.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace volley::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<double>;
using W = hn::ScalableTag<std::uint64_t>;
using I = hn::RebindToSigned<W>;

// The 53 high bits of each word plus `add`, in units of 2^-53; below 2^63, so that a signed conversion will do.
template <class V>
HWY_INLINE hn::Vec<D> unit(V words, std::uint64_t add) {
  const auto bits = hn::Add(hn::ShiftRight<11>(words), hn::Set(W(), add));
  return hn::Mul(hn::ConvertTo(D(), hn::BitCast(I(), bits)), hn::Set(D(), 0x1p-53));
}

template <class V>
HWY_INLINE hn::Vec<D> exponential(V words) {
  return hn::Sub(hn::Zero(D()), hn::Log(D(), unit(words, 1)));
}

void exponentials(const std::uint64_t* words, double* out, std::size_t count) {
  const std::size_t step = hn::Lanes(D());
  std::size_t i = 0;
  for (; i + step <= count; i += step) hn::StoreU(exponential(hn::LoadU(W(), words + i)), D(), out + i);
  if (i == count) return;
  HWY_ALIGN std::uint64_t in[hn::MaxLanes(W())] = {};
  HWY_ALIGN double rest[hn::MaxLanes(D())];
  for (std::size_t k = 0; i + k < count; ++k) in[k] = words[i + k];
  hn::Store(exponential(hn::Load(W(), in)), D(), rest);
  for (std::size_t k = 0; i + k < count; ++k) out[i + k] = rest[k];
}

HWY_INLINE void normal(const std::uint64_t* words, double* out) {
  hn::Vec<W> radius, angle;
  hn::LoadInterleaved2(W(), words, radius, angle);
  const auto r = hn::Sqrt(hn::Mul(hn::Set(D(), 2.0), exponential(radius)));
  hn::StoreU(hn::Mul(r, hn::Cos(D(), hn::Mul(hn::Set(D(), 6.283185307179586), unit(angle, 0)))), D(), out);
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
HWY_EXPORT(exponentials);
HWY_EXPORT(normals);

void minus_log(std::span<const std::uint64_t> words, std::span<double> out) {
  HWY_DYNAMIC_DISPATCH(exponentials)(words.data(), out.data(), out.size());
}

void normals(std::span<const std::uint64_t> words, std::span<double> out) {
  HWY_DYNAMIC_DISPATCH(normals)(words.data(), out.data(), out.size());
}

}  // namespace volley
#endif
