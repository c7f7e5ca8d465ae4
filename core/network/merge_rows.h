// SPDX-License-Identifier: Apache-2.0
// Rows of several projections from one source population as one: a spike reaches all that it reaches in a block in one
// slice for each delay. Long slices are what makes delivery fast.
#pragma once

#include <network/rows.h>

#include <span>
#include <vector>

namespace volley {

// True when r may be merged with parts that may be: the same block and sources, delays few enough for the slices' 16
// bits, all with weights of their own or all with the same constant one.
bool mergeable(std::span<const Rows* const> parts, const Rows& r);

// The delays of all, each once, ascending.
std::vector<Time> all_delays(std::span<const Rows> parts);

// The rows of `parts`, which share no target, as those of the first one's projection. Of equal delay the synapses of an
// earlier part come first; each part keeps its order.
Rows merge_rows(std::vector<Rows> parts);

// The same, packed. Together they have more than one delay.
Rows pack_rows(std::vector<Rows> parts);

}  // namespace volley
