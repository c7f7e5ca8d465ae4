// SPDX-License-Identifier: Apache-2.0
// Synaptic fatigue: the short-term part of FSTDP.
//
//   between spikes:   tau_F dx/dt = 1 - x
//   a spike:          e = x;   transmits w e (transmit: true) or w (transmit: false);   then x -= U x
//
// x = 1 before the first spike. A plasticity rule sees e in both cases.
// In the manner of Moraitis et al. 2017 (doi:10.1109/IJCNN.2017.7966072), whose exact increment is not published.
#include <volley/synapse.h>

namespace {
using namespace volley;

struct Fatigue {
  static constexpr auto name = "fatigue";
  static constexpr Fidelity fidelity{Origin::reconstruction, Origin::reconstruction,
                                     "rate normalisation by a short-term component; increment and recovery are ours"};

  struct Parameters {
    double U, tau_F;
    bool transmit;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::U, "U", 0.5, "", "share of x that a spike uses up", fraction},
      Field{&Parameters::tau_F, "tau_F", 500.0, "ms", "recovery time constant", positive},
      Field{&Parameters::transmit, "transmit", true, "", "whether fatigue scales the transmitted weight too"});

  struct State {
    double x = 1.0;
  };
  static constexpr auto state = fields(Field{&State::x, "x", 1.0, "", "what the last spike left"});

  static Transmission transmit(State& s, const Parameters& p, double dt) {
    const double e = 1.0 - (1.0 - s.x) * std::exp(-dt / p.tau_F);
    s.x = e - p.U * e;
    return {p.transmit ? e : 1.0, e};
  }
};
}  // namespace
VOLLEY_SYNAPSE(Fatigue)
