// SPDX-License-Identifier: Apache-2.0
// Small networks without models for the tests of core/network: placements, and rows written out synapse by synapse.
#pragma once

#include <network/connect.h>
#include <network/error.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <compare>
#include <numeric>
#include <string>
#include <vector>

namespace volley::test {

inline const NeuronModel& event_model() {
  static const NeuronModel m = [] {
    NeuronModel n;
    n.name = "event";
    n.form = NeuronForm::membrane;
    return n;
  }();
  return m;
}
inline const NeuronModel& clocked_model() {
  static const NeuronModel m = [] {
    NeuronModel n;
    n.name = "clocked";
    n.form = NeuronForm::step;
    return n;
  }();
  return m;
}

struct Net : Experiment {
  explicit Net(std::uint64_t s = 1) { seed = s, tick = ps_per_ms / 10; }

  std::size_t population(const std::string& called, std::uint32_t size, bool stimulator = false, bool clocked = false) {
    PopulationSpec p;
    p.name = called;
    p.size = size;
    p.stimulator = stimulator;
    p.model.model = clocked ? &clocked_model() : &event_model();
    populations.push_back(p);
    return populations.size() - 1;
  }

  // Weight 1, delay 1 ms.
  ProjectionSpec& connect(std::size_t from, std::size_t to, Connect::Rule rule, std::uint64_t number = 0) {
    ProjectionSpec p;
    p.name = populations[from].name + "->" + populations[to].name;
    p.from = {from, 0, populations[from].size};
    p.to = {to, 0, populations[to].size};
    p.connect.rule = rule;
    p.connect.number = number;
    p.weight.a = 1.0;
    p.delay.a = 1.0;
    p.delay.where = {"net.yaml", static_cast<int>(projections.size()) + 1, 5, "projections.delay"};
    p.where = {"net.yaml", static_cast<int>(projections.size()) + 1, 1, "projections"};
    projections.push_back(p);
    return projections.back();
  }
};

// Every population of neurons cut into runs of at most `longest`, dealt to `blocks` blocks in turn.
inline Placement place(const Experiment& e, std::size_t blocks = 1, std::uint32_t longest = 1'000'000) {
  Placement p;
  p.of_population.resize(e.populations.size());
  p.of_block.resize(blocks);
  p.block_size.resize(blocks);
  std::size_t next = 0;
  for (std::size_t q = 0; q < e.populations.size(); ++q) {
    if (e.populations[q].stimulator) continue;
    for (std::uint32_t first = 0; first < e.populations[q].size; first += longest) {
      const std::size_t b = next++ % blocks;
      const std::uint32_t count = std::min(longest, e.populations[q].size - first);
      const Run run{q, first, count, b, static_cast<Local>(p.block_size[b])};
      p.of_population[q].push_back(run);
      p.of_block[b].push_back(run);
      p.block_size[b] += count;
    }
  }
  return p;
}

// Indices within their populations' views.
struct Synapse {
  std::uint32_t target, source;
  Time delay;
  float weight;
  std::uint64_t tie;  // order among synapses of one pair and delay
  auto operator<=>(const Synapse&) const = default;
};

// All synapses in an order that no placement changes; checks what rows.h promises on the way.
inline std::vector<Synapse> expand(const Experiment& e, std::size_t projection, const Placement& placement) {
  std::vector<Synapse> all;
  for (const Rows& r : build_rows(e, projection, placement)) {
    EXPECT_EQ(r.projection, projection);
    EXPECT_GT(r.size(), 0u);
    EXPECT_EQ(r.first.size(), r.sources + std::size_t{1});
    EXPECT_EQ(r.first.back(), r.size());
    EXPECT_TRUE(std::is_sorted(r.classes.begin(), r.classes.end()));
    bool negative = true;
    for (std::uint32_t row = 0; row < r.sources; ++row) {
      std::pair<Time, Local> last{-1, 0};
      std::uint64_t tie = 0;
      for (std::uint64_t k = r.first[row]; k < r.first[row + 1]; ++k) {
        const std::pair now{delay_of(r, row, k), r.target[k]};
        EXPECT_LE(last, now);
        tie = last == now ? tie + 1 : 0;
        last = now;
        const float w = r.weight.empty() ? r.constant : r.weight[k];
        negative = negative && w <= 0.0f;
        for (const Run& run : placement.of_block[r.block])
          if (run.population == e.projections[projection].to.population && r.target[k] >= run.offset &&
              r.target[k] < run.offset + run.count)
            all.push_back({run.first + (r.target[k] - run.offset) - e.projections[projection].to.first, row, now.first,
                           w, tie});
      }
    }
    EXPECT_EQ(r.all_negative, negative);
  }
  std::sort(all.begin(), all.end());
  return all;
}
inline std::vector<Synapse> expand(const Experiment& e) { return expand(e, 0, place(e)); }

// Number of synapses of each unit of a side.
template <class Member>
std::vector<std::uint64_t> degrees(const std::vector<Synapse>& all, Member member, std::uint32_t units) {
  std::vector<std::uint64_t> n(units);
  for (const Synapse& s : all) ++n[s.*member];
  return n;
}

// Counts that should be equal in the mean: chi-square within 5 sigma of its degrees of freedom.
inline void expect_even(const std::vector<std::uint64_t>& counts, double variance_factor = 1.0) {
  const double n = static_cast<double>(counts.size());
  const double mean = static_cast<double>(std::reduce(counts.begin(), counts.end())) / n;
  double chi2 = 0.0;
  for (const std::uint64_t c : counts) chi2 += (static_cast<double>(c) - mean) * (static_cast<double>(c) - mean) / mean;
  EXPECT_NEAR(chi2 / variance_factor, n - 1.0, 5.0 * std::sqrt(2.0 * (n - 1.0)));
}

// The message of the InputError that `f` throws; empty if none.
template <class F>
std::string refusal(F f) {
  try {
    f();
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

}  // namespace volley::test
