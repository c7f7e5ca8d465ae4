// SPDX-License-Identifier: Apache-2.0
// All that a rule of learning includes: which way the error of a loss takes to the weights. The engine has the ways
// (core/learning), and a rule chooses among them. It is a struct with
//
//   name, fidelity, Parameters and its table (see neuron.h)
//   static Credit credit(const Parameters&)
//
// VOLLEY_LEARNING_RULE(Bptt) registers it.
#pragma once

#include <volley/model.h>

namespace volley {

struct Credit {
  // How the past gets its share: back through stored ticks, from a trial's (or a window's) end; or by traces, which go
  // forward with the network and hold what every weight has done to the unit's state so far.
  enum class Past : std::uint8_t { backward, traces } past = Past::backward;
  // How the error gets from the layers near the loss to the others: from layer to layer, or directly from the loss's
  // layer (dL/d of its input) to every other. Traces take both within a tick.
  enum class Route : std::uint8_t { layers, direct } route = Route::layers;
  // What it is multiplied by on the way: the weights; fixed random numbers in their place, uniform within +-sqrt(6/n)
  // (n units receive them) or +-1/sqrt(n) (n send them); or random numbers that follow every change of the weights from
  // a layer to the loss's, while the difference decays by `decay` (without unit) in each step of the optimiser. A
  // layer's projection to itself keeps its weights.
  enum class Carrier : std::uint8_t { weights, random, adaptive } carrier = Carrier::weights;
  bool wide = true;    // of random numbers: +-sqrt(6/n) of receivers
  double decay = 0.0;  // of adaptive ones
  // Of traces: whether they follow a layer's projection to itself. Automatic: full where there is one.
  enum class Jacobian : std::uint8_t { automatic, full, diagonal } jacobian = Jacobian::automatic;
  // Of `backward`: the length of a window in ms, 0: the whole trial; and whether a window begins with the state in
  // which the one before has ended.
  double truncate = 0.0;
  bool carry = true;
};

struct LearningRuleModel : Model {
  Credit (*credit)(const void* parameters) = nullptr;
};

namespace detail {

template <class M>
LearningRuleModel& learning_rule_model(std::string_view file) {
  static LearningRuleModel d;
  describe<M>(d, ModelKind::learning_rule, file);
  d.credit = [](const void* p) { return M::credit(*static_cast<const typename M::Parameters*>(p)); };
  return d;
}

}  // namespace detail
}  // namespace volley

#define VOLLEY_LEARNING_RULE(M) VOLLEY_ENROL_(::volley::detail::learning_rule_model, M)
