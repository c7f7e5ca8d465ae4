// SPDX-License-Identifier: Apache-2.0
// Leaky integrate-and-fire neuron with a spike-triggered current and an adaptive threshold.
//
//   tau_m dV/dt = -(V - E_L) + R (I_syn + I_adapt + I_e),   R = tau_m / C_m
//   tau_syn dI_syn/dt = -I_syn,       I_syn += w on each arrival
//   tau_w dI_adapt/dt = -I_adapt,     I_adapt -= b at each own spike
//   tau_theta dtheta/dt = -theta,     theta += theta_jump at each own spike
//   V reaches V_th + theta: spike, V = V_reset for t_ref; currents and threshold go on meanwhile.
//
// Spike-triggered current: Treves 1993, doi:10.1088/0954-898X/4/3/002; linear threshold: Mihalas & Niebur 2009,
// doi:10.1162/neco.2008.12-07-680. Integrated exactly from event to event (Rotter & Diesmann 1999,
// doi:10.1007/s004220050570).
#include <volley/neuron.h>

namespace {
using namespace volley;

struct LifAdaptive {
  static constexpr auto name = "lif_adaptive";
  static constexpr Fidelity fidelity{Origin::published, Origin::ours,
                                     "one current and one threshold component; the defaults make adaptation visible"};

  struct Parameters {
    double tau_m, C_m, E_L, V_th, V_reset, t_ref, I_e, tau_syn, tau_w, b, tau_theta, theta_jump;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::tau_m, "tau_m", 20.0, "ms", "membrane time constant", positive},
      Field{&Parameters::C_m, "C_m", 250.0, "pF", "membrane capacitance", positive},
      Field{&Parameters::E_L, "E_L", -70.0, "mV", "resting potential"},
      Field{&Parameters::V_th, "V_th", -50.0, "mV", "firing threshold"},
      Field{&Parameters::V_reset, "V_reset", -70.0, "mV", "potential after a spike"},
      Field{&Parameters::t_ref, "t_ref", 2.0, "ms", "absolute refractory period", non_negative},
      Field{&Parameters::I_e, "I_e", 0.0, "pA", "constant drive"},
      Field{&Parameters::tau_syn, "tau_syn", 2.0, "ms", "time constant of the synaptic current", positive},
      Field{&Parameters::tau_w, "tau_w", 100.0, "ms", "time constant of the adaptation current", positive},
      Field{&Parameters::b, "b", 20.0, "pA", "adaptation current of one spike; opposes the drive", non_negative},
      Field{&Parameters::tau_theta, "tau_theta", 50.0, "ms", "time constant of the threshold", positive},
      Field{&Parameters::theta_jump, "theta_jump", 2.0, "mV", "rise of the threshold at a spike", non_negative});

  static Membrane membrane(const Parameters& p) {
    const double R = p.tau_m / p.C_m;
    Membrane m{.tau_m = p.tau_m, .R = R, .rest = p.E_L + R * p.I_e, .threshold = p.V_th,
               .reset = p.V_reset, .refractory = p.t_ref, .start = p.E_L};
    return m.current_port("I", "I_syn", p.tau_syn)
        .spike_current("I_adapt", p.tau_w, -p.b)
        .spike_threshold("theta", p.tau_theta, p.theta_jump);
  }
};
}  // namespace
VOLLEY_NEURON(LifAdaptive)
