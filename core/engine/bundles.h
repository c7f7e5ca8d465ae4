// SPDX-License-Identifier: Apache-2.0
// Which projections reach a block as one. No result depends on it: the order of arrivals at a neuron stays as it was.
#pragma once

#include <network/description.h>
#include <network/rows.h>

#include <vector>

namespace volley {

// Merges the rows of static projections from the same neurons to different populations, if nobody asks for their
// weights; packs those of so many delays that most windows that cross a row meet a slice of it. On entry and return
// ascending by projection, then block.
void bundle(const Experiment&, Time window, std::vector<Rows>&);

}  // namespace volley
