// SPDX-License-Identifier: Apache-2.0
// What arrivals leave behind, for the test of their targets. Included once per instruction set.
#include <engine/bound-inl.h>

#if defined(VOLLEY_SUMS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef VOLLEY_SUMS_INL_H
#undef VOLLEY_SUMS_INL_H
#else
#define VOLLEY_SUMS_INL_H
#endif

HWY_BEFORE_NAMESPACE();
namespace volley::loops::HWY_NAMESPACE {

// Additions are scalar, one cache line each; the test is a vector operation over a batch of the sums just made.
constexpr std::size_t batch = stretch;

// Two numbers side by side, on any machine.
using Pair = double __attribute__((vector_size(16)));

// What the test needs of up to `batch` events: the components after each, the limit or c0 of its target.
template <int N>
struct Sums {
  HWY_ALIGN double z[N][batch];
  HWY_ALIGN double c[batch];
};
template <>
struct Sums<2> {
  HWY_ALIGN Pair z[batch];
  HWY_ALIGN double c[batch];
};

template <int N, int Kind>
HWY_INLINE void keep(Sums<N>& sums, std::size_t k, const double* z, std::size_t i, const Test& t) {
  if constexpr (Kind == 1) sums.z[0][k] = z[0];
  if constexpr (Kind == 2)
    for (int c = 0; c < N; ++c) sums.z[c][k] = z[c];
  if constexpr (Kind != 0)
    if (!t.uniform()) sums.c[k] = t.limit[i >> t.shift];
}
template <int Kind>
HWY_INLINE void keep(Sums<2>& sums, std::size_t k, Pair z, std::size_t i, const Test& t) {
  if constexpr (Kind != 0) {
    sums.z[k] = z;
    if (!t.uniform()) sums.c[k] = t.limit[i >> t.shift];
  }
}

// For each vector of the batch, f(first event, bits of the events that may have crossed); f returns true to end.
template <int N, int Kind, class F>
HWY_INLINE void each_mark(const Sums<N>& sums, std::size_t n, const Test& t, const double* growth, F f) {
  const D d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t k = 0; k < n; k += lanes) {
    const auto c = t.uniform() ? hn::Set(d, t.limit[0]) : hn::Load(d, sums.c + k);
    V zs[N];
    if constexpr (N == 2) {
      hn::LoadInterleaved2(d, reinterpret_cast<const double*>(sums.z + k), zs[0], zs[1]);
    } else {
      for (int j = 0; j < (Kind == 1 ? 1 : N); ++j) zs[j] = hn::Load(d, sums.z[j] + k);
    }
    const auto z0 = zs[0];
    auto mark = hn::FirstN(d, n - k);
    if constexpr (Kind == 1) {
      auto scale = hn::Set(d, t.scale);
      if (growth) scale = hn::Mul(hn::LoadU(d, growth + k), scale);
      mark = hn::And(mark, hn::Ge(z0, hn::Mul(c, scale)));
    } else {
      mark = hn::And(mark, may_cross<N>(zs, c, *t.bound));
    }
    if (!hn::AllFalse(d, mark)) [[unlikely]] {
      if (f(k, bits_of(mark))) return;
    }
  }
}

}  // namespace volley::loops::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
