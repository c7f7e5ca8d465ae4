// SPDX-License-Identifier: Apache-2.0
#include <engine/place.h>

#include <engine/layout.h>
#include <engine/membrane_limits.h>
#include <engine/mode_kernel.h>
#include <network/error.h>
#include <network/sample.h>
#include <volley/stimulator.h>

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <queue>
#include <tuple>

namespace volley {
namespace {

constexpr std::uint32_t most_neurons = 65536;
constexpr std::uint32_t worth_splitting = 256;  // below this a barrier costs more than the work

// What the neurons of a block must have in common. None: a population that gets blocks of its own.
struct Common {
  Membrane membrane;
  bool driven = false;  // some neuron has a drive above threshold: its block needs passes

  bool operator==(const Common& other) const {
    return driven == other.driven && same_layout(membrane, other.membrane);
  }
};

std::optional<Common> common(const Experiment& e, const PopulationSpec& p) {
  if (p.neuron().form != NeuronForm::membrane) return std::nullopt;
  const ParameterSet parameters = make_parameters(p.model, e.seed, p.name, 0, p.size, p.size);
  Common c{p.neuron().membrane(parameters.at(0))};
  bool alike = true;
  for (std::size_t i = 0; i < parameters.count(); ++i) {
    const Membrane m = p.neuron().membrane(parameters.at(i));
    if (const std::string what = beyond_limits(m); !what.empty())
      throw InputError(p.where, fmt::format("{} gives neuron {} {}", p.model.model->name, i, what));
    if (!same_components(m, c.membrane))
      throw InputError(p.where, std::string(p.model.model->name) + " gives neuron " + std::to_string(i) +
                                    " other components or ports than neuron 0; put them into populations of their own");
    alike = alike && same_layout(m, c.membrane);
    c.driven |= m.rest > m.threshold;
  }
  if (!alike) return std::nullopt;
  return c;
}

struct Cohort {
  std::optional<Common> common;
  std::vector<std::size_t> populations;
  std::uint64_t neurons = 0;
};

// Runs of about a block's share. Long ones end where a stimulator's chunks do, so that few chunks reach two blocks.
std::uint32_t run_length(std::uint32_t size, std::uint64_t blocks, std::uint32_t limit) {
  const auto share = static_cast<std::uint32_t>((size + blocks - 1) / blocks);
  return std::min(limit, blocks > 1 && share > chunk_size ? chunk_size : share);
}

void place_cohort(const Experiment& e, const Cohort& c, std::uint64_t blocks, std::uint32_t limit, Placement& p) {
  using Load = std::pair<std::uint32_t, std::size_t>;  // neurons, block
  std::priority_queue<Load, std::vector<Load>, std::greater<>> least;
  for (std::uint64_t b = 0; b < blocks; ++b) {
    least.emplace(0, p.of_block.size());
    p.of_block.emplace_back();
    p.block_size.push_back(0);
  }
  for (const std::size_t k : c.populations) {
    const std::uint32_t size = e.populations[k].size, length = run_length(size, blocks, limit);
    for (std::uint32_t first = 0; first < size; first += length) {
      const std::uint32_t count = std::min(length, size - first);
      auto [load, b] = least.top();
      if (load + count > limit) {
        load = 0;
        b = p.of_block.size();
        p.of_block.emplace_back();
        p.block_size.push_back(0);
      } else {
        least.pop();
      }
      const Run run{k, first, count, b, static_cast<Local>(load)};
      p.of_population[k].push_back(run);
      p.of_block[b].push_back(run);
      p.block_size[b] += count;
      least.emplace(load + count, b);
    }
  }
}

}  // namespace

Placement place(const Experiment& e, int threads) {
  std::vector<Cohort> cohorts;
  Placement p;
  p.individual.resize(e.populations.size());
  for (std::size_t k = 0; k < e.populations.size(); ++k) {
    const PopulationSpec& population = e.populations[k];
    if (population.stimulator) continue;
    const std::optional<Common> mine = common(e, population);
    p.individual[k] = !mine && population.neuron().form == NeuronForm::membrane;
    auto at = mine ? std::ranges::find(cohorts, mine, &Cohort::common) : cohorts.end();
    if (at == cohorts.end()) at = cohorts.insert(at, Cohort{mine, {}, 0});
    at->populations.push_back(k);
    at->neurons += population.size;
  }

  const std::uint32_t limit = e.engine.block_size ? std::min(e.engine.block_size, most_neurons) : most_neurons;
  p.of_population.resize(e.populations.size());
  for (const Cohort& c : cohorts) {
    const std::uint64_t most = std::max<std::uint64_t>(1, c.neurons / worth_splitting);
    const std::uint64_t blocks =
        std::max((c.neurons + limit - 1) / limit, std::min(static_cast<std::uint64_t>(threads), most));
    place_cohort(e, c, blocks, limit, p);
  }
  return p;
}

}  // namespace volley
