// SPDX-License-Identifier: Apache-2.0
// Where each neuron lives: populations cut into runs, runs gathered in blocks. No result depends on the cut.
#pragma once

#include <volley/kernel.h>

#include <cstdint>
#include <vector>

namespace volley {

// Neurons first .. first + count - 1 of a population sit at offset .. in a block.
struct Run {
  std::size_t population = 0;
  std::uint32_t first = 0, count = 0;
  std::size_t block = 0;
  Local offset = 0;
};

struct Placement {
  std::vector<std::vector<Run>> of_population;  // by population, ascending first; empty for stimulators
  std::vector<std::vector<Run>> of_block;       // by block, ascending offset
  std::vector<std::uint32_t> block_size;        // neurons in each block, at most 65,536
  std::vector<bool> individual;                 // by population: its time constants differ from neuron to neuron

  // The run that holds neuron i of a population.
  const Run& find(std::size_t population, std::uint32_t i) const {
    const auto& runs = of_population[population];
    std::size_t lo = 0, hi = runs.size();
    while (hi - lo > 1) {
      const std::size_t mid = (lo + hi) / 2;
      (runs[mid].first <= i ? lo : hi) = mid;
    }
    return runs[lo];
  }
};

}  // namespace volley
