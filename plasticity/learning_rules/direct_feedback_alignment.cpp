// SPDX-License-Identifier: Apache-2.0
// Direct feedback alignment (Nokland 2016, arXiv:1609.01596): each hidden layer gets the error of the loss's layer
// through fixed random numbers of its own.
//
//   dL/dy_l = B_l dL/dz_K      z_K: what the loss's layer receives in the same tick
//
// Within a layer they go back through time as in bptt, its projection to itself included.
#include <volley/learning_rule.h>

namespace {
using namespace volley;

struct DirectFeedbackAlignment {
  static constexpr auto name = "direct_feedback_alignment";
  static constexpr Fidelity fidelity{Origin::published, Origin::authors_code,
                                     "as in the code of GRAPES; its place in layers with memory is ours"};
  enum class Width : std::uint8_t { he, nokland };

  struct Parameters {
    Width width;
  };
  static constexpr auto parameters =
      fields(Field{&Parameters::width, "width", one_of("he", "nokland"), "",
                   "of B, uniform: +-sqrt(6 / units that receive), or +-1/sqrt(units that send)"});

  static Credit credit(const Parameters& p) {
    return {.route = Credit::Route::direct, .carrier = Credit::Carrier::random, .wide = p.width == Width::he};
  }
};
}  // namespace
VOLLEY_LEARNING_RULE(DirectFeedbackAlignment)
