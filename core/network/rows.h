// SPDX-License-Identifier: Apache-2.0
// The synapses of one projection into one block, by source: a row per source, sorted by (delay, target), ties in the
// order in which they were drawn. Memory a synapse: 2 bytes (one weight, few delays), 6 (own weight), 10 (own delay).
#pragma once

#include <network/packed.h>
#include <volley/kernel.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace volley {

struct Rows {
  std::size_t projection = 0;
  std::size_t block = 0;
  std::uint32_t sources = 0;            // rows: units of the projection's `from` view
  std::vector<std::uint64_t> first;     // sources + 1 offsets into the synapses
  Large<Local> target;                  // place in the block
  Large<float> weight;                  // empty: every weight is `constant`
  float constant = 0.0f;
  bool all_negative = false;            // no weight is above 0

  // Delays are total (axonal + dendritic), exact picoseconds.
  // Few delays: `classes`, ascending. One class: no tables. More: slices of a row, slice_first[row] ..
  // slice_first[row+1], each with its class and the end of its synapses (offset from the row's first).
  std::vector<Time> classes;
  std::vector<std::uint32_t> slice_first;
  std::vector<std::uint16_t> slice_class;
  std::vector<std::uint32_t> slice_end;
  // Many delays: one each, in multiples of `unit`; `classes` is empty.
  Large<std::uint32_t> delay;
  Time unit = 0;
  // Instead of target, weight and slices: rows that blocks walk along.
  Packed packed;

  std::uint64_t size() const { return first.empty() ? 0 : first.back(); }
  bool continuous() const { return classes.empty() && !delay.empty(); }
  Time least_delay() const {  // of some synapse; there is one
    return classes.empty() ? static_cast<Time>(*std::ranges::min_element(delay)) * unit : classes.front();
  }
};

}  // namespace volley
