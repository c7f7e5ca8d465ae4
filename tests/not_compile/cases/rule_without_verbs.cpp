// SPDX-License-Identifier: Apache-2.0
// A rule must change weights at some event.
// error: a rule needs on_pre(w, pre, post, s, e, p) or on_post(w, pre, post, s, p)
#include <volley/rule.h>

namespace {
using namespace volley;

struct Case {
  static constexpr auto name = "case";
  static constexpr Fidelity fidelity{Origin::ours, Origin::ours, "a test"};
  struct Parameters {
    double tau;
  };
  static constexpr auto parameters = fields(Field{&Parameters::tau, "tau", 10.0, "ms", "a trace"});
  static std::array<Trace, 1> pre_traces(const Parameters& p) { return {{{p.tau}}}; }
  static std::array<Trace, 1> post_traces(const Parameters& p) { return {{{p.tau}}}; }
  // instead of: static double on_post(double w, const Traces<1>& x, const Traces<1>&, auto&, const Parameters&) { return w + x[0]; }
};
}  // namespace
VOLLEY_RULE(Case)
