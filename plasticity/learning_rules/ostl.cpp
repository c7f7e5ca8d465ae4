// SPDX-License-Identifier: Apache-2.0
// Online spatio-temporal learning (Bohnstingl et al. 2022, doi:10.1109/TNNLS.2022.3153985): gradients forward in time,
// in memory that does not grow with the trial.
//
//   e_t = J_t e_(t-1) + ds_t/dtheta      traces of a layer: J_t = ds_t/ds_(t-1), through its projection to itself too
//   dL/dtheta = sum over ticks of L_t (dy_t/ds_t e_t)     L_t: dL/dy_t, through later layers within the tick
//
// Equal to backpropagation through time for the last layer with memory, whatever stateless layers follow; an
// approximation for those before it. Without a projection to itself a layer's J is diagonal, and its traces are as many
// as its weights; with one they are as many for every unit. The diagonal jacobian leaves that projection out of J.
#include <volley/learning_rule.h>

namespace {
using namespace volley;

struct Ostl {
  static constexpr auto name = "ostl";
  static constexpr Fidelity fidelity{Origin::authors_code, Origin::authors_code,
                                     "traces of any unit come from its own derivatives"};

  struct Parameters {
    Credit::Jacobian jacobian;
  };
  static constexpr auto parameters = fields(Field{&Parameters::jacobian, "jacobian", one_of("auto", "full", "diagonal"),
                                                  "", "auto: full where a layer projects to itself"});

  static Credit credit(const Parameters& p) { return {.past = Credit::Past::traces, .jacobian = p.jacobian}; }
};
}  // namespace
VOLLEY_LEARNING_RULE(Ostl)
