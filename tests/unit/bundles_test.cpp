// SPDX-License-Identifier: Apache-2.0
// Which rows are packed: those whose delays lie closer than windows are long, and whose slices are not short.
#include <engine/bundles.h>
#include <engine/place.h>
#include <network/connect.h>
#include <reference/build.h>

#include <gtest/gtest.h>

namespace volley::test {
namespace {

struct Packing {
  std::uint64_t indegree;
  double longest_ms, window_ms;
  bool recorded, packed;
};

class Bundles : public testing::TestWithParam<Packing> {};

TEST_P(Bundles, ArePackedWhereWindowsMeetSlices) {
  const Packing& c = GetParam();
  Builder b;
  const std::size_t from = b.neurons("A", "lif", 40), other = b.neurons("B", "lif", 30);
  for (const std::size_t to : {from, other}) {
    ProjectionSpec& p = b.connect(from, to, Connect::Rule::fixed_indegree, uniform(0.0, 1.0), uniform(0.5, c.longest_ms));
    p.connect.number = c.indegree;
    p.delay.quantise = 0.1;
  }
  if (c.recorded) b.x.record.weights.emplace_back().projection = 0;
  std::vector<Rows> rows;
  std::uint64_t size = 0;
  for (std::size_t k = 0; k < 2; ++k)
    for (Rows& r : build_rows(b.x, k, place(b.x, 1))) size += r.size(), rows.push_back(std::move(r));
  bundle(b.x, from_ms(c.window_ms), rows);
  ASSERT_EQ(rows.size(), c.recorded ? 2u : 1u);
  std::uint64_t bundled = 0;
  for (const Rows& r : rows) bundled += r.size();
  EXPECT_EQ(bundled, size);
  EXPECT_EQ(rows.back().packed.empty(), !c.packed);
  if (c.recorded) {
    EXPECT_TRUE(rows.front().packed.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Unit, Bundles,
                         testing::Values(Packing{250, 2.5, 0.5, false, true}, Packing{250, 2.5, 0.04, false, false},
                                         Packing{3, 2.5, 0.5, false, false}, Packing{250, 0.5, 0.5, false, false},
                                         Packing{400, 2.5, 0.5, true, true}));

}  // namespace
}  // namespace volley::test
