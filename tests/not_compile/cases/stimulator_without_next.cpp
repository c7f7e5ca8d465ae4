// SPDX-License-Identifier: Apache-2.0
// A stimulator must tell its next signal.
// error: 'next' is not a member of
#include <volley/stimulator.h>

namespace {
using namespace volley;

struct Case {
  static constexpr auto name = "case";
  static constexpr Fidelity fidelity{Origin::ours, Origin::ours, "a test"};
  struct Parameters {
    double tau;
  };
  static constexpr auto parameters = fields(Field{&Parameters::tau, "tau", 10.0, "ms", "a trace"});
  struct State {};
  static void begin(State&, const Units&) {}
  // instead of: static Signal next(State&, const Units&) { return Signal::end(); }
};
}  // namespace
VOLLEY_STIMULATOR(Case)
