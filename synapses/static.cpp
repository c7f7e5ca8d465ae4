// SPDX-License-Identifier: Apache-2.0
// Static synapse: every spike transmits the stored weight.
#include <volley/synapse.h>

namespace {
using namespace volley;

struct Static {
  static constexpr auto name = "static";
  static constexpr Fidelity fidelity{Origin::published, Origin::ours, "no parameters"};
  static constexpr bool transparent = true;
  struct Parameters {};
  static constexpr auto parameters = fields();
};
}  // namespace
VOLLEY_SYNAPSE(Static)
