// SPDX-License-Identifier: Apache-2.0
// The graph of populations (Boost.Graph): the window, and the order in which clocked populations pass on spikes in one
// tick.
#pragma once

#include <network/description.h>
#include <network/rows.h>

#include <optional>
#include <span>
#include <string>

namespace volley {

struct Lookahead {
  Time window = never;            // how long blocks may run without hearing of each other; never: without limit
  std::size_t projection = 0;     // what limits it
  bool within_ticks = false;      // a tick's spikes enter the same or the next: no window reaches past a tick's end
  std::vector<std::size_t> turn;  // by population: in each window it waits for all whose turn is earlier
};

// A spike of tick k whose delay between clocked populations is d ticks enters tick k + d. rows: of all projections.
// Throws InputError for a total delay of 0 between neurons: printing the loop when the projection lies on one
// (A -> B -> A), and else unless both are clocked and nothing is plastic.
Lookahead lookahead(const Experiment&, const std::vector<Rows>& rows);

bool between_clocked(const Experiment&, const ProjectionSpec&);

// The first of these projections, in order, that lies on a loop of them, and that loop: "A -> B -> A".
struct Loop {
  std::size_t projection;
  std::string text;
};
std::optional<Loop> find_loop(const Experiment&, std::span<const std::size_t> projections);

}  // namespace volley
