// SPDX-License-Identifier: Apache-2.0
// Short-term depression and facilitation (Tsodyks, Pawelzik & Markram 1998, doi:10.1162/089976698300017502;
// Markram, Wang & Tsodyks 1998, doi:10.1073/pnas.95.9.5323).
//
//   between spikes:   tau_fac du/dt = -u,   tau_rec dx/dt = 1 - x
//   a spike:          u += U (1 - u);   transmits w u x (new u, old x);   then x -= u x
//
// Before the first spike u = 0 and x = 1, so that it transmits w U. tau_fac = 0: u is U at every spike, pure
// depression. The postsynaptic current is the neuron's affair; a plasticity rule sees e = u x.
#include <volley/synapse.h>

namespace {
using namespace volley;

struct TsodyksMarkram {
  static constexpr auto name = "tsodyks_markram";
  static constexpr Fidelity fidelity{Origin::published, Origin::ours, "defaults as in NEST's tsodyks2_synapse"};

  struct Parameters {
    double U, tau_rec, tau_fac;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::U, "U", 0.5, "", "utilisation of one spike", fraction},
      Field{&Parameters::tau_rec, "tau_rec", 800.0, "ms", "recovery of resources", non_negative},
      Field{&Parameters::tau_fac, "tau_fac", 0.0, "ms", "decay of facilitation; 0: none", non_negative});

  struct State {
    double u = 0.0, x = 1.0;
  };
  static constexpr auto state = fields(Field{&State::u, "u", 0.0, "", "utilisation after the last spike"},
                                       Field{&State::x, "x", 1.0, "", "resources left by the last spike"});

  static Transmission transmit(State& s, const Parameters& p, double dt) {
    const double u = s.u * decay(dt, p.tau_fac);
    const double x = 1.0 - (1.0 - s.x) * decay(dt, p.tau_rec);
    s.u = u + p.U * (1.0 - u);
    const double released = s.u * x;
    s.x = x - released;
    return {released, released};
  }
  static double decay(double dt, double tau) { return tau > 0.0 ? std::exp(-dt / tau) : 0.0; }
};
}  // namespace
VOLLEY_SYNAPSE(TsodyksMarkram)
