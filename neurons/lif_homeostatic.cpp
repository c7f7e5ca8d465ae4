// SPDX-License-Identifier: Apache-2.0
// Leaky integrate-and-fire neuron with delta synapses whose threshold regulates its own rate.
//
//   tau_m dV/dt = -V,   V += w on each arrival
//   dV_th/dt = -V_th_step f_target down to V_th_min; it starts at the parameter V_th
//   V reaches V_th: spike, V = 0, V_th += V_th_step
//
// Rest and reset are 0 mV; there is no refractoriness. The threshold stands still on average when the neuron fires at
// f_target. It falls more slowly than V decays (a condition on the parameters), so only an arrival can make it fire.
// In the manner of the neuron of FSTDP (Moraitis et al. 2017, doi:10.1109/IJCNN.2017.7966072), whose constants are
// not published.
#include <volley/neuron.h>

namespace {
using namespace volley;

struct LifHomeostatic {
  static constexpr auto name = "lif_homeostatic";
  static constexpr Fidelity fidelity{Origin::reconstruction, Origin::reconstruction,
                                     "threshold homeostasis as needed to learn with FSTDP; not the published neuron"};

  struct Parameters {
    double tau_m, V_th, V_th_min, V_th_step, f_target;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::tau_m, "tau_m", 10.0, "ms", "membrane time constant", positive},
      Field{&Parameters::V_th, "V_th", 1.0, "mV", "threshold at the start", positive},
      Field{&Parameters::V_th_min, "V_th_min", 0.02, "mV", "lowest threshold", positive},
      Field{&Parameters::V_th_step, "V_th_step", 0.02, "mV", "rise of the threshold at a spike", non_negative},
      Field{&Parameters::f_target, "f_target", 5.0, "Hz", "rate at which the threshold stands still", non_negative});

  struct State {
    double V, V_th;
  };
  static constexpr auto state = fields(Field{&State::V, "V", 0.0, "mV", "membrane potential"},
                                       Field{&State::V_th, "V_th", 1.0, "mV", "threshold"});

  static void check(const Parameters& p) {
    if (p.V_th < p.V_th_min) throw BadParameter("V_th", "V_th must not be below V_th_min");
    if (fall(p) * p.tau_m > p.V_th_min)
      throw BadParameter("V_th_step",
                         "V_th_step * f_target * tau_m must not exceed V_th_min, or the falling threshold could meet "
                         "V between arrivals");
  }

  static void init(State& s, const Parameters& p) { s = {0.0, p.V_th}; }
  static void flow(State& s, const Parameters& p, double dt) {
    s.V *= std::exp(-dt / p.tau_m);
    s.V_th = std::max(p.V_th_min, s.V_th - fall(p) * dt);
  }
  static void receive(State& s, const Parameters&, const Arrival& a) { s.V += a.w; }
  static bool fires(const State& s, const Parameters&) { return s.V >= s.V_th; }
  static double reset(State& s, const Parameters& p) {
    s.V = 0.0;
    s.V_th += p.V_th_step;
    return 0.0;
  }

  static double fall(const Parameters& p) { return p.V_th_step * p.f_target / 1000.0; }  // mV/ms
};
}  // namespace
VOLLEY_NEURON(LifHomeostatic)
