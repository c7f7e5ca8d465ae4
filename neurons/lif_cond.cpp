// SPDX-License-Identifier: Apache-2.0
// Leaky integrate-and-fire neuron with exponentially decaying synaptic conductances.
//
//   C_m dV/dt = -g_L (V - E_L) - g_exc (V - E_exc) - g_inh (V - E_inh) + I_e
//   tau_syn_exc dg_exc/dt = -g_exc,   g_exc += w on an arrival at port exc (nS, not negative)
//   tau_syn_inh dg_inh/dt = -g_inh,   g_inh += w on an arrival at port inh (nS, not negative)
//   V reaches V_th: spike, V = V_reset for t_ref; the conductances go on meanwhile.
//
// Benchmark 1 of Brette et al. 2007 (doi:10.1007/s10827-007-0038-6).
//
// Clocked. The conductances are exact; V obeys a linear equation whose coefficients are known at every time, and
// takes steps of Lobatto IIIA of order 4, stable at any conductance. At 0.1 ms its error is far below that of the
// threshold, which is asked at the end of a step. Refractoriness may end inside a step: V is integrated from there.
#include <volley/neuron.h>

namespace {
using namespace volley;

struct LifCond {
  static constexpr auto name = "lif_cond";
  static constexpr Fidelity fidelity{Origin::published, Origin::ours,
                                     "membrane defaults as lif's, synapses as the benchmark's"};
  static constexpr auto ports = std::array{Port{"exc", "nS", true}, Port{"inh", "nS", true}};

  struct Parameters {
    double C_m, g_L, E_L, V_th, V_reset, t_ref, E_exc, E_inh, tau_syn_exc, tau_syn_inh, I_e;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::C_m, "C_m", 250.0, "pF", "membrane capacitance", positive},
      Field{&Parameters::g_L, "g_L", 12.5, "nS", "leak conductance", positive},
      Field{&Parameters::E_L, "E_L", -70.0, "mV", "resting potential"},
      Field{&Parameters::V_th, "V_th", -50.0, "mV", "firing threshold"},
      Field{&Parameters::V_reset, "V_reset", -70.0, "mV", "potential after a spike"},
      Field{&Parameters::t_ref, "t_ref", 2.0, "ms", "absolute refractory period", non_negative},
      Field{&Parameters::E_exc, "E_exc", 0.0, "mV", "excitatory reversal potential"},
      Field{&Parameters::E_inh, "E_inh", -80.0, "mV", "inhibitory reversal potential"},
      Field{&Parameters::tau_syn_exc, "tau_syn_exc", 5.0, "ms", "decay of g_exc", positive},
      Field{&Parameters::tau_syn_inh, "tau_syn_inh", 10.0, "ms", "decay of g_inh", positive},
      Field{&Parameters::I_e, "I_e", 0.0, "pA", "constant drive"});

  struct State {
    double V, g_exc, g_inh, deaf;
  };
  static constexpr auto state =
      fields(Field{&State::V, "V", -70.0, "mV", "membrane potential"},
             Field{&State::g_exc, "g_exc", 0.0, "nS", "excitatory conductance"},
             Field{&State::g_inh, "g_inh", 0.0, "nS", "inhibitory conductance"},
             Field{&State::deaf, "deaf", 0.0, "ms", "what is left of refractoriness"});

  static void check(const Parameters& p) {
    if (p.V_reset >= p.V_th) throw BadParameter("V_reset", "V_reset must be below V_th");
  }
  static void init(State& s, const Parameters& p) { s = {p.E_L, 0.0, 0.0, 0.0}; }

  // What is left of a conductance at the start, middle and end of the part of a step from `from` to its end.
  struct Decay {
    double start, middle, end;
    Decay(double tau, double from, double dt)
        : start(std::exp(-from / tau)), middle(std::exp(-(from + dt) / 2.0 / tau)), end(std::exp(-dt / tau)) {}
  };
  struct Prepared : Parameters {
    double rest;  // refractoriness left in the step in which it ends
    Decay exc, inh, exc_rest, inh_rest;  // of a whole step, and of that one
  };
  static Prepared prepare(const Parameters& p, double dt) {
    const double rest = std::max(0.0, p.t_ref - dt * std::floor(p.t_ref / dt * (1.0 + 1e-12)));
    return {p, rest, Decay(p.tau_syn_exc, 0.0, dt), Decay(p.tau_syn_inh, 0.0, dt),
            Decay(p.tau_syn_exc, rest, dt), Decay(p.tau_syn_inh, rest, dt)};
  }

  // Without branches: the loop over neurons becomes vector code.
  static bool step(State& s, const Prepared& p, const Input& in, double dt) {
    const bool deaf = s.deaf > 0.0, deaf_throughout = s.deaf > dt * (1.0 - 1e-9);
    const double h = deaf_throughout ? 0.0 : deaf ? dt - p.rest : dt;
    const double g_exc = s.g_exc + in.arrivals[0], g_inh = s.g_inh + in.arrivals[1];
    const double exc_start = g_exc * (deaf ? p.exc_rest.start : p.exc.start);
    const double inh_start = g_inh * (deaf ? p.inh_rest.start : p.inh.start);
    const double exc_middle = g_exc * (deaf ? p.exc_rest.middle : p.exc.middle);
    const double inh_middle = g_inh * (deaf ? p.inh_rest.middle : p.inh.middle);
    s.g_exc = g_exc * p.exc.end;
    s.g_inh = g_inh * p.inh.end;

    // V' = b - a V at the three nodes, times h.
    const double scale = h / p.C_m, drive = p.g_L * p.E_L + p.I_e + in.I;
    const double a0 = scale * (p.g_L + exc_start + inh_start);
    const double a1 = scale * (p.g_L + exc_middle + inh_middle);
    const double a2 = scale * (p.g_L + s.g_exc + s.g_inh);
    const double b0 = scale * (drive + exc_start * p.E_exc + inh_start * p.E_inh);
    const double b1 = scale * (drive + exc_middle * p.E_exc + inh_middle * p.E_inh);
    const double b2 = scale * (drive + s.g_exc * p.E_exc + s.g_inh * p.E_inh);
    // (1 + a1/3) V1 - a2/24 V2 = middle,   2/3 a1 V1 + (1 + a2/6) V2 = end
    const double f0 = b0 - a0 * s.V;
    const double middle = s.V + f0 * (5.0 / 24.0) + b1 * (1.0 / 3.0) - b2 * (1.0 / 24.0);
    const double end = s.V + (f0 + 4.0 * b1 + b2) * (1.0 / 6.0);
    const double m1 = 1.0 + a1 * (1.0 / 3.0), m2 = 1.0 + a2 * (1.0 / 6.0);
    const double V = (m1 * end - a1 * (2.0 / 3.0) * middle) / (m1 * m2 + a1 * a2 * (1.0 / 36.0));

    const bool spike = V >= p.V_th;
    s.V = spike ? p.V_reset : V;
    s.deaf = spike ? p.t_ref : std::max(0.0, s.deaf - dt);
    return spike;
  }
};
}  // namespace
VOLLEY_NEURON(LifCond)
