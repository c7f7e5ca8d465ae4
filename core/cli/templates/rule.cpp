// my_model: pair-based, additive spike-timing-dependent plasticity. Change it into your own.
//
//   post after pre:  W += A_plus  x     x: trace of the pre spikes,  tau_plus
//   pre after post:  W -= A_minus y     y: trace of the post spikes, tau_minus
#include <volley/rule.h>

#include <algorithm>

namespace {
using namespace volley;

struct MyModel {
  static constexpr auto name = "my_model";
  static constexpr Fidelity fidelity{Origin::ours, Origin::ours, "say here what the equations and numbers rest on"};

  struct Parameters {
    double tau_plus, tau_minus, A_plus, A_minus, W_min, W_max;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::tau_plus, "tau_plus", 20.0, "ms", "presynaptic trace", positive},
      Field{&Parameters::tau_minus, "tau_minus", 20.0, "ms", "postsynaptic trace", positive},
      Field{&Parameters::A_plus, "A_plus", 0.010, weight_unit, "potentiation step", non_negative},
      Field{&Parameters::A_minus, "A_minus", 0.011, weight_unit, "depression step", non_negative},
      Field{&Parameters::W_min, "W_min", 0.0, weight_unit, "lower bound"},
      Field{&Parameters::W_max, "W_max", 1.0, weight_unit, "upper bound"});

  // volley keeps the traces; the verbs see them before this event's own update.
  static std::array<Trace, 1> pre_traces(const Parameters& p) { return {{{p.tau_plus}}}; }
  static std::array<Trace, 1> post_traces(const Parameters& p) { return {{{p.tau_minus}}}; }

  static double on_pre(double w, const Traces<1>&, const Traces<1>& y, auto&, double, const Parameters& p) {
    return clip(w - p.A_minus * y[0], p);
  }
  static double on_post(double w, const Traces<1>& x, const Traces<1>&, auto&, const Parameters& p) {
    return clip(w + p.A_plus * x[0], p);
  }
  static double clip(double w, const Parameters& p) { return std::min(p.W_max, std::max(p.W_min, w)); }
};
}  // namespace
VOLLEY_RULE(MyModel)
