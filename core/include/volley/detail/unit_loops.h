// SPDX-License-Identifier: Apache-2.0
// Host of trainable units: the loops over a layer's neurons, forward, and backward through the derivatives that dual
// numbers give. Arrays are column by column, [variable][neuron].
#pragma once

#include <volley/detail/clones.h>
#include <volley/detail/precisions.h>
#include <volley/dual.h>
#include <volley/field.h>
#include <volley/port.h>

#include <array>
#include <bit>
#include <cstddef>
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
  std::span<const Trainable> trained;  // in the order of the unit's Trained
  Precisions<UnitLoops> loops;
};

namespace detail {

template <class M>
concept Unit = requires(typename M::template State<double>& s, const typename M::template Ports<double>& in,
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
  static constexpr std::size_t directions = n_states + n_ports + n_trained;

  // The struct S<Real> of neuron i from its columns; with dual numbers, its numbers are directions from `first` on.
  template <template <class> class S, class T>
  static S<T> load(const T* columns, std::size_t n, std::size_t i) {
    std::array<T, numbers_in<S>> row;
    for (std::size_t k = 0; k < row.size(); ++k) row[k] = columns[k * n + i];
    return std::bit_cast<S<T>>(row);
  }
  template <template <class> class S, std::size_t first, class T>
  static S<Dual<T, directions>> load_dual(const T* columns, std::size_t n, std::size_t i) {
    std::array<Dual<T, directions>, numbers_in<S>> row{};
    for (std::size_t k = 0; k < row.size(); ++k) {
      row[k].value = columns[k * n + i];
      row[k].d[first + k] = T(1);
    }
    return std::bit_cast<S<Dual<T, directions>>>(row);
  }

  template <class T>
  VOLLEY_VECTOR_CLONES [[gnu::flatten]] static void forward(const void* parameters, std::size_t n, const T* trained,
                                                            const T* before, const T* in, T* after, T* y) {
    const Parameters p = *static_cast<const Parameters*>(parameters);
#pragma GCC ivdep
    for (std::size_t i = 0; i < n; ++i) {
      auto state = load<M::template State>(before, n, i);
      y[i] = M::tick(state, load<M::template Ports>(in, n, i), load<M::template Trained>(trained, n, i), p);
      const auto row = std::bit_cast<std::array<T, n_states>>(state);
      for (std::size_t k = 0; k < n_states; ++k) after[k * n + i] = row[k];
    }
  }

  template <class T>
  VOLLEY_VECTOR_CLONES [[gnu::flatten]] static void backward(const void* parameters, std::size_t n, const T* trained,
                                                             const T* before, const T* in, const T* dy, T* dstate,
                                                             T* din, T* dtrained) {
    using D = Dual<T, directions>;
    const Parameters p = *static_cast<const Parameters*>(parameters);
#pragma GCC ivdep
    for (std::size_t i = 0; i < n; ++i) {
      auto state = load_dual<M::template State, 0>(before, n, i);
      const D y = M::tick(state, load_dual<M::template Ports, n_states>(in, n, i),
                          load_dual<M::template Trained, n_states + n_ports>(trained, n, i), p);
      const auto after = std::bit_cast<std::array<D, n_states>>(state);
      std::array<T, directions> g;
      for (std::size_t k = 0; k < directions; ++k) g[k] = dy[i] * y.d[k];
      for (std::size_t s = 0; s < n_states; ++s)
        for (std::size_t k = 0; k < directions; ++k) g[k] += dstate[s * n + i] * after[s].d[k];
      for (std::size_t k = 0; k < n_states; ++k) dstate[k * n + i] = g[k];
      for (std::size_t k = 0; k < n_ports; ++k) din[k * n + i] = g[n_states + k];
      for (std::size_t k = 0; k < n_trained; ++k) dtrained[k * n + i] += g[n_states + n_ports + k];
    }
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
  static const UnitModel d{L::n_states, L::n_ports, M::binary, M::trained,
                           {L::template loops<float>, L::template loops<double>}};
  return d;
}

}  // namespace detail
}  // namespace volley
