// SPDX-License-Identifier: Apache-2.0
// The graph of populations (Boost.Graph): the window, and the order of zero-delay clocked projections.
#pragma once

#include <network/description.h>
#include <network/rows.h>

namespace volley {

struct Lookahead {
  Time window = never;             // smallest total delay of all projections between neurons; never without any
  std::size_t projection = 0;      // where it was found
};

// rows: of all projections. Throws InputError for a zero total delay between neurons, printing the loop when the
// projection lies on one (A -> B -> A).
Lookahead lookahead(const Experiment&, const std::vector<Rows>& rows);

// Populations of neurons in an order in which zero-delay projections between clocked populations point forward.
// Throws InputError with the loop otherwise.
std::vector<std::size_t> clocked_order(const Experiment&);

// This version's kernels deliver between windows, so that a spike cannot arrive in the tick that sends it: refused, a
// loop as clocked_order() does.
void refuse_zero_delays_between_clocked(const Experiment&);

}  // namespace volley
