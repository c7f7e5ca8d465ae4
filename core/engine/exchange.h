// SPDX-License-Identifier: Apache-2.0
// Between windows: spikes go from where they were fired to the queues of the blocks they reach. What runs on several
// machines one day will differ here alone.
#pragma once

#include <engine/block.h>
#include <volley/synapse.h>

#include <cstdint>
#include <memory>
#include <span>
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
  Time early = 0;  // a spike sets out so long before its stamp: a tick between clocked populations
  bool drive = false;
  std::vector<double> level;  // of a current: the last value of each unit
  std::unique_ptr<SynapseStage> stage;
  struct Destination {
    Block* block;
    std::uint32_t table;
    Time least_delay;
  };
  std::vector<Destination> destinations;
};

class Exchange {
 public:
  explicit Exchange(std::size_t populations) : routes_(populations) {}

  void add(std::size_t population, Route r) { routes_[population].push_back(std::move(r)); }
  // Spikes of one population, ascending in time for each unit.
  void send(std::size_t population, std::span<const SourceSpike> spikes);

 private:
  std::vector<std::vector<Route>> routes_;  // by source population
};

}  // namespace volley
