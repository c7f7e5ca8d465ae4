// SPDX-License-Identifier: Apache-2.0
// Adaptive exponential integrate-and-fire neuron (Brette & Gerstner 2005, doi:10.1152/jn.00686.2005) with
// exponentially decaying synaptic conductances.
//
//   C_m dV/dt = -g_L (V - E_L) + g_L Delta_T exp((V - V_T) / Delta_T) - w + I_e
//               - g_exc (V - E_exc) - g_inh (V - E_inh)
//   tau_w dw/dt = a (V - E_L) - w
//   tau_syn_exc dg_exc/dt = -g_exc,   tau_syn_inh dg_inh/dt = -g_inh,   g += weight on an arrival (nS, not negative)
//   V reaches V_peak: spike, V = V_reset for t_ref, w += b; w and the conductances go on meanwhile.
//
// Clocked, fourth-order Runge-Kutta steps with V cut at V_peak inside a step, so that the exponential stays finite; the
// peak is looked for at a step's end, and spike times converge as `substeps` grows. Refractoriness may end inside a
// step: V is integrated from there.
#include <volley/neuron.h>

namespace {
using namespace volley;

struct Adex {
  static constexpr auto name = "adex";
  static constexpr Fidelity fidelity{Origin::published, Origin::ours,
                                     "membrane constants as published; V_peak (20 mV there) and synapses are ours"};
  static constexpr auto ports = std::array{Port{"exc", "nS", true}, Port{"inh", "nS", true}};

  struct Parameters {
    double C_m, g_L, E_L, V_T, Delta_T, a, tau_w, b, V_reset, V_peak, t_ref, E_exc, E_inh, tau_syn_exc,
        tau_syn_inh, I_e;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::C_m, "C_m", 281.0, "pF", "membrane capacitance", positive},
      Field{&Parameters::g_L, "g_L", 30.0, "nS", "leak conductance", positive},
      Field{&Parameters::E_L, "E_L", -70.6, "mV", "resting potential"},
      Field{&Parameters::V_T, "V_T", -50.4, "mV", "threshold of the exponential"},
      Field{&Parameters::Delta_T, "Delta_T", 2.0, "mV", "slope of the exponential", positive},
      Field{&Parameters::a, "a", 4.0, "nS", "coupling of w to V"},
      Field{&Parameters::tau_w, "tau_w", 144.0, "ms", "time constant of adaptation", positive},
      Field{&Parameters::b, "b", 80.5, "pA", "adaptation of one spike"},
      Field{&Parameters::V_reset, "V_reset", -70.6, "mV", "potential after a spike"},
      Field{&Parameters::V_peak, "V_peak", 0.0, "mV", "peak of a spike"},
      Field{&Parameters::t_ref, "t_ref", 0.0, "ms", "absolute refractory period", non_negative},
      Field{&Parameters::E_exc, "E_exc", 0.0, "mV", "excitatory reversal potential"},
      Field{&Parameters::E_inh, "E_inh", -80.0, "mV", "inhibitory reversal potential"},
      Field{&Parameters::tau_syn_exc, "tau_syn_exc", 5.0, "ms", "decay of g_exc", positive},
      Field{&Parameters::tau_syn_inh, "tau_syn_inh", 10.0, "ms", "decay of g_inh", positive},
      Field{&Parameters::I_e, "I_e", 0.0, "pA", "constant drive"});

  struct State {
    double V, w, g_exc, g_inh, deaf;
  };
  static constexpr auto state =
      fields(Field{&State::V, "V", -70.6, "mV", "membrane potential"},
             Field{&State::w, "w", 0.0, "pA", "adaptation current"},
             Field{&State::g_exc, "g_exc", 0.0, "nS", "excitatory conductance"},
             Field{&State::g_inh, "g_inh", 0.0, "nS", "inhibitory conductance"},
             Field{&State::deaf, "deaf", 0.0, "ms", "what is left of refractoriness"});

  static void check(const Parameters& p) {
    if (p.V_reset >= p.V_peak) throw BadParameter("V_reset", "V_reset must be below V_peak");
    if (p.V_peak - p.V_T > 100.0 * p.Delta_T)
      throw BadParameter("V_peak", "V_peak must be at most 100 Delta_T above V_T, or the exponential overflows");
  }
  static void init(State& s, const Parameters& p) { s = {p.E_L, 0.0, 0.0, 0.0, 0.0}; }

  struct Slope {
    double V, w;
  };
  static Slope slope(double V_free, double w, double g_exc, double g_inh, double I, const Parameters& p) {
    const double V = std::min(V_free, p.V_peak);
    const double spike = p.g_L * p.Delta_T * std::exp((V - p.V_T) / p.Delta_T);
    const double synapses = g_exc * (V - p.E_exc) + g_inh * (V - p.E_inh);
    return {(spike - p.g_L * (V - p.E_L) - synapses - w + I) / p.C_m, (p.a * (V - p.E_L) - w) / p.tau_w};
  }

  static bool step(State& s, const Parameters& p, const Input& in, double dt) {
    s.g_exc += in.arrivals[0];
    s.g_inh += in.arrivals[1];
    const double still = std::min(s.deaf, dt), h = dt - still, I = p.I_e + in.I;
    if (still > 0.0) {  // V rests at V_reset, all else has a closed form
      const double w_end = p.a * (s.V - p.E_L);
      s.w = w_end + (s.w - w_end) * std::exp(-still / p.tau_w);
      s.g_exc *= std::exp(-still / p.tau_syn_exc);
      s.g_inh *= std::exp(-still / p.tau_syn_inh);
      s.deaf -= still;
    }
    const double exc_half = std::exp(-h / 2.0 / p.tau_syn_exc), inh_half = std::exp(-h / 2.0 / p.tau_syn_inh);
    const double g_exc[3] = {s.g_exc, s.g_exc * exc_half, s.g_exc * exc_half * exc_half};
    const double g_inh[3] = {s.g_inh, s.g_inh * inh_half, s.g_inh * inh_half * inh_half};
    const Slope k1 = slope(s.V, s.w, g_exc[0], g_inh[0], I, p);
    const Slope k2 = slope(s.V + h / 2.0 * k1.V, s.w + h / 2.0 * k1.w, g_exc[1], g_inh[1], I, p);
    const Slope k3 = slope(s.V + h / 2.0 * k2.V, s.w + h / 2.0 * k2.w, g_exc[1], g_inh[1], I, p);
    const Slope k4 = slope(s.V + h * k3.V, s.w + h * k3.w, g_exc[2], g_inh[2], I, p);
    s.V += h / 6.0 * (k1.V + 2.0 * (k2.V + k3.V) + k4.V);
    s.w += h / 6.0 * (k1.w + 2.0 * (k2.w + k3.w) + k4.w);
    s.g_exc = g_exc[2];
    s.g_inh = g_inh[2];
    if (s.V < p.V_peak) return false;
    s.V = p.V_reset;
    s.w += p.b;
    s.deaf = p.t_ref;
    return true;
  }
};
}  // namespace
VOLLEY_NEURON(Adex)
