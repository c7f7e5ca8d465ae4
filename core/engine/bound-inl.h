// SPDX-License-Identifier: Apache-2.0
// The bound of core/engine/arrival_loops.h for a vector of neurons. Included once per instruction set.
#include <engine/arrival_loops.h>

#include <hwy/highway.h>

#if defined(VOLLEY_BOUND_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef VOLLEY_BOUND_INL_H
#undef VOLLEY_BOUND_INL_H
#else
#define VOLLEY_BOUND_INL_H
#endif

HWY_BEFORE_NAMESPACE();
namespace volley::loops::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<double, 8>;
using V = hn::Vec<D>;

// Components z, and c0: true where the neuron may reach its threshold before the horizon's end.
template <int N>
HWY_INLINE hn::Mask<D> may_cross(const V* z, V c0, const Bound& b) {
  const D d;
  const auto zero = hn::Zero(d);
  auto v = hn::Mul(hn::Set(d, b.end[0]), z[0]);
  auto extra = zero;
  for (int j = 1; j < N; ++j) {
    v = hn::Add(v, hn::Mul(hn::Set(d, b.end[j]), z[j]));
    const auto level = hn::Add(z[j], hn::Mul(hn::Set(d, b.lead[j]), z[j - 1]));
    extra = hn::Add(extra, hn::Mul(hn::Max(hn::Neg(level), zero), hn::Set(d, b.negative[j])));
  }
  if (b.any_theta)
    for (int j = 1; j < N; ++j) {
      const auto x = hn::Mul(hn::Set(d, b.theta[j]), z[j]);
      extra = hn::Add(extra, hn::Max(x, hn::Mul(x, hn::Set(d, b.theta_grow[j]))));
    }
  const auto bound = hn::Add(hn::Add(c0, hn::Max(v, hn::Mul(v, hn::Set(d, b.grow)))), extra);
  return hn::Ge(bound, hn::Set(d, -b.margin));
}

// Bit k: lane k.
HWY_INLINE unsigned bits_of(hn::Mask<D> mask) {
  std::uint8_t bits[8] = {};
  hn::StoreMaskBits(D(), mask, bits);
  return bits[0];
}

}  // namespace volley::loops::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
