// SPDX-License-Identifier: Apache-2.0
// Packs of numbers, one for each of several neurons, that calculate like one number. A unit's `tick` is called with
// packs, so that the loop over neurons is vector code whatever the unit does.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>

// Packs are passed between functions that become one; how they would be passed otherwise does not matter.
#pragma GCC diagnostic ignored "-Wpsabi"

namespace volley {

namespace detail {
template <class T>
struct Vectors;
template <>
struct Vectors<float> {
  using Real [[gnu::vector_size(64)]] = float;
  using Whole [[gnu::vector_size(64)]] = std::int32_t;
};
template <>
struct Vectors<double> {
  using Real [[gnu::vector_size(64)]] = double;
  using Whole [[gnu::vector_size(64)]] = std::int64_t;
};
}  // namespace detail

template <std::floating_point T>
struct Pack {
  using Vector = typename detail::Vectors<T>::Real;
  using Whole = typename detail::Vectors<T>::Whole;
  using Element = T;
  static constexpr std::size_t size = sizeof(Vector) / sizeof(T);

  Vector v;

  Pack() = default;
  Pack(T x) : v(x - Vector{}) {}  // the same in all; implicit, as from float to double
  explicit Pack(const Vector& x) : v(x) {}

  friend Pack operator+(const Pack& a, const Pack& b) { return Pack(a.v + b.v); }
  friend Pack operator-(const Pack& a, const Pack& b) { return Pack(a.v - b.v); }
  friend Pack operator*(const Pack& a, const Pack& b) { return Pack(a.v * b.v); }
  friend Pack operator/(const Pack& a, const Pack& b) { return Pack(a.v / b.v); }
  friend Pack operator-(const Pack& a) { return Pack(-a.v); }
  friend Pack& operator+=(Pack& a, const Pack& b) { return a = a + b; }

  // One truth for each number.
  struct Truth { Whole v; };
  friend Truth operator>(const Pack& a, const Pack& b) { return {a.v > b.v}; }
  friend Truth operator<(const Pack& a, const Pack& b) { return {a.v < b.v}; }
  friend Truth operator>=(const Pack& a, const Pack& b) { return {a.v >= b.v}; }
  friend Pack select(const Truth& which, const Pack& a, const Pack& b) { return Pack(which.v ? a.v : b.v); }

  // `count` of the numbers from and to memory; the others are 0.
  static Pack load(const T* from, std::size_t count) {
    Pack out(T{});
    if (count == size) std::memcpy(&out.v, from, sizeof(Vector));
    else std::memcpy(&out.v, from, count * sizeof(T));
    return out;
  }
  void store(T* to, std::size_t count) const {
    if (count == size) std::memcpy(to, &v, sizeof(Vector));
    else std::memcpy(to, &v, count * sizeof(T));
  }
};

// a where the condition holds, else b: packs cannot branch.
template <std::floating_point T>
constexpr T select(bool which, T a, T b) { return which ? a : b; }

namespace detail {
template <class T>
struct PlainOf { using type = T; };
template <class Real>
  requires requires { typename Real::Element; }
struct PlainOf<Real> { using type = typename PlainOf<typename Real::Element>::type; };
template <class T>
inline constexpr bool is_number = std::floating_point<T>;
template <class T>
inline constexpr bool is_number<Pack<T>> = true;
}  // namespace detail

// float or double, whatever Real is.
template <class Real>
using Plain = typename detail::PlainOf<Real>::type;

// A number, or a pack of them.
template <class T>
concept Number = detail::is_number<T>;

}  // namespace volley
