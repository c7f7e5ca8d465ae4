// SPDX-License-Identifier: Apache-2.0
// Dual numbers: a value and its derivatives in N directions. A unit's `tick` is written once for any Real; called with
// dual numbers it also yields its derivatives, so that a learning rule can never disagree with the unit.
#pragma once

#include <volley/pack.h>

#include <array>
#include <cmath>
#include <utility>

namespace volley {

template <Number T, std::size_t N>
struct Dual {
  using Element = T;
  T value;
  std::array<T, N> d;  // by direction
};

namespace detail {

// {f(0), f(1), .. f(N - 1)}, without a loop, so that all stays in registers.
template <class T, std::size_t N, class F>
constexpr std::array<T, N> each(const F& f) {
  return [&f]<std::size_t... k>(std::index_sequence<k...>) {
    return std::array<T, N>{f(k)...};
  }(std::make_index_sequence<N>());
}

// f(x) with derivative f'(x): the chain rule.
template <class T, std::size_t N>
constexpr Dual<T, N> chain(const Dual<T, N>& x, const T& value, const T& slope) {
  return {value, each<T, N>([&](std::size_t k) { return slope * x.d[k]; })};
}

}  // namespace detail

template <class T, std::size_t N>
constexpr Dual<T, N> operator+(const Dual<T, N>& a, const Dual<T, N>& b) {
  return {a.value + b.value, detail::each<T, N>([&](std::size_t k) { return a.d[k] + b.d[k]; })};
}
template <class T, std::size_t N>
constexpr Dual<T, N> operator-(const Dual<T, N>& a, const Dual<T, N>& b) {
  return {a.value - b.value, detail::each<T, N>([&](std::size_t k) { return a.d[k] - b.d[k]; })};
}
template <class T, std::size_t N>
constexpr Dual<T, N> operator*(const Dual<T, N>& a, const Dual<T, N>& b) {
  return {a.value * b.value, detail::each<T, N>([&](std::size_t k) { return a.d[k] * b.value + a.value * b.d[k]; })};
}
template <class T, std::size_t N>
constexpr Dual<T, N> operator/(const Dual<T, N>& a, const Dual<T, N>& b) {
  const T value = a.value / b.value;
  return {value, detail::each<T, N>([&](std::size_t k) { return (a.d[k] - value * b.d[k]) / b.value; })};
}
template <class T, std::size_t N>
constexpr Dual<T, N> operator-(const Dual<T, N>& a) { return detail::chain(a, -a.value, T(-1)); }

// With a number, whose derivatives are 0.
template <class T, std::size_t N>
constexpr Dual<T, N> operator+(const Dual<T, N>& a, Plain<T> b) { return {a.value + b, a.d}; }
template <class T, std::size_t N>
constexpr Dual<T, N> operator+(Plain<T> a, const Dual<T, N>& b) { return {a + b.value, b.d}; }
template <class T, std::size_t N>
constexpr Dual<T, N> operator-(const Dual<T, N>& a, Plain<T> b) { return {a.value - b, a.d}; }
template <class T, std::size_t N>
constexpr Dual<T, N> operator-(Plain<T> a, const Dual<T, N>& b) {
  return detail::chain(b, a - b.value, T(-1));
}
template <class T, std::size_t N>
constexpr Dual<T, N> operator*(const Dual<T, N>& a, Plain<T> b) {
  return detail::chain(a, a.value * b, T(b));
}
template <class T, std::size_t N>
constexpr Dual<T, N> operator*(Plain<T> a, const Dual<T, N>& b) { return b * a; }

}  // namespace volley
