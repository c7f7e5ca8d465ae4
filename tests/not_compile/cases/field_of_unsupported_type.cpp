// SPDX-License-Identifier: Apache-2.0
// A parameter may not be a float.
// error: a field of an unsupported type
#include <volley/neuron.h>

namespace {
using namespace volley;

struct Case {
  static constexpr auto name = "case";
  static constexpr Fidelity fidelity{Origin::ours, Origin::ours, "a test"};
  struct Parameters {
    float tau_m;  // instead of: double tau_m;
  };
  static constexpr auto parameters = fields(Field{&Parameters::tau_m, "tau_m", 10.0, "ms", "membrane"});
  static Membrane membrane(const Parameters& p) { return Membrane{.tau_m = p.tau_m}.voltage_port("V"); }
};
}  // namespace
VOLLEY_NEURON(Case)
