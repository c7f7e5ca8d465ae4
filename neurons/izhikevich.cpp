// SPDX-License-Identifier: Apache-2.0
// Izhikevich neuron (Izhikevich 2003, doi:10.1109/TNN.2003.820440).
//
//   dV/dt = 0.04 V^2 + 5 V + 140 - u + I_e,   du/dt = a (b V - u)        V in mV, t in ms
//   V reaches V_peak: spike, V = c, u += d
//   an arrival jumps V by w (mV): the paper's synaptic input I = w that lasts for its step of 1 ms
//
// C = 1 pF, so that a current of 1 pA is the paper's I = 1 (mV/ms). Clocked, fourth-order Runge-Kutta steps with V cut
// at V_peak inside a step; the peak is looked for at its end. The paper takes two Euler half steps of V a millisecond;
// spike times of this model converge as `substeps` grows, with an error of about one step.
#include <volley/neuron.h>

namespace {
using namespace volley;

struct Izhikevich {
  static constexpr auto name = "izhikevich";
  static constexpr Fidelity fidelity{Origin::published, Origin::published,
                                     "regular spiking; integrated finely, not by the paper's Euler steps"};

  struct Parameters {
    double a, b, c, d, V_peak, I_e;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::a, "a", 0.02, "", "rate of recovery, per ms", non_negative},
      Field{&Parameters::b, "b", 0.2, "", "coupling of u to V, per ms"},
      Field{&Parameters::c, "c", -65.0, "mV", "potential after a spike"},
      Field{&Parameters::d, "d", 8.0, "", "rise of u at a spike, mV/ms"},
      Field{&Parameters::V_peak, "V_peak", 30.0, "mV", "peak of a spike"},
      Field{&Parameters::I_e, "I_e", 0.0, "pA", "constant drive"});

  struct State {
    double V, u;
  };
  static constexpr auto state = fields(Field{&State::V, "V", -65.0, "mV", "membrane potential"},
                                       Field{&State::u, "u", -13.0, "", "recovery, mV/ms"});

  static void check(const Parameters& p) {
    if (p.c >= p.V_peak) throw BadParameter("c", "c must be below V_peak");
  }
  // The paper's start: V = -65 mV, u = b V.
  static void init(State& s, const Parameters& p) { s = {-65.0, p.b * -65.0}; }

  static State slope(const State& s, const Parameters& p, double I) {
    const double V = std::min(s.V, p.V_peak);
    return {(0.04 * V + 5.0) * V + 140.0 - s.u + I, p.a * (p.b * V - s.u)};
  }
  static State along(const State& s, const State& k, double h) {
    return {s.V + h * k.V, s.u + h * k.u};
  }

  static bool step(State& s, const Parameters& p, const Input& in, double dt) {
    const double I = p.I_e + in.I;
    s.V += in.arrivals[0];
    const State k1 = slope(s, p, I), k2 = slope(along(s, k1, dt / 2.0), p, I);
    const State k3 = slope(along(s, k2, dt / 2.0), p, I), k4 = slope(along(s, k3, dt), p, I);
    const double V = s.V + dt / 6.0 * (k1.V + 2.0 * (k2.V + k3.V) + k4.V);
    const double u = s.u + dt / 6.0 * (k1.u + 2.0 * (k2.u + k3.u) + k4.u);
    const bool spike = V >= p.V_peak;
    s.V = spike ? p.c : V;
    s.u = spike ? u + p.d : u;
    return spike;
  }
};
}  // namespace
VOLLEY_NEURON(Izhikevich)
