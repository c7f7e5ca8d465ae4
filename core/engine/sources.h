// SPDX-License-Identifier: Apache-2.0
// Stimulators at work: the chunks of each, and which of them reach their neurons without a queue.
#pragma once

#include <engine/block.h>
#include <network/description.h>
#include <network/placement.h>

#include <memory>
#include <string>
#include <vector>

namespace volley {

class Sources {
 public:
  Sources(const Experiment&, const Files&, std::vector<std::string>& notes);

  // A chunk of a stimulator from its beginning, as often as wanted: always the same signals.
  std::unique_ptr<Source> make(std::size_t population, std::uint32_t chunk) const;
  std::uint32_t chunks(std::size_t population) const;

  // True when spikes of projection k go straight to their neurons: one to one, static, one delay, drawn by chunks, and
  // nobody records them.
  static bool direct(const Experiment&, std::size_t projection);
  // The streams of such a projection into a block, whose table t holds its rows. False, and none made, when another
  // stream reaches one of its neurons: the two would have to be merged.
  bool connect(std::size_t projection, const std::vector<Run>& runs, std::uint32_t table, Block& block) const;

 private:
  struct Shared {
    std::uint64_t seed;
    std::string name;
  };
  const Experiment& experiment_;
  const Files& files_;
  std::vector<std::string>& notes_;
  std::vector<std::unique_ptr<ParameterSet>> parameters_;  // by population; none for neurons
  std::vector<std::unique_ptr<Shared>> shared_;            // whose streams a stimulator's chunks share
};

}  // namespace volley
