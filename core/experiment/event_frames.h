// SPDX-License-Identifier: Apache-2.0
// Events in time (spikes of a cochlea, changes seen by a camera) as rows of ticks, kept sparse.
#pragma once

#include <experiment/readers.h>

namespace volley {

// Of a sample: the time of each event (s) and the input that it reaches.
struct Events {
  std::vector<double> times;
  std::vector<std::uint32_t> inputs;
};

struct Bins {
  double bin = 0.0;     // s, of a row
  bool counts = false;  // rows hold numbers of events, else 1 for one or more
};
// `bin: 4 ms` and `counts: true` of a reader's options.
Bins read_bins(const Keys&, Node& resolved);

// Adds a sample to a sparse field: one row a bin from time 0 to the last event, at least one.
void add_events(Dataset::Field&, const Events&, const Bins&);

}  // namespace volley
