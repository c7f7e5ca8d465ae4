// SPDX-License-Identifier: Apache-2.0
// A model sees nothing of the host.
// error: network/description.h: No such file or directory
#include <volley/neuron.h>
#include <network/description.h>  // instead of: #include <cmath>

namespace {
using namespace volley;

struct Case {
  static constexpr auto name = "case";
  static constexpr Fidelity fidelity{Origin::ours, Origin::ours, "a test"};
  struct Parameters {
    double tau_m;
  };
  static constexpr auto parameters = fields(Field{&Parameters::tau_m, "tau_m", 10.0, "ms", "membrane"});
  static Membrane membrane(const Parameters& p) { return Membrane{.tau_m = p.tau_m}.voltage_port("V"); }
};
}  // namespace
VOLLEY_NEURON(Case)
