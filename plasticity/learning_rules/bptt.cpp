// SPDX-License-Identifier: Apache-2.0
// Backpropagation through time (Werbos 1990, doi:10.1109/5.58337): the exact gradient, back from the trial's end.
//
//   dL/ds_(t-1) = (ds_t/ds_(t-1))^T dL/ds_t,   dL/dW = sum over ticks of dL/dz_t x_t^T
//
// Steps have the surrogate's derivative. All ticks of a trial are stored; truncated, only those of a window, and the
// gradient ends at the window's start, while the state is carried on or, with `reset`, starts from 0.
#include <volley/learning_rule.h>

namespace {
using namespace volley;

struct Bptt {
  static constexpr auto name = "bptt";
  static constexpr Fidelity fidelity{Origin::published, Origin::ours, "the textbook's algorithm"};
  enum class Start : std::uint8_t { carry, reset };

  struct Parameters {
    double truncate;
    Start state;
  };
  static constexpr auto parameters =
      fields(Field{&Parameters::truncate, "truncate", 0.0, "ms", "a window; 0: the whole trial", non_negative},
             Field{&Parameters::state, "state", one_of("carry", "reset"), "", "with which a window begins"});

  static Credit credit(const Parameters& p) { return {.truncate = p.truncate, .carry = p.state == Start::carry}; }
};
}  // namespace
VOLLEY_LEARNING_RULE(Bptt)
