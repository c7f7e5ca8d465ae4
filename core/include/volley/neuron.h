// SPDX-License-Identifier: Apache-2.0
// All that a neuron model includes. A model is a struct with
//
//   static constexpr auto name = "lif";
//   static constexpr Fidelity fidelity{...};
//   struct Parameters {...};   static constexpr auto parameters = fields(Field{...}, ...);
//
// and one of four forms:
//
//   membrane   static Membrane membrane(const Parameters&)                 linear neurons: exact and fastest
//   verbs      struct State; state table;
//              static void   init(State&, const Parameters&)               state at t = 0 (optional)
//              static void   flow(State&, const Parameters&, double dt)    dt ms without input
//              static void   receive(State&, const Parameters&, const Arrival&)
//              static bool   fires(const State&, const Parameters&)        asked once per instant
//              static double reset(State&, const Parameters&)              returns ms of refractoriness
//              static double predict(const State&, const Parameters&)      ms to the next spontaneous spike (optional)
//              static void   recover(State&, const Parameters&, double dt) state during refractoriness (optional)
//   step       struct State; state table; init as above;
//              static bool   step(State&, const Parameters&, const Input&, double dt)   one tick (ms); true: a spike
//              static auto   prepare(const Parameters&, double dt)         what step then takes in place of Parameters:
//                                                                          its constants, made once (optional)
//   unit       clocked and trainable. For any Real: State<Real>, Ports<Real>, Trained<Real>, structs of numbers;
//              template <class Real> static Real tick(State<Real>&, const Ports<Real>&, const Trained<Real>&,
//                                                     const Parameters&)   one tick; returns y. Every derivative is
//                                                                          taken from it (dual.h, nonlinear.h)
//              static constexpr auto state                                 table of State<double>
//              static constexpr auto trained = std::array{Trainable{"b", ""}, ...}   which parameters learning changes
//              static constexpr bool binary                                whether y is 0 or 1
//              template <class Real> static constexpr auto largest = &State<Real>::y    (optional) tick takes a fifth
//                                                                          argument, const Real&: the largest of this
//                                                                          variable in the layer before the tick
//
// plus optional `static void check(const Parameters&)` (throws BadParameter) and, for verbs, step and unit,
// `static constexpr auto ports = std::array{Port{"exc", "nS"}, ...}` (default: one port "V" in mV).
// One line registers it: VOLLEY_NEURON(Lif)
#pragma once

#include <volley/detail/step_kernel.h>
#include <volley/detail/unit_loops.h>
#include <volley/detail/verb_kernel.h>
#include <volley/kernel.h>
#include <volley/membrane.h>
#include <volley/model.h>
#include <volley/nonlinear.h>

#include <cmath>
#include <memory>

namespace volley {

enum class NeuronForm : std::uint8_t { membrane, verbs, step, unit };

struct NeuronModel : Model {
  NeuronForm form{};
  std::span<const Port> ports;  // of verbs and step; those of a membrane come from its declaration
  Membrane (*membrane)(const void* parameters) = nullptr;
  // Parameters of this block's neurons (uniform, or one each); tick in ps for the step form, else 0.
  std::unique_ptr<Kernel> (*make)(ParameterSet, std::size_t neurons, Time tick, int substeps) = nullptr;
  const UnitModel* unit = nullptr;  // of the unit form

  bool clocked() const { return form == NeuronForm::step || form == NeuronForm::unit; }
};

namespace detail {

template <class M>
NeuronModel& neuron_model(std::string_view file) {
  static NeuronModel d;
  describe<M>(d, ModelKind::neuron, file);
  if constexpr (requires(const typename M::Parameters& p) { M::membrane(p); }) {
    d.form = NeuronForm::membrane;
    d.membrane = [](const void* p) {
      return M::membrane(*static_cast<const typename M::Parameters*>(p));
    };
    d.check = [](const void* parameters) {
      const auto& p = *static_cast<const typename M::Parameters*>(parameters);
      if constexpr (requires { M::check(p); }) M::check(p);
      const Membrane m = M::membrane(p);
      if (m.reset >= m.threshold)
        throw BadParameter("V_reset", "V_reset must be below V_th, or a spike would follow a spike at once");
    };
  } else if constexpr (Unit<M>) {
    d.form = NeuronForm::unit;
    d.ports = ports_of<M>();
    d.unit = &unit_model<M>();
  } else if constexpr (StepNeuron<M>) {
    d.form = NeuronForm::step;
    d.ports = ports_of<M>();
    d.make = [](ParameterSet p, std::size_t n, Time tick, int substeps) -> std::unique_ptr<Kernel> {
      return std::make_unique<StepKernel<M>>(std::move(p), n, tick, substeps, d.state);
    };
  } else {
    static_assert(VerbNeuron<M>,
                  "a neuron needs membrane(p), or step(s, p, input, dt), or tick(s, in, w, p), or flow, receive, fires "
                  "and reset");
    d.form = NeuronForm::verbs;
    d.ports = ports_of<M>();
    d.make = [](ParameterSet p, std::size_t n, Time, int) -> std::unique_ptr<Kernel> {
      return std::make_unique<VerbKernel<M>>(std::move(p), n, d.state);
    };
  }
  return d;
}

}  // namespace detail
}  // namespace volley

#define VOLLEY_NEURON(M) VOLLEY_ENROL_(::volley::detail::neuron_model, M)
