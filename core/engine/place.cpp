// SPDX-License-Identifier: Apache-2.0
#include <engine/place.h>

#include <engine/layout.h>
#include <engine/membrane_limits.h>
#include <engine/mode_kernel.h>
#include <engine/sources.h>
#include <network/connect.h>
#include <network/error.h>
#include <network/sample.h>
#include <volley/stimulator.h>

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>
#include <queue>
#include <utility>

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

// What is known beforehand of the work for a neuron: one for each synapse, as if all neurons fired alike. The other
// numbers are those of brunel_delta and brunel_stdp.
struct Work {
  double adding = 100.0;  // with looks and passes
  double drawing = 0.0;   // of a unit whose spikes go straight to the neuron
};

std::vector<Work> work_for(const Experiment& e) {
  constexpr double plastic = 4.0, drawing = 2000.0, adding = 2000.0;
  std::vector<Work> work(e.populations.size());
  for (std::size_t k = 0; k < e.projections.size(); ++k) {
    const ProjectionSpec& p = e.projections[k];
    Work& to = work[p.to.population];
    if (Sources::direct(e, k)) to.adding += adding, to.drawing += drawing;
    else to.adding += expected_synapses(e, k) / e.populations[p.to.population].size * (p.rule ? plastic : 1.0);
  }
  return work;
}

// Neurons that have no block yet.
struct Piece {
  std::size_t population;
  std::uint32_t first, count;
  double adding, drawing;  // the work for one of them
  double chunk = 0.0;      // of drawing all of the chunk that they are of, as every block must that has some of them

  double each() const { return adding + drawing; }
  bool operator<(const Piece& other) const { return count * each() < other.count * other.each(); }
};

// Deals pieces out to new blocks, each to the one that has the least to do. A block begins with its first neurons.
class Dealer {
 public:
  Dealer(Placement& placement, std::uint64_t blocks, std::uint32_t limit) : placement_(placement), limit_(limit) {
    for (std::uint64_t b = 0; b < blocks; ++b) least_.push({0.0, none});
  }

  // In one block, if it has room.
  void whole(Piece piece) {
    while (piece.count > 0) put(piece, piece.count);
  }

  // The largest first, cut where a block has its share.
  void by_shares(const std::vector<Piece>& pieces, double share) {
    std::priority_queue<Piece> largest(pieces.begin(), pieces.end());
    while (!largest.empty()) {
      Piece piece = largest.top();
      largest.pop();
      const double room = share - (least_.empty() ? 0.0 : least_.top().first);
      put(piece, room < piece.each() ? piece.count : static_cast<std::uint32_t>(std::min(room / piece.each(), 1e9)));
      if (piece.count > 0) largest.push(piece);
    }
  }

  double most_work() const { return most_work_; }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  using Load = std::pair<double, std::size_t>;  // work, block

  // The first `count` neurons of the piece, or as many as the block may still hold.
  void put(Piece& piece, std::uint32_t count) {
    auto [work, b] = least_.empty() ? Load{0.0, none} : least_.top();
    if (!least_.empty()) least_.pop();
    if (b == none) {
      b = placement_.of_block.size();
      placement_.of_block.emplace_back();
      placement_.block_size.push_back(0);
    }
    std::uint32_t& size = placement_.block_size[b];
    count = std::min({count, piece.count, limit_ - size});
    const Run run{piece.population, piece.first, count, b, static_cast<Local>(size)};
    placement_.of_population[piece.population].push_back(run);
    placement_.of_block[b].push_back(run);
    size += count;
    piece.first += count;
    piece.count -= count;
    work += count * piece.adding + piece.chunk;
    most_work_ = std::max(most_work_, work);
    if (size < limit_) least_.emplace(work, b);
  }

  std::priority_queue<Load, std::vector<Load>, std::greater<>> least_;  // blocks that are not full
  Placement& placement_;
  std::uint32_t limit_;
  double most_work_ = 0.0;
};

// Equal parts of every population in each block, since nobody knows how populations will differ; chunks whole or cut,
// since a block draws all of a chunk that reaches it. Returns the work of the block that has most.
double place_cohort(const Experiment& e, const Cohort& c, const std::vector<Work>& work, std::uint64_t blocks,
                    std::uint32_t limit, bool cut, Placement& p) {
  Dealer dealer(p, blocks, limit);
  std::vector<Piece> chunks;
  double all = 0.0;
  for (const std::size_t k : c.populations) {
    const std::uint32_t size = e.populations[k].size;
    const bool by_chunk = work[k].drawing > 0 && blocks > 1;
    const auto length = by_chunk ? chunk_size : static_cast<std::uint32_t>((size + blocks - 1) / blocks);
    for (std::uint32_t first = 0; first < size; first += length) {
      const std::uint32_t count = std::min(length, size - first);
      const Piece piece{k, first, count, work[k].adding, work[k].drawing, count * work[k].drawing};
      if (by_chunk) chunks.push_back(piece);
      else dealer.whole(piece);
    }
    all += size * (work[k].adding + work[k].drawing);
  }
  dealer.by_shares(chunks, cut ? all / static_cast<double>(blocks) : std::numeric_limits<double>::max());
  for (const std::size_t k : c.populations) std::ranges::sort(p.of_population[k], {}, &Run::first);
  return dealer.most_work();
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
  const std::vector<Work> work = work_for(e);
  p.of_population.resize(e.populations.size());
  for (const Cohort& c : cohorts) {
    const std::uint64_t useful = std::max<std::uint64_t>(1, c.neurons / worth_splitting);
    const std::uint64_t blocks =
        std::max((c.neurons + limit - 1) / limit, std::min(static_cast<std::uint64_t>(threads), useful));
    const bool chunks = std::ranges::any_of(c.populations, [&](std::size_t k) { return work[k].drawing > 0.0; });
    Placement whole = chunks ? p : Placement{};
    const double most_work = place_cohort(e, c, work, blocks, limit, true, p);
    if (chunks && place_cohort(e, c, work, blocks, limit, false, whole) < most_work) p = std::move(whole);
  }
  return p;
}

}  // namespace volley
