// SPDX-License-Identifier: Apache-2.0
// Which neurons share a block. No result depends on it.
#pragma once

#include <network/description.h>
#include <network/placement.h>

namespace volley {

// Populations whose membranes have one layout are interleaved over the same blocks, so that a spike's row in a block is
// long; about as many blocks as threads.
Placement place(const Experiment&, int threads);

}  // namespace volley
