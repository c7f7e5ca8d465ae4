// SPDX-License-Identifier: Apache-2.0
// The nonlinear functions of trainable units, for numbers and for dual numbers. None branches on a value, so that loops
// over neurons become vector code.
#pragma once

#include <volley/dual.h>

#include <cstdint>

namespace volley {

template <std::floating_point T>
T logistic(T x) { return 1 / (1 + std::exp(-x)); }
template <class T, std::size_t N>
Dual<T, N> logistic(const Dual<T, N>& x) {
  const T y = logistic(x.value);
  return detail::chain(x, y, y * (1 - y));
}

template <std::floating_point T>
T hyperbolic(T x) { return std::tanh(x); }
template <class T, std::size_t N>
Dual<T, N> hyperbolic(const Dual<T, N>& x) {
  const T y = std::tanh(x.value);
  return detail::chain(x, y, 1 - y * y);
}

// x for x >= 0, else slope * x: slope 1 is the identity, 0 a ReLU. The derivative at 0 is 1.
template <std::floating_point T>
constexpr T leaky(T x, std::type_identity_t<T> slope) { return x * (x >= 0 ? T(1) : slope); }
template <class T, std::size_t N>
constexpr Dual<T, N> leaky(const Dual<T, N>& x, std::type_identity_t<T> slope) {
  const T up = x.value >= 0 ? T(1) : slope;
  return detail::chain(x, x.value * up, up);
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
T surrogate_slope(Surrogate s, T u) {
  const T size = std::abs(u);
  switch (s) {
    case Surrogate::tanh2: {
      const T y = std::tanh(u);
      return 1 - y * y;
    }
    case Surrogate::fast_sigmoid: return 1 / ((1 + size) * (1 + size));
    case Surrogate::atan: return 1 / (1 + u * u);
    case Surrogate::triangle: return size < 1 ? 1 - size : T(0);
    case Surrogate::box: break;
  }
  return size < T(0.5) ? T(1) : T(0);
}

// 1 for a > 0, else 0 (also at 0); its derivative is the surrogate's.
template <std::floating_point T>
constexpr T step(T a, Surrogate, std::type_identity_t<T>) { return a > 0 ? T(1) : T(0); }
template <class T, std::size_t N>
Dual<T, N> step(const Dual<T, N>& a, Surrogate s, std::type_identity_t<T> slope) {
  return detail::chain(a, a.value > 0 ? T(1) : T(0), surrogate_slope(s, slope * a.value));
}

}  // namespace volley
