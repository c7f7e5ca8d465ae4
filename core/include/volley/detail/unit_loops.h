// SPDX-License-Identifier: Apache-2.0
// Host of trainable units: the loops over a layer's neurons, forward, and backward through the derivatives that dual
// numbers give. Arrays are column by column, [variable][neuron].
#pragma once

#include <volley/detail/clones.h>
#include <volley/detail/precisions.h>
#include <volley/dual.h>
#include <volley/field.h>
#include <volley/port.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <numeric>
#include <string_view>
#include <tuple>

namespace volley {

// A variable of each neuron that learning may change. It starts from the parameter of the same name.
struct Trainable {
  std::string_view name;  // a number among the parameters
  std::string_view flag;  // the parameter that says whether it is trained; empty: always
};

// One layer, one lane, one tick.
template <class Real>
struct UnitLoops {
  // after, y: out. `before` is the state of the tick before.
  void (*forward)(const void* parameters, std::size_t n, const Real* trained, const Real* before, const Real* in,
                  Real* after, Real* y) = nullptr;
  // dy: dL/dy of this tick. dstate: in, dL/d(state after the tick); out, dL/d(state before it). din: out. dtrained: is
  // added to.
  void (*backward)(const void* parameters, std::size_t n, const Real* trained, const Real* before, const Real* in,
                   const Real* dy, Real* dstate, Real* din, Real* dtrained) = nullptr;
};

struct UnitModel {
  std::size_t states = 0, ports = 0;
  bool binary = false;                 // y is 0 or 1
  bool pools = false;                  // a neuron's tick depends on the states of its whole layer
  std::span<const Trainable> trained;  // in the order of the unit's Trained
  Precisions<UnitLoops> loops;
};

namespace detail {

// A unit that hears the largest of a state variable in its layer.
template <class M>
concept Pooling = requires { M::template largest<double>; };

template <class M, class Real>
Real tick(typename M::template State<Real>& s, const typename M::template Ports<Real>& in,
          const typename M::template Trained<Real>& w, const typename M::Parameters& p, const Real& largest) {
  if constexpr (Pooling<M>) return M::tick(s, in, w, p, largest);
  else return M::tick(s, in, w, p);
}

template <class M>
concept Unit = Pooling<M> || requires(typename M::template State<double>& s,
                                      const typename M::template Ports<double>& in,
                                      const typename M::template Trained<double>& w, const typename M::Parameters& p) {
  { M::tick(s, in, w, p) } -> std::same_as<double>;
};

// How many numbers a struct of numbers holds.
template <template <class> class S>
inline constexpr std::size_t numbers_in = std::is_empty_v<S<double>> ? 0 : sizeof(S<double>) / sizeof(double);

template <class M>
struct Layered {
  using Parameters = typename M::Parameters;
  static constexpr std::size_t n_states = numbers_in<M::template State>;
  static constexpr std::size_t n_ports = numbers_in<M::template Ports>;
  static constexpr std::size_t n_trained = numbers_in<M::template Trained>;
  static constexpr std::size_t of_largest = n_states + n_ports + n_trained;
  static constexpr std::size_t directions = of_largest + (Pooling<M> ? 1 : 0);

  // The struct S<Pack> of `count` neurons from `i` on, from its columns; with dual numbers, its numbers are directions
  // from `first` on.
  template <template <class> class S, class T>
  static S<Pack<T>> load(const T* columns, std::size_t n, std::size_t i, std::size_t count) {
    return std::bit_cast<S<Pack<T>>>(each<Pack<T>, numbers_in<S>>([&](std::size_t k) {
      return Pack<T>::load(columns + k * n + i, count);
    }));
  }
  template <template <class> class S, std::size_t first, class T>
  static S<Dual<Pack<T>, directions>> load_dual(const T* columns, std::size_t n, std::size_t i, std::size_t count) {
    using D = Dual<Pack<T>, directions>;
    return std::bit_cast<S<D>>(each<D, numbers_in<S>>([&](std::size_t k) {
      return D{Pack<T>::load(columns + k * n + i, count), each<Pack<T>, directions>([&](std::size_t direction) {
                 return Pack<T>(direction == first + k ? T(1) : T(0));
               })};
    }));
  }

  // The column of the state variable whose largest number the unit hears.
  static constexpr std::size_t pooled() requires Pooling<M> {
    std::array<double, n_states> numbers{};
    std::iota(numbers.begin(), numbers.end(), 0.0);
    return static_cast<std::size_t>(std::bit_cast<typename M::template State<double>>(numbers).*
                                    M::template largest<double>);
  }
  template <class T>
  static T largest(const T* before, std::size_t n) {
    if constexpr (Pooling<M>) return *std::max_element(before + pooled() * n, before + (pooled() + 1) * n);
    else return T(0);
  }
  // What goes back to it, in equal shares to all that are as large.
  template <class T>
  static void share(const T* before, std::size_t n, T most, T gradient, T* dbefore) requires Pooling<M> {
    const T* x = before + pooled() * n;
    const T part = gradient / static_cast<T>(std::count(x, x + n, most));
    for (std::size_t i = 0; i < n; ++i) dbefore[pooled() * n + i] += x[i] == most ? part : T(0);
  }

