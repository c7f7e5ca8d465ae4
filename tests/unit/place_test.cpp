// SPDX-License-Identifier: Apache-2.0
// Which neurons share a block: all of them in one, equal parts of what is alike, chunks of stimulators kept together.
#include <engine/place.h>
#include <engine/sources.h>
#include <reference/build.h>
#include <volley/stimulator.h>

#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <set>

namespace volley::test {
namespace {

using Rule = Connect::Rule;

// Every neuron in one block, at one place; no block empty.
void expect_complete(const Experiment& e, const Placement& p) {
  std::vector<std::set<Local>> taken(p.of_block.size());
  for (std::size_t k = 0; k < e.populations.size(); ++k) {
    std::uint32_t next = 0;
    for (const Run& run : p.of_population[k]) {
      EXPECT_EQ(run.first, next);
      next += run.count;
      for (std::uint32_t i = 0; i < run.count; ++i)
        EXPECT_TRUE(taken[run.block].insert(static_cast<Local>(run.offset + i)).second);
    }
    EXPECT_EQ(next, e.populations[k].stimulator ? 0 : e.populations[k].size);
  }
  for (std::size_t b = 0; b < taken.size(); ++b) {
    EXPECT_GT(p.block_size[b], 0u);
    EXPECT_EQ(taken[b].size(), p.block_size[b]);
    EXPECT_EQ(*taken[b].rbegin() + 1u, p.block_size[b]);
    EXPECT_EQ(p.block_size[b], std::accumulate(p.of_block[b].begin(), p.of_block[b].end(), 0u,
                                               [](std::uint32_t n, const Run& r) { return n + r.count; }));
  }
}

// How many blocks each chunk of a one-to-one drive reaches.
std::vector<std::size_t> blocks_of_chunks(const Experiment& e, const Placement& p, std::size_t population) {
  std::vector<std::set<std::size_t>> blocks((e.populations[population].size + chunk_size - 1) / chunk_size);
  for (const Run& run : p.of_population[population])
    for (std::uint32_t i = run.first; i < run.first + run.count; ++i) blocks[i / chunk_size].insert(run.block);
  std::vector<std::size_t> counts;
  for (const auto& b : blocks) counts.push_back(b.size());
  return counts;
}

struct Balanced : Builder {
  Balanced() {
    e = neurons("E", "lif", 10000);
    i = neurons("I", "lif", 2500);
    connect(e, e, Rule::fixed_indegree, constant(0.1), constant(1.5)).connect.number = 1000;
    connect(e, i, Rule::fixed_indegree, constant(0.1), constant(1.5)).connect.number = 1000;
  }
  void drive(std::size_t population) {
    const std::size_t s = stimulator("drive of " + x.populations[population].name, "poisson",
                                     x.populations[population].size, {{"rate", 20.0}});
    connect(s, population, Rule::one_to_one, constant(0.1), constant(1.5));
    ASSERT_TRUE(Sources::direct(x, x.projections.size() - 1));
  }
  std::size_t e, i;
};

TEST(Place, EqualPartsOfEveryPopulation) {
  const Balanced net;
  for (const int threads : {1, 2, 3, 8}) {
    const Placement p = place(net.x, threads);
    expect_complete(net.x, p);
    ASSERT_EQ(p.of_block.size(), static_cast<std::size_t>(threads));
    for (const auto& runs : p.of_block) {
      ASSERT_EQ(runs.size(), 2u);
      EXPECT_NEAR(runs[0].count, 10000.0 / threads, threads);
      EXPECT_NEAR(runs[1].count, 2500.0 / threads, threads);
    }
  }
}

TEST(Place, ChunksStayTogetherWhereThatIsCheaperThanEqualBlocks) {
  Balanced net;
  net.drive(net.e);
  net.drive(net.i);
  const Placement p = place(net.x, 2);
  expect_complete(net.x, p);
  EXPECT_EQ(blocks_of_chunks(net.x, p, net.e), (std::vector<std::size_t>{1, 1, 1}));
  EXPECT_EQ(blocks_of_chunks(net.x, p, net.i), (std::vector<std::size_t>{1}));
  ASSERT_EQ(p.block_size.size(), 2u);
  EXPECT_EQ(std::max(p.block_size[0], p.block_size[1]), 4096u + 2500u);
}

TEST(Place, ChunksAreCutWhereBlocksWouldDifferTooMuch) {
  Builder net;
  const std::size_t e = net.neurons("E", "lif", chunk_size);
  const std::size_t s = net.stimulator("drive", "poisson", chunk_size, {{"rate", 20.0}});
  net.connect(s, e, Rule::one_to_one, constant(0.1), constant(1.5));
  for (const std::size_t threads : {2u, 4u, 8u}) {
    const Placement p = place(net.x, static_cast<int>(threads));
    expect_complete(net.x, p);
    EXPECT_EQ(p.block_size, std::vector<std::uint32_t>(threads, static_cast<std::uint32_t>(chunk_size / threads)));
  }
}

// Plastic synapses are more work: their neurons are shared out evenly, whatever the numbers of others.
TEST(Place, PlasticNeuronsCountForMore) {
  Balanced net;
  net.drive(net.e);
  net.drive(net.i);
  net.x.projections[0].rule = rule("stdp");
  const Placement p = place(net.x, 2);
  expect_complete(net.x, p);
  std::map<std::size_t, std::uint32_t> of_e;
  for (const auto& run : p.of_population[net.e]) of_e[run.block] += run.count;
  ASSERT_EQ(of_e.size(), 2u);
  EXPECT_LT(of_e[0], 6000u);
  EXPECT_LT(of_e[1], 6000u);
}

TEST(Place, OddNetworksHaveNoEmptyBlock) {
  for (const std::uint32_t one : {1u, 255u, 4097u})
    for (const int threads : {1, 2, 51, 64})
      for (const std::uint32_t longest : {0u, 1u, 7u, 4096u}) {
        if (longest == 1 && one > 255) continue;
        Builder net;
        const std::size_t hub = net.neurons("hub", "lif", 1), rest = net.neurons("rest", "lif", one);
        const std::size_t s = net.stimulator("drive", "poisson", one, {{"rate", 20.0}});
        net.connect(rest, hub, Rule::all_to_all, constant(0.1), constant(1.5));
        net.connect(s, rest, Rule::one_to_one, constant(0.1), constant(1.5));
        net.x.engine.block_size = longest;
        const Placement p = place(net.x, threads);
        expect_complete(net.x, p);
        for (const std::uint32_t n : p.block_size) EXPECT_LE(n, longest ? longest : 65536u);
      }
}

}  // namespace
}  // namespace volley::test
