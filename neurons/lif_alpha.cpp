// SPDX-License-Identifier: Apache-2.0
// Leaky integrate-and-fire neuron with alpha-shaped synaptic current.
//
//   tau_m dV/dt = -(V - E_L) + R (I_syn + I_e),   R = tau_m / C_m
//   an arrival of weight w at 0 adds w (t / tau_syn) exp(1 - t / tau_syn) to I_syn: peak w at tau_syn
//   V reaches V_th: spike, V = V_reset for t_ref; the current goes on meanwhile.
//
// Integrated exactly from event to event (Rotter & Diesmann 1999, doi:10.1007/s004220050570).
#include <volley/neuron.h>

namespace {
using namespace volley;

struct LifAlpha {
  static constexpr auto name = "lif_alpha";
  static constexpr Fidelity fidelity{Origin::published, Origin::ours,
                                     "textbook model; defaults as lif_exp's"};

  struct Parameters {
    double tau_m, C_m, E_L, V_th, V_reset, t_ref, I_e, tau_syn;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::tau_m, "tau_m", 20.0, "ms", "membrane time constant", positive},
      Field{&Parameters::C_m, "C_m", 250.0, "pF", "membrane capacitance", positive},
      Field{&Parameters::E_L, "E_L", -70.0, "mV", "resting potential"},
      Field{&Parameters::V_th, "V_th", -50.0, "mV", "firing threshold"},
      Field{&Parameters::V_reset, "V_reset", -70.0, "mV", "potential after a spike"},
      Field{&Parameters::t_ref, "t_ref", 2.0, "ms", "absolute refractory period", non_negative},
      Field{&Parameters::I_e, "I_e", 0.0, "pA", "constant drive"},
      Field{&Parameters::tau_syn, "tau_syn", 2.0, "ms", "time to the peak of the synaptic current", positive});

  static Membrane membrane(const Parameters& p) {
    const double R = p.tau_m / p.C_m;
    Membrane m{.tau_m = p.tau_m, .R = R, .rest = p.E_L + R * p.I_e, .threshold = p.V_th,
               .reset = p.V_reset, .refractory = p.t_ref, .start = p.E_L};
    return m.alpha_port("I", "I_syn", p.tau_syn);
  }
};
}  // namespace
VOLLEY_NEURON(LifAlpha)