  // One pack of neurons.
  template <class T>
  static void forward_pack(const Parameters& p, std::size_t n, std::size_t i, std::size_t count, const T* trained,
                           const T* before, const T* in, T most, T* after, T* y) {
    auto state = load<M::template State>(before, n, i, count);
    tick<M, Pack<T>>(state, load<M::template Ports>(in, n, i, count), load<M::template Trained>(trained, n, i, count),
                     p, Pack<T>(most))
        .store(y + i, count);
    const auto row = std::bit_cast<std::array<Pack<T>, n_states>>(state);
#pragma GCC unroll 16
    for (std::size_t k = 0; k < n_states; ++k) row[k].store(after + k * n + i, count);
  }
  // Returns what goes back to `most`.
  template <class T>
  static T backward_pack(const Parameters& p, std::size_t n, std::size_t i, std::size_t count, const T* trained,
                         const T* before, const T* in, T most, const T* dy, T* dstate, T* din, T* dtrained) {
    using P = Pack<T>;
    using D = Dual<P, directions>;
    auto state = load_dual<M::template State, 0>(before, n, i, count);
    const D y = tick<M, D>(state, load_dual<M::template Ports, n_states>(in, n, i, count),
                           load_dual<M::template Trained, n_states + n_ports>(trained, n, i, count), p,
                           {P(most), each<P, directions>([](std::size_t k) { return P(k == of_largest ? 1 : 0); })});
    const auto after = std::bit_cast<std::array<D, n_states>>(state);
    const P from_y = P::load(dy + i, count);
    const auto from = each<P, n_states>([&](std::size_t s) { return P::load(dstate + s * n + i, count); });
    const auto g = each<P, directions>([&](std::size_t k) {
      P sum = from_y * y.d[k];
#pragma GCC unroll 16
      for (std::size_t s = 0; s < n_states; ++s) sum += from[s] * after[s].d[k];
      return sum;
    });
#pragma GCC unroll 16
    for (std::size_t k = 0; k < n_states; ++k) g[k].store(dstate + k * n + i, count);
#pragma GCC unroll 16
    for (std::size_t k = 0; k < n_ports; ++k) g[n_states + k].store(din + k * n + i, count);
#pragma GCC unroll 16
    for (std::size_t k = 0; k < n_trained; ++k)
      (P::load(dtrained + k * n + i, count) + g[n_states + n_ports + k]).store(dtrained + k * n + i, count);
    T sum = 0;
    if constexpr (Pooling<M>)
      for (std::size_t k = 0; k < count; ++k) sum += g[of_largest].v[k];
    return sum;
  }

  template <class T>
  VOLLEY_VECTOR_CLONES VOLLEY_FLATTEN static void forward(const void* parameters, std::size_t n, const T* trained,
                                                          const T* before, const T* in, T* after, T* y) {
    const Parameters p = *static_cast<const Parameters*>(parameters);
    constexpr std::size_t size = Pack<T>::size;
    const T most = largest(before, n);
    std::size_t i = 0;
    for (; i + size <= n; i += size) forward_pack(p, n, i, size, trained, before, in, most, after, y);
    if (i < n) forward_pack(p, n, i, n - i, trained, before, in, most, after, y);
  }
  template <class T>
  VOLLEY_VECTOR_CLONES VOLLEY_FLATTEN static void backward(const void* parameters, std::size_t n, const T* trained,
                                                           const T* before, const T* in, const T* dy, T* dstate, T* din,
                                                           T* dtrained) {
    const Parameters p = *static_cast<const Parameters*>(parameters);
    constexpr std::size_t size = Pack<T>::size;
    const T most = largest(before, n);
    T back = 0;
    std::size_t i = 0;
    for (; i + size <= n; i += size)
      back += backward_pack(p, n, i, size, trained, before, in, most, dy, dstate, din, dtrained);
    if (i < n) back += backward_pack(p, n, i, n - i, trained, before, in, most, dy, dstate, din, dtrained);
    if constexpr (Pooling<M>) share(before, n, most, back, dstate);
  }

  template <class T>
  static constexpr UnitLoops<T> loops{forward<T>, backward<T>};
};

template <class M>
const UnitModel& unit_model() {
  using L = Layered<M>;
  static_assert(L::n_states > 0, "a unit has at least one state variable");
  static_assert(L::n_ports == ports_count<M>, "a unit's Ports has one number for each of its ports");
  static_assert(L::n_trained == M::trained.size(), "a unit's Trained has one number for each row of `trained`");
  static const UnitModel d{L::n_states, L::n_ports, M::binary, Pooling<M>, M::trained,
                           {L::template loops<float>, L::template loops<double>}};
  return d;
}

}  // namespace detail
}  // namespace volley
