// SPDX-License-Identifier: Apache-2.0
// All that a modulator includes: how much each unit of a hidden layer learns, told from the weights. It is a struct
// with
//
//   name, fidelity, Parameters and its table (see neuron.h)
//   template <class Real> static std::vector<double> modulate(const LayerWeights<Real>&, const Parameters&)
//                                                a factor for each unit, without unit; asked once a batch, before its
//                                                first tick, of every layer that learns but the loss's own
//   static bool local(const Parameters&)         false: it multiplies the derivative that arrives at the layer from
//                                                other layers in every tick (never what comes through the layer's own
//                                                past), so that earlier layers feel it too; true: it multiplies the
//                                                layer's own changes, and earlier layers do not. Optional: false
//
// VOLLEY_MODULATOR(Grapes) registers it.
#pragma once

#include <volley/detail/precisions.h>
#include <volley/model.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace volley {

// The weights of a projection, [source][target].
template <class Real>
struct WeightMatrix {
  const Real* first;
  std::size_t sources, targets;
  bool recurrent;  // from the layer to itself
  Real at(std::size_t source, std::size_t target) const { return first[source * targets + target]; }
};

// A layer of `size` units and the projections that are trained, into it and from it; one to itself is in both.
template <class Real>
struct LayerWeights {
  std::size_t size = 0;
  std::vector<WeightMatrix<Real>> incoming, outgoing;
};

struct ModulatorModel : Model {
  template <class Real>
  using Modulate = std::vector<double> (*)(const LayerWeights<Real>&, const void* parameters);
  Precisions<Modulate> modulate;
  bool (*local)(const void* parameters) = nullptr;
};

namespace detail {

template <class M>
ModulatorModel& modulator_model(std::string_view file) {
  static ModulatorModel d;
  describe<M>(d, ModelKind::modulator, file);
  constexpr auto modulate = [](const auto& weights, const void* p) {
    return M::modulate(weights, *static_cast<const typename M::Parameters*>(p));
  };
  d.modulate = {modulate, modulate};
  d.local = []([[maybe_unused]] const void* p) {
    if constexpr (requires(const typename M::Parameters& q) { M::local(q); })
      return M::local(*static_cast<const typename M::Parameters*>(p));
    else return false;
  };
  return d;
}

}  // namespace detail
}  // namespace volley

#define VOLLEY_MODULATOR(M) VOLLEY_ENROL_(::volley::detail::modulator_model, M)
