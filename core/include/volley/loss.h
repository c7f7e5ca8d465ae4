// SPDX-License-Identifier: Apache-2.0
// All that a loss includes: how far a layer's outputs in one trial are from what they should be. It is a struct with
//
//   name, fidelity, Parameters and its table (see neuron.h)
//   static constexpr Reduction reduce            how outputs, ticks, lanes are put together unless a file says
//   static constexpr TargetKind target           a label, or values for each tick
//   static constexpr bool label_a_tick           whether the label may be another in each tick, t.label_at(tick), as
//                                                in a text; optional: false
//   static constexpr bool likelihood             whether it is a negative log-likelihood where all is summed
//   static constexpr bool by_tick                whether, where ticks are summed, it is a sum of losses of single
//                                                ticks, so that it can be told while a trial runs; optional: false
//   template <class Real> static double loss(const Outputs<Real>& y, const Target&, const Reduction&,
//                                            const Parameters&, Gradient<Real> dy)
//                                                the loss of one lane, outputs and ticks reduced; sets dy.at(tick)[j]
//                                                to its derivatives, which are 0 before
//   template <class Real> static void scores(const Outputs<Real>& y, const Reduction&, double* score)
//                                                one number an output, the largest of which is the network's answer;
//                                                optional: the sum over ticks
//
// The engine reduces lanes. VOLLEY_LOSS(MseRate) registers it.
#pragma once

#include <volley/detail/precisions.h>
#include <volley/model.h>

#include <algorithm>
#include <cmath>

namespace volley {

enum class Reduce : std::uint8_t { sum, mean, last };  // last: of ticks only
struct Reduction {
  Reduce outputs, ticks, lanes;

  // What one output, or one tick of a trial, counts.
  double of_output(std::size_t n) const { return outputs == Reduce::mean ? 1.0 / static_cast<double>(n) : 1.0; }
  double of_tick(std::size_t n) const { return ticks == Reduce::mean ? 1.0 / static_cast<double>(n) : 1.0; }
  std::size_t first_tick(std::size_t n) const { return ticks == Reduce::last ? n - 1 : 0; }
};

enum class TargetKind : std::uint8_t { label, values };
struct Target {
  std::size_t label = 0;
  const float* values = nullptr;          // [tick][output]
  const std::uint32_t* labels = nullptr;  // by tick, where each has its own

  std::size_t label_at(std::size_t tick) const { return labels ? labels[tick] : label; }
};

// A layer's outputs in one lane: `ticks` rows of `size`, as long as the lane is alive.
template <class Real>
struct Outputs {
  const Real* first;
  std::size_t ticks, size, row;
  const Real* at(std::size_t tick) const { return first + tick * row; }
};
template <class Real>
struct Gradient {
  Real* first;
  std::size_t row;
  Real* at(std::size_t tick) const { return first + tick * row; }
};

struct LossModel : Model {
  TargetKind target{};
  Reduction reduce{};
  bool likelihood = false, by_tick = false, label_a_tick = false;
  template <class Real>
  struct Functions {
    double (*loss)(const void* p, const Outputs<Real>&, const Target&, const Reduction&, Gradient<Real>) = nullptr;
    void (*scores)(const Outputs<Real>&, const Reduction&, double*) = nullptr;
  };
  Precisions<Functions> functions;
};

namespace detail {

template <class Real>
void sum_outputs(const Outputs<Real>& y, const Reduction& r, double* score) {
  std::fill_n(score, y.size, 0.0);
  for (std::size_t k = r.first_tick(y.ticks); k < y.ticks; ++k)
    for (std::size_t j = 0; j < y.size; ++j) score[j] += static_cast<double>(y.at(k)[j]);
}

template <class M, class Real>
constexpr LossModel::Functions<Real> loss_functions{
    [](const void* p, const Outputs<Real>& y, const Target& t, const Reduction& r, Gradient<Real> dy) {
      return M::loss(y, t, r, *static_cast<const typename M::Parameters*>(p), dy);
    },
    [](const Outputs<Real>& y, const Reduction& r, double* score) {
      if constexpr (requires { M::scores(y, r, score); }) M::scores(y, r, score);
      else sum_outputs(y, r, score);
    }};

template <class M>
LossModel& loss_model(std::string_view file) {
  static LossModel d;
  describe<M>(d, ModelKind::loss, file);
  d.target = M::target;
  d.reduce = M::reduce;
  d.likelihood = M::likelihood;
  if constexpr (requires { M::by_tick; }) d.by_tick = M::by_tick;
  if constexpr (requires { M::label_a_tick; }) d.label_a_tick = M::label_a_tick;
  d.functions = {loss_functions<M, float>, loss_functions<M, double>};
  return d;
}

}  // namespace detail
}  // namespace volley

#define VOLLEY_LOSS(M) VOLLEY_ENROL_(::volley::detail::loss_model, M)
