// SPDX-License-Identifier: Apache-2.0
// Uniform and exponential deviates of vectors of words, for files that Highway compiles once per instruction set.
#if defined(VOLLEY_EXPONENTIAL_INL_H) == defined(HWY_TARGET_TOGGLE)  // once per instruction set
#ifdef VOLLEY_EXPONENTIAL_INL_H
#undef VOLLEY_EXPONENTIAL_INL_H
#else
#define VOLLEY_EXPONENTIAL_INL_H
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace volley::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class V>
using Doubles = hn::Vec<hn::RebindToFloat<hn::DFromV<V>>>;

// The 53 high bits of each word plus `add`; below 2^63, so that a signed conversion will do.
template <class V>
HWY_INLINE Doubles<V> high_bits(V words, std::uint64_t add) {
  const hn::DFromV<V> w;
  const auto bits = hn::Add(hn::ShiftRight<11>(words), hn::Set(w, add));
  return hn::ConvertTo(hn::RebindToFloat<decltype(w)>(), hn::BitCast(hn::RebindToSigned<decltype(w)>(), bits));
}

// -log(u), u = (the 53 high bits of a word + 1) / 2^53, of N vectors side by side, since each step waits for the one
// before. The logarithm of FreeBSD's e_log.c, as in Highway's Log, for numbers that are never 0, subnormal or infinite.
// In two parts: other work may be done while the divisions of the first are under way.
template <int N, class V>
class Exponentials {
 public:
  using D = hn::RebindToFloat<hn::DFromV<V>>;
  using F = hn::Vec<D>;

  HWY_INLINE void begin(const V* words) {
    const hn::DFromV<V> w;
    const D d;
    const F one = hn::Set(d, 1.0);
#pragma GCC unroll 8
    for (int n = 0; n < N; ++n) {
      // 2^53 u = 2^e y, y within [sqrt(1/2), sqrt(2)); the exponent becomes a double in the low bits of 2^52.
      const V bits = hn::Add(hn::BitCast(w, high_bits(words[n], 1)), hn::Set(w, 0x3FF0000000000000ull - sqrt_half));
      const V exponent = hn::Or(hn::ShiftRight<52>(bits), hn::Set(w, 0x4330000000000000ull));
      const F y = hn::BitCast(d, hn::Add(hn::And(bits, hn::Set(w, 0xFFFFFFFFFFFFFull)), hn::Set(w, sqrt_half)));
      exponent_[n] = hn::Sub(hn::BitCast(d, exponent), hn::Set(d, 0x1p52 + 1023.0 + 53.0));
      f_[n] = hn::Sub(y, one);
      z_[n] = hn::Div(f_[n], hn::Add(y, one));
    }
  }
  HWY_INLINE void end(F* out) const {
    const D d;
    F p[N];
#pragma GCC unroll 8
    for (int n = 0; n < N; ++n) {
      const F z2 = hn::Mul(z_[n], z_[n]), z4 = hn::Mul(z2, z2);
      F even = hn::MulAdd(hn::Set(d, 0.1479819860511658591), z4, hn::Set(d, 0.1818357216161805012));
      F odd = hn::MulAdd(hn::Set(d, 0.1531383769920937332), z4, hn::Set(d, 0.2222219843214978396));
      even = hn::MulAdd(even, z4, hn::Set(d, 0.2857142874366239149));
      odd = hn::MulAdd(odd, z4, hn::Set(d, 0.3999999999940941908));
      even = hn::MulAdd(even, z4, hn::Set(d, 0.6666666666666735130));
      p[n] = hn::MulAdd(even, z2, hn::Mul(odd, z4));
    }
#pragma GCC unroll 8
    for (int n = 0; n < N; ++n) {
      const F low = hn::Mul(exponent_[n], hn::Set(d, 1.90821492927058770002e-10));
      const F rest = hn::Sub(hn::MulSub(z_[n], hn::Sub(f_[n], p[n]), low), f_[n]);
      out[n] = hn::NegMulAdd(exponent_[n], hn::Set(d, 0.693147180369123816490), rest);
    }
  }

 private:
  static constexpr std::uint64_t sqrt_half = 0x3FE6A09E00000000ull;
  F exponent_[N], f_[N], z_[N];
};

template <int N, class V>
HWY_INLINE void exponentials(const V* words, Doubles<V>* out) {
  Exponentials<N, V> e;
  e.begin(words);
  e.end(out);
}

template <class V>
HWY_INLINE Doubles<V> exponential(V words) {
  Doubles<V> out;
  exponentials<1>(&words, &out);
  return out;
}

}  // namespace volley::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
