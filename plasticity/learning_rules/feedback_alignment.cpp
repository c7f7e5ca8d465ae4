// SPDX-License-Identifier: Apache-2.0
// Feedback alignment (Lillicrap et al. 2016, doi:10.1038/ncomms13276): errors go from layer to layer through fixed
// random numbers instead of the weights.
//
//   dL/dy_l = B_(l+1) dL/dz_(l+1)      in place of W_(l+1)^T dL/dz_(l+1)
//
// Within a layer they go back through time as in bptt, its projection to itself included.
#include <volley/learning_rule.h>

namespace {
using namespace volley;

struct FeedbackAlignment {
  static constexpr auto name = "feedback_alignment";
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
    return {.carrier = Credit::Carrier::random, .wide = p.width == Width::he};
  }
};
}  // namespace
VOLLEY_LEARNING_RULE(FeedbackAlignment)
