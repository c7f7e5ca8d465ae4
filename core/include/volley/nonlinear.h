// SPDX-License-Identifier: Apache-2.0
// The nonlinear functions of trainable units, for numbers and for dual numbers. None branches on a value, so that loops
// over neurons become vector code.
#pragma once

#include <volley/dual.h>

#include <bit>
#include <cstdint>
#include <type_traits>

namespace volley {

namespace detail {

// exp(x), to about the last digit of T; beyond the range of T it stays at the range's end. Plain arithmetic, so that a
// loop over it becomes vector code: x = k log 2 + r, and a Taylor polynomial of r.
template <std::floating_point T>
T exponential(T x) {
  constexpr bool single = sizeof(T) == 4;
  using Bits = std::conditional_t<single, std::uint32_t, std::uint64_t>;
  constexpr T shift =
      single ? T(0x1.8p23) : T(0x1.8p52);  // adding it rounds to an integer, which the low bits then hold
  constexpr T log2_high = single ? T(0x1.62e4p-1) : T(0x1.62e42fee00000p-1);
  constexpr T log2_low = static_cast<T>(0.693147180559945309417232121458L - static_cast<long double>(log2_high));
  constexpr int degree = single ? 7 : 13, mantissa = single ? 23 : 52, bias = single ? 127 : 1023;
  constexpr T most = single ? T(87) : T(708);
  x = x > most ? most : x;
  x = x < -most ? -most : x;
  const T rounded = x * T(1.44269504088896340735992468100) + shift;
  const T k = rounded - shift;
  const T r = (x - k * log2_high) - k * log2_low;
  T sum = 1;
  for (int i = degree; i > 0; --i) sum = 1 + sum * r * (T(1) / static_cast<T>(i));
  const Bits power = (std::bit_cast<Bits>(rounded) + static_cast<Bits>(bias)) << mantissa;
  return sum * std::bit_cast<T>(power);
}

}  // namespace detail

template <std::floating_point T>
T logistic(T x) { return 1 / (1 + detail::exponential(-x)); }
template <class T, std::size_t N>
Dual<T, N> logistic(const Dual<T, N>& x) {
  const T y = logistic(x.value);
  return detail::chain(x, y, y * (1 - y));
}

// x for x >= 0, else slope * x: slope 1 is the identity, 0 a ReLU. The derivative at 0 is 1.
template <std::floating_point T>
constexpr T leaky(T x, std::type_identity_t<T> slope) { return x * (x >= 0 ? T(1) : slope); }
template <class T, std::size_t N>
constexpr Dual<T, N> leaky(const Dual<T, N>& x, std::type_identity_t<T> slope) {
  const T up = x.value >= 0 ? T(1) : slope;
  return detail::chain(x, x.value * up, up);
}

// g of a unit's state.
enum class Nonlinearity : std::uint8_t { identity, relu, leaky_relu };
template <class Real>
constexpr Real nonlinear(const Real& x, Nonlinearity g, double leak) {
  return leaky(x, static_cast<Plain<Real>>(g == Nonlinearity::identity ? 1.0 : g == Nonlinearity::relu ? 0.0 : leak));
}

// The same number without its derivatives: what the gradient shall not pass.
template <std::floating_point T>
constexpr T detach(T x) { return x; }
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

template <std::floating_point T>
T surrogate_slope(Surrogate s, T u) {  // one formula with choices that do not depend on u
  const T size = u < 0 ? -u : u;
  const T e = detail::exponential(-2 * size);  // 1 - tanh(u)^2 = 4 e / (1 + e)^2
  const bool tanh2 = s == Surrogate::tanh2;
  const T linear = s == Surrogate::fast_sigmoid ? T(2) : T(0);
  const T quotient = (tanh2 ? 4 * e : T(1)) / (tanh2 ? (1 + e) * (1 + e) : 1 + size * (linear + size));
  const T triangle = size < 1 ? 1 - size : T(0), box = size < T(0.5) ? T(1) : T(0);
  return s == Surrogate::box ? box : s == Surrogate::triangle ? triangle : quotient;
}

// 1 for a > 0, else 0 (also at 0); its derivative is the surrogate's.
template <std::floating_point T>
constexpr T step(T a, Surrogate, double) { return a > 0 ? T(1) : T(0); }
template <class T, std::size_t N>
Dual<T, N> step(const Dual<T, N>& a, Surrogate s, double slope) {
  return detail::chain(a, a.value > 0 ? T(1) : T(0), surrogate_slope(s, static_cast<T>(slope) * a.value));
}

}  // namespace volley
