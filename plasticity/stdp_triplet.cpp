// SPDX-License-Identifier: Apache-2.0
// Triplet STDP, all-to-all (Pfister & Gerstner 2006, doi:10.1523/JNEUROSCI.1425-06.2006, eqs. 1-4).
//
//   pre spike:   w -= o1 (A2_minus + A3_minus r2)     r1 += 1 (tau_plus),   r2 += 1 (tau_x) afterwards
//   post spike:  w += r1 (A2_plus  + A3_plus  o2)     o1 += 1 (tau_minus),  o2 += 1 (tau_y) afterwards
//
// r2 and o2 are read before their own spike's update. Weights stay within [W_min, W_max].
#include <volley/rule.h>

#include <algorithm>

namespace {
using namespace volley;

struct StdpTriplet {
  static constexpr auto name = "stdp_triplet";
  static constexpr Fidelity fidelity{Origin::published, Origin::published,
                                     "defaults: full model, visual cortex, all-to-all, amplitudes for W_max = 1 mV"};

  struct Parameters {
    double tau_plus, tau_minus, tau_x, tau_y, A2_plus, A2_minus, A3_plus, A3_minus, W_min, W_max;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::tau_plus, "tau_plus", 16.8, "ms", "fast presynaptic trace r1", positive},
      Field{&Parameters::tau_minus, "tau_minus", 33.7, "ms", "fast postsynaptic trace o1", positive},
      Field{&Parameters::tau_x, "tau_x", 101.0, "ms", "slow presynaptic trace r2", positive},
      Field{&Parameters::tau_y, "tau_y", 125.0, "ms", "slow postsynaptic trace o2", positive},
      Field{&Parameters::A2_plus, "A2_plus", 5e-10, weight_unit, "pair potentiation", non_negative},
      Field{&Parameters::A2_minus, "A2_minus", 7e-3, weight_unit, "pair depression", non_negative},
      Field{&Parameters::A3_plus, "A3_plus", 6.2e-3, weight_unit, "triplet potentiation", non_negative},
      Field{&Parameters::A3_minus, "A3_minus", 2.3e-4, weight_unit, "triplet depression", non_negative},
      Field{&Parameters::W_min, "W_min", 0.0, weight_unit, "lower bound"},
      Field{&Parameters::W_max, "W_max", 1.0, weight_unit, "upper bound"});

  static std::array<Trace, 2> pre_traces(const Parameters& p) { return {{{p.tau_plus}, {p.tau_x}}}; }
  static std::array<Trace, 2> post_traces(const Parameters& p) { return {{{p.tau_minus}, {p.tau_y}}}; }

  static double on_pre(double w, const Traces<2>& r, const Traces<2>& o, auto&, double, const Parameters& p) {
    return clip(w - o[0] * (p.A2_minus + p.A3_minus * r[1]), p);
  }
  static double on_post(double w, const Traces<2>& r, const Traces<2>& o, auto&, const Parameters& p) {
    return clip(w + r[0] * (p.A2_plus + p.A3_plus * o[1]), p);
  }
  static double clip(double w, const Parameters& p) { return std::min(p.W_max, std::max(p.W_min, w)); }
};
}  // namespace
VOLLEY_RULE(StdpTriplet)
