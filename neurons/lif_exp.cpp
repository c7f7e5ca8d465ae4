// SPDX-License-Identifier: Apache-2.0
// Leaky integrate-and-fire neuron with exponentially decaying synaptic current.
//
//   tau_m dV/dt = -(V - E_L) + R (I_syn + I_e),   R = tau_m / C_m
//   tau_syn dI_syn/dt = -I_syn,   I_syn += w on each arrival
//   V reaches V_th: spike, V = V_reset for t_ref; the current goes on meanwhile.
//
// Integrated exactly from event to event (Rotter & Diesmann 1999, doi:10.1007/s004220050570).
#include <volley/neuron.h>

namespace {
using namespace volley;

struct LifExp {
  static constexpr auto name = "lif_exp";
  static constexpr Fidelity fidelity{Origin::published, Origin::ours,
                                     "textbook model; defaults as in NEST's iaf_psc_exp"};

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
      Field{&Parameters::tau_syn, "tau_syn", 2.0, "ms", "time constant of the synaptic current", positive});

  static Membrane membrane(const Parameters& p) {
    const double R = p.tau_m / p.C_m;
    Membrane m{.tau_m = p.tau_m, .R = R, .rest = p.E_L + R * p.I_e, .threshold = p.V_th,
               .reset = p.V_reset, .refractory = p.t_ref, .start = p.E_L};
    return m.current_port("I", "I_syn", p.tau_syn);
  }
};
}  // namespace
VOLLEY_NEURON(LifExp)
