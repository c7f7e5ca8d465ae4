// SPDX-License-Identifier: Apache-2.0
// From a checked description to blocks, sources and the routes that spikes take between them.
#pragma once

#include <engine/block.h>
#include <engine/sources.h>
#include <network/description.h>
#include <network/placement.h>

#include <memory>
#include <utility>
#include <vector>

namespace volley {

struct SourceSpike {
  Time t;
  std::uint32_t unit;  // in its population
  double value;        // of a current
};

// One projection as its source population sees it.
struct Route {
  std::uint32_t first, count;  // units of the source population
  double gain = 1.0;
  bool drive = false;
  std::vector<double> level;  // of a current: the last value of each unit
  std::unique_ptr<SynapseStage> stage;
  std::vector<std::pair<std::size_t, std::uint32_t>> tables;  // block, table in it
};

struct ChunkSource {
  std::size_t population;
  std::unique_ptr<Source> source;
};

struct BuiltNetwork {
  Placement placement;
  std::vector<std::unique_ptr<Block>> blocks;
  std::unique_ptr<Sources> stimuli;
  std::vector<ChunkSource> sources;  // whose spikes are queued
  std::vector<std::vector<Route>> routes;  // by source population
  std::vector<std::vector<std::uint32_t>> recorded_neurons;  // by state record
  std::vector<std::string> warnings;
  std::uint64_t neurons = 0, synapses = 0;
  double bytes = 0.0;
  Time window = never;

  const Run& run_of(std::size_t block, Local neuron) const;
  double read(std::size_t population, std::uint32_t neuron, const std::string& variable, Time t);
};

BuiltNetwork build(const Experiment&, const Files&, int threads);

}  // namespace volley
