// SPDX-License-Identifier: Apache-2.0
// A model must say how far its equations and defaults can be trusted.
// error: a model needs: name, fidelity, struct Parameters and its table
#include <volley/neuron.h>

namespace {
using namespace volley;

struct Case {
  static constexpr auto name = "case";
  // instead of: static constexpr Fidelity fidelity{Origin::ours, Origin::ours, "a test"};
  struct Parameters {
    double tau_m;
  };
  static constexpr auto parameters = fields(Field{&Parameters::tau_m, "tau_m", 10.0, "ms", "membrane"});
  static Membrane membrane(const Parameters& p) { return Membrane{.tau_m = p.tau_m}.voltage_port("V"); }
};
}  // namespace
VOLLEY_NEURON(Case)
