// SPDX-License-Identifier: Apache-2.0
// The last step of building rows: synapses in order of (delay, target), delays as classes and slices,
// the signs of the weights.
#pragma once

#include <network/rows.h>
#include <network/synapses.h>

#include <vector>

namespace volley {

// Rows of one projection. On entry each row is in the order drawn, by ascending target where `by_target`, and
// rows.delay holds codes (nothing for one delay). On return they are as rows.h says.
void finish_rows(std::vector<Rows>&, const Delays&, bool by_target);

}  // namespace volley
