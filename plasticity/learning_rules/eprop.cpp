// SPDX-License-Identifier: Apache-2.0
// E-prop (Bellec et al. 2020, doi:10.1038/s41467-020-17236-y): each weight's own trace times a learning signal that is
// broadcast to the unit.
//
//   e_t = ds_t/ds_(t-1) e_(t-1) + ds_t/dW    of the unit alone; recurrent weights have traces, but are not followed
//   dL/dW = sum over ticks of L_t (dy_t/ds_t e_t),   L_t = sum over outputs k of B_k dL/dz_k
//
// z: what the loss's layer receives. `symmetric` takes the weights, from layer to layer within the tick; `random` fixed
// numbers from the loss's layer to each other; `adaptive` numbers that follow the changes of the weights to the loss's
// layer, while their difference decays.
#include <volley/learning_rule.h>

namespace {
using namespace volley;

struct Eprop {
  static constexpr auto name = "eprop";
  static constexpr Fidelity fidelity{Origin::reconstruction, Origin::ours,
                                     "the leak of a readout is not followed in its learning signal, as under ostl"};

  struct Parameters {
    Credit::Carrier feedback;
    double decay;
  };
  static constexpr auto parameters =
      fields(Field{&Parameters::feedback, "feedback", one_of("symmetric", "random", "adaptive"), "",
                   "what carries the learning signal"},
             Field{&Parameters::decay, "decay", 0.001, "", "of feedback minus weights, in a step of the optimiser",
                   fraction});
  static constexpr auto only_with = std::array{OnlyWith{"decay", "feedback", "adaptive"}};

  static Credit credit(const Parameters& p) {
    const bool symmetric = p.feedback == Credit::Carrier::weights;
    return {.past = Credit::Past::traces,
            .route = symmetric ? Credit::Route::layers : Credit::Route::direct,
            .carrier = p.feedback,
            .wide = false,
            .decay = p.decay,
            .jacobian = Credit::Jacobian::diagonal};
  }
};
}  // namespace
VOLLEY_LEARNING_RULE(Eprop)
