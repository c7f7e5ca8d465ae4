// SPDX-License-Identifier: Apache-2.0
// Connection rules: from a projection's description to rows, in parallel, the same on any number of threads.
#pragma once

#include <network/description.h>
#include <network/placement.h>
#include <network/rows.h>

#include <vector>

namespace volley {

// The rows of one projection, one Rows per block of its target view that receives a synapse, ascending block.
// A projection whose targets are neurons. Delays in the rows are total (axonal + dendritic).
// Throws InputError: impossible degrees, weights of the wrong sign, delays that are negative or do not fit.
std::vector<Rows> build_rows(const Experiment&, std::size_t projection, const Placement&);

// Expected number of synapses, before building (`volley check`, memory estimate). Exact but for pairwise_bernoulli.
double expected_synapses(const Experiment&, std::size_t projection);

// Total delay (ps) of a synapse of a row; `synapse` is its place in the table, from first[row] on.
Time delay_of(const Rows&, std::uint32_t row, std::uint64_t synapse);

}  // namespace volley
