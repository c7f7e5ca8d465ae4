// SPDX-License-Identifier: Apache-2.0
#include <engine/bundles.h>

#include <network/merge_rows.h>

#include <algorithm>
#include <map>
#include <utility>

namespace volley {
namespace {

using Bundle = std::vector<std::size_t>;  // places among the rows, ascending projection

// Projections whose spikes mean the same to a kernel, whichever of them they take.
bool plain(const Experiment& e, const ProjectionSpec& p, std::size_t number) {
  return !e.populations[p.from.population].stimulator && p.synapse_model().transparent && !p.rule &&
         e.populations[p.to.population].neuron().form == NeuronForm::membrane &&
         std::ranges::none_of(e.record.weights, [&](const WeightRecord& r) { return r.projection == number; });
}

bool alike(const ProjectionSpec& a, const ProjectionSpec& b) {
  return a.from.population == b.from.population && a.from.first == b.from.first && a.from.count == b.from.count &&
         a.port == b.port && a.gain == b.gain;
}

// At one instant a neuron is reached in the order of projections. A bundle is reached in its first one's place: it is
// broken up where that would change the order at a population that it shares with another.
bool out_of_order(const Experiment& e, const std::vector<Rows>& rows, const Bundle& a, const Bundle& b) {
  const auto projection = [&](std::size_t k) { return rows[k].projection; };
  for (const std::size_t x : a)
    for (const std::size_t y : b)
      if (e.projections[projection(x)].to.population == e.projections[projection(y)].to.population &&
          (projection(x) < projection(y)) != (projection(a.front()) < projection(b.front())))
        return true;
  return false;
}

void keep_order(const Experiment& e, const std::vector<Rows>& rows, std::vector<Bundle>& bundles) {
  for (bool again = true; std::exchange(again, false);)
    for (std::size_t a = 0; a < bundles.size() && !again; ++a)
      for (std::size_t b = 0; b < a && !again; ++b) {
        if (!out_of_order(e, rows, bundles[a], bundles[b])) continue;
        const std::size_t broken = bundles[a].size() < bundles[b].size() ? b : a;
        const Bundle apart = std::exchange(bundles[broken], {bundles[broken].front()});
        for (std::size_t k = 1; k < apart.size(); ++k) bundles.push_back({apart[k]});
        again = true;
      }
}

// Whether a block walks along these rows: slices that follow one another closely, and are not the size of their heads.
bool worth_packing(const std::vector<Rows>& parts, Time window) {
  constexpr std::uint64_t long_enough = 8;
  const std::vector<Time> delays = all_delays(parts);
  std::uint64_t synapses = 0, slices = 0;
  for (const Rows& r : parts) {
    synapses += r.size();
    slices += r.slice_class.empty() ? r.sources : r.slice_class.size();
  }
  const auto gaps = static_cast<Time>(delays.size()) - 1;
  return gaps > 0 && delays.back() - delays.front() <= 2 * gaps * window && synapses >= long_enough * slices;
}

}  // namespace

void bundle(const Experiment& e, Time window, std::vector<Rows>& rows) {
  std::vector<bool> joins;  // by projection
  for (std::size_t k = 0; k < e.projections.size(); ++k) joins.push_back(plain(e, e.projections[k], k));
  std::map<std::size_t, std::vector<Bundle>> of_block;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const ProjectionSpec& p = e.projections[rows[k].projection];
    std::vector<Bundle>& bundles = of_block[rows[k].block];
    const auto fits = [&](const Bundle& b) {
      const std::size_t first = rows[b.front()].projection;
      if (!joins[first] || !alike(e.projections[first], p)) return false;
      std::vector<const Rows*> parts;
      for (const std::size_t other : b) parts.push_back(&rows[other]);
      return mergeable(parts, rows[k]) && std::ranges::none_of(parts, [&](const Rows* other) {
               return e.projections[other->projection].to.population == p.to.population;
             });
    };
    const auto at = joins[rows[k].projection] ? std::ranges::find_if(bundles, fits) : bundles.end();
    if (at == bundles.end()) bundles.push_back({k});
    else at->push_back(k);
  }
  for (auto& [block, bundles] : of_block) {
    keep_order(e, rows, bundles);
    for (const Bundle& b : bundles) {
      if (!joins[rows[b.front()].projection] || rows[b.front()].continuous()) continue;
      std::vector<Rows> parts;
      for (const std::size_t k : b) parts.push_back(std::exchange(rows[k], {}));
      Rows& all = rows[b.front()];
      if (worth_packing(parts, window)) all = pack_rows(std::move(parts));
      else if (parts.size() > 1) all = merge_rows(std::move(parts));
      else all = std::move(parts.front());
    }
  }
  std::erase_if(rows, [](const Rows& r) { return r.size() == 0; });
}

}  // namespace volley
