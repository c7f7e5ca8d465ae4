// SPDX-License-Identifier: Apache-2.0
// A neuron needs one of the three forms.
// error: a neuron needs membrane(p), or step(s, p, input, dt), or tick(s, in, w, p), or flow, receive, fires and reset
#include <volley/neuron.h>

namespace {
using namespace volley;

struct Case {
  static constexpr auto name = "case";
  static constexpr Fidelity fidelity{Origin::ours, Origin::ours, "a test"};
  struct Parameters {
    double tau_m;
  };
  static constexpr auto parameters = fields(Field{&Parameters::tau_m, "tau_m", 10.0, "ms", "membrane"});
  // instead of: static Membrane membrane(const Parameters& p) { return Membrane{.tau_m = p.tau_m}.voltage_port("V"); }
};
}  // namespace
VOLLEY_NEURON(Case)
