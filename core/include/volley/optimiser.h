// SPDX-License-Identifier: Apache-2.0
// All that an optimiser includes: how a gradient changes a number. A model is a struct with
//
//   name, fidelity, Parameters and its table (see neuron.h); a double `rate` among them, which schedules change
//   static constexpr std::size_t moments              numbers that it keeps beside each trained number; 0 at the start
//   static auto prepare(const Parameters&, std::uint64_t k)
//                                                     what step k = 1, 2, .. needs of the parameters; computed once
//   template <class Real> static Real step(Real w, Real g, std::array<Real, moments>& m, const Prepared&)
//                                                     the new w, from the gradient g
//
// VOLLEY_OPTIMISER(Adam) registers it.
#pragma once

#include <volley/detail/clones.h>
#include <volley/detail/precisions.h>
#include <volley/model.h>

#include <array>
#include <cmath>

namespace volley {

struct OptimiserModel : Model {
  std::size_t moments = 0;
  double& (*rate)(void* parameters) = nullptr;
  // n numbers w; m is [moment][number], moments `row` apart.
  template <class Real>
  using Update = void (*)(const void* p, std::uint64_t k, std::size_t n, const Real* g, std::size_t row, Real* m,
                          Real* w);
  Precisions<Update> update;
};

namespace detail {

template <class M, class Real>
VOLLEY_VECTOR_CLONES void optimise(const void* p, std::uint64_t k, std::size_t n, const Real* g, std::size_t row,
                                   Real* m, Real* w) {
  const auto now = M::prepare(*static_cast<const typename M::Parameters*>(p), k);
#pragma GCC ivdep
  for (std::size_t i = 0; i < n; ++i) {
    std::array<Real, M::moments> own;
    for (std::size_t j = 0; j < M::moments; ++j) own[j] = m[j * row + i];
    w[i] = M::step(w[i], g[i], own, now);
    for (std::size_t j = 0; j < M::moments; ++j) m[j * row + i] = own[j];
  }
}

template <class M>
OptimiserModel& optimiser_model(std::string_view file) {
  static OptimiserModel d;
  describe<M>(d, ModelKind::optimiser, file);
  d.moments = M::moments;
  d.rate = [](void* p) -> double& { return static_cast<typename M::Parameters*>(p)->rate; };
  d.update = {optimise<M, float>, optimise<M, double>};
  return d;
}

}  // namespace detail
}  // namespace volley

#define VOLLEY_OPTIMISER(M) VOLLEY_ENROL_(::volley::detail::optimiser_model, M)
