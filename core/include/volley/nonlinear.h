// SPDX-License-Identifier: Apache-2.0
// The nonlinear functions of trainable units, for numbers, packs of numbers and dual numbers.
#pragma once

#include <volley/dual.h>

#include <bit>
#include <limits>

namespace volley {

namespace detail {

// 2^k for a whole k, from k + shift, whose low bits hold k.
template <std::floating_point T>
T power_of_two(T shifted) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  return std::bit_cast<T>((std::bit_cast<Bits>(shifted) + Bits{std::numeric_limits<T>::max_exponent - 1})
                          << (std::numeric_limits<T>::digits - 1));
}
template <class T>
Pack<T> power_of_two(const Pack<T>& shifted) {
  using Whole = typename Pack<T>::Whole;
  constexpr int bias = std::numeric_limits<T>::max_exponent - 1, mantissa = std::numeric_limits<T>::digits - 1;
  return Pack<T>((typename Pack<T>::Vector)(((Whole)shifted.v + bias) << mantissa));  // casts of vectors keep the bits
}

// exp(x), to about the last digit; beyond the range of a float or double it stays at the range's end. x = k log 2 + r,
// and a Taylor polynomial of r.
template <Number Real>
Real exponential(const Real& argument) {
  using T = Plain<Real>;
  constexpr bool single = sizeof(T) == 4;
  constexpr T shift =
      single ? T(0x1.8p23) : T(0x1.8p52);  // adding it rounds to an integer, which the low bits then hold
  constexpr T log2_high = single ? T(0x1.62e4p-1) : T(0x1.62e42fee00000p-1);
  constexpr T log2_low = static_cast<T>(0.693147180559945309417232121458L - static_cast<long double>(log2_high));
  constexpr int degree = single ? 7 : 13;
  const Real most(single ? T(87) : T(708));
  Real x = select(argument > most, most, argument);
  x = select(x < -most, -most, x);
  const Real rounded = x * T(1.44269504088896340735992468100) + shift;
  const Real k = rounded - shift;
  const Real r = (x - k * log2_high) - k * log2_low;
  Real sum(T(1));
  for (int i = degree; i > 0; --i) sum = T(1) + sum * r * (T(1) / static_cast<T>(i));
  return sum * power_of_two(rounded);
}

}  // namespace detail

template <Number T>
T logistic(const T& x) { return Plain<T>(1) / (Plain<T>(1) + detail::exponential(-x)); }
template <class T, std::size_t N>
Dual<T, N> logistic(const Dual<T, N>& x) {
  const T y = logistic(x.value);
  return detail::chain(x, y, y * (Plain<T>(1) - y));
}

template <class Real>
Real tanh(const Real& x) { return Plain<Real>(2) * logistic(Plain<Real>(2) * x) - Plain<Real>(1); }

// x for x >= 0, else slope * x: slope 1 is the identity, 0 a ReLU. The derivative at 0 is 1.
template <Number T>
T leaky(const T& x, Plain<T> slope) { return x * select(x >= T(0), T(1), T(slope)); }
template <class T, std::size_t N>
Dual<T, N> leaky(const Dual<T, N>& x, Plain<T> slope) {
  const T up = select(x.value >= T(0), T(1), T(slope));
  return detail::chain(x, x.value * up, up);
}

// g of a unit's state.
enum class Nonlinearity : std::uint8_t { identity, relu, leaky_relu };
template <class Real>
Real nonlinear(const Real& x, Nonlinearity g, double leak) {
  return leaky(x, static_cast<Plain<Real>>(g == Nonlinearity::identity ? 1.0 : g == Nonlinearity::relu ? 0.0 : leak));
}

// The same number without its derivatives: what the gradient shall not pass.
template <Number T>
constexpr T detach(const T& x) { return x; }
template <class T, std::size_t N>
constexpr Dual<T, N> detach(const Dual<T, N>& x) { return {x.value, {}}; }

// What stands for the derivative of a step at a, u = slope * a; the peak, at 0, is 1.
enum class Surrogate : std::uint8_t {
  tanh2,         // 1 - tanh(u)^2
  fast_sigmoid,  // 1 / (1 + |u|)^2
  atan,          // 1 / (1 + u^2)
  triangle,      // max(0, 1 - |u|)
  box,           // 1 for |u| < 1/2
};

template <Number T>
T surrogate_slope(Surrogate s, const T& u) {
  using P = Plain<T>;
  const T one(P(1)), zero(P(0)), size = select(u < zero, -u, u);
  switch (s) {
    case Surrogate::tanh2: {
      const T e = detail::exponential(P(-2) * size);
      return P(4) * e / ((one + e) * (one + e));
    }
    case Surrogate::fast_sigmoid: return one / ((one + size) * (one + size));
    case Surrogate::atan: return one / (one + u * u);
    case Surrogate::triangle: return select(size < one, one - size, zero);
    case Surrogate::box: break;
  }
  return select(size < T(P(0.5)), one, zero);
}

// 1 for a > 0, else 0 (also at 0); its derivative is the surrogate's.
template <Number T>
T step(const T& a, Surrogate, double) { return select(a > T(0), T(1), T(0)); }
template <class T, std::size_t N>
Dual<T, N> step(const Dual<T, N>& a, Surrogate s, double slope) {
  return detail::chain(a, step(a.value, s, slope), surrogate_slope(s, static_cast<Plain<T>>(slope) * a.value));
}

}  // namespace volley
