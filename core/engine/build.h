// SPDX-License-Identifier: Apache-2.0
// From a checked description to blocks, sources and the exchange between them.
#pragma once

#include <engine/exchange.h>
#include <engine/sources.h>
#include <network/description.h>
#include <network/placement.h>

#include <memory>
#include <vector>

namespace volley {

struct ChunkSource {
  std::size_t population;
  std::unique_ptr<Source> source;
};

struct BuiltNetwork {
  Placement placement;
  std::vector<std::unique_ptr<Block>> blocks;
  std::unique_ptr<Sources> stimuli;
  std::vector<ChunkSource> sources;  // whose spikes are queued
  Exchange exchange{0};
  std::vector<std::vector<std::uint32_t>> recorded_neurons;  // by state record
  std::vector<std::string> warnings;
  std::uint64_t neurons = 0, synapses = 0;
  double bytes = 0.0;
  Time window = never;
  bool within_ticks = false;                     // a window ends with a tick
  std::vector<std::vector<std::size_t>> turns;  // of a window, one after another: blocks that run side by side

  const Run& run_of(std::size_t block, Local neuron) const;
  double read(std::size_t population, std::uint32_t neuron, const std::string& variable, Time t);
};

BuiltNetwork build(const Experiment&, const Files&, int threads);

}  // namespace volley
