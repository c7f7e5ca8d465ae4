// SPDX-License-Identifier: Apache-2.0
// A field must be a member of Parameters.
// error: 'tau_n' is not a member of
#include <volley/neuron.h>

namespace {
using namespace volley;

struct Case {
  static constexpr auto name = "case";
  static constexpr Fidelity fidelity{Origin::ours, Origin::ours, "a test"};
  struct Parameters {
    double tau_m;
  };
  static constexpr auto parameters = fields(Field{&Parameters::tau_n, "tau_m", 10.0, "ms", "membrane"});  // instead of: static constexpr auto parameters = fields(Field{&Parameters::tau_m, "tau_m", 10.0, "ms", "membrane"});
  static Membrane membrane(const Parameters& p) { return Membrane{.tau_m = p.tau_m}.voltage_port("V"); }
};
}  // namespace
VOLLEY_NEURON(Case)
