// SPDX-License-Identifier: Apache-2.0
// A synapse must transmit.
// error: 'transmit' is not a member of
#include <volley/synapse.h>

namespace {
using namespace volley;

struct Case {
  static constexpr auto name = "case";
  static constexpr Fidelity fidelity{Origin::ours, Origin::ours, "a test"};
  struct Parameters {
    double tau;
  };
  static constexpr auto parameters = fields(Field{&Parameters::tau, "tau", 10.0, "ms", "a trace"});
  struct State {
    double x = 1.0;
  };
  static constexpr auto state = fields(Field{&State::x, "x", 1.0, "", "what is left"});
  // instead of: static Transmission transmit(State& s, const Parameters&, double) { return {s.x, s.x}; }
};
}  // namespace
VOLLEY_SYNAPSE(Case)
