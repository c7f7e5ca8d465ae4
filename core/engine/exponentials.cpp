// SPDX-License-Identifier: Apache-2.0
// Once per instruction set: Highway includes this file again for each.
#include <engine/exponentials.h>

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/exponentials.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace volley::loops {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<double, 8>;

template <class F>
HWY_INLINE void map(const double* x, double* y, std::size_t n, F f) {
  const D d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t k = 0;
  for (; k + lanes <= n; k += lanes) hn::StoreU(f(d, hn::LoadU(d, x + k)), d, y + k);
  if (k < n) {
    HWY_ALIGN double tail[HWY_MAX_BYTES / sizeof(double)] = {};
    for (std::size_t j = 0; k + j < n; ++j) tail[j] = x[k + j];
    hn::Store(f(d, hn::Load(d, tail)), d, tail);
    for (std::size_t j = 0; k + j < n; ++j) y[k + j] = tail[j];
  }
}

void ExpLoop(const double* x, double* y, std::size_t n) {
  map(x, y, n, [](D d, auto v) HWY_ATTR { return hn::Exp(d, v); });
}
void Expm1Loop(const double* x, double* y, std::size_t n) {
  map(x, y, n, [](D d, auto v) HWY_ATTR { return hn::Expm1(d, v); });
}

}  // namespace HWY_NAMESPACE
}  // namespace volley::loops
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace volley::loops {

HWY_EXPORT(ExpLoop);
HWY_EXPORT(Expm1Loop);

void exp(const double* x, double* y, std::size_t n) { HWY_DYNAMIC_DISPATCH(ExpLoop)(x, y, n); }
void expm1(const double* x, double* y, std::size_t n) { HWY_DYNAMIC_DISPATCH(Expm1Loop)(x, y, n); }
double exp(double x) { return exp(&x, &x, 1), x; }

}  // namespace volley::loops
#endif
