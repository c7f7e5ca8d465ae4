// SPDX-License-Identifier: Apache-2.0
// Merged rows hold the synapses of their parts, each once, by ascending delay and within one delay part by part.
#include <network/merge_rows.h>
#include <unit/network_fixture.h>

#include <tuple>

namespace volley::test {
namespace {

// Source, delay, part, target, weight.
using Reached = std::tuple<std::uint32_t, Time, std::size_t, Local, float>;

std::vector<Reached> synapses(const Rows& r, std::size_t part) {
  std::vector<Reached> all;
  for (std::uint32_t row = 0; row < r.sources; ++row)
    for (std::uint64_t k = r.first[row]; k < r.first[row + 1]; ++k)
      all.emplace_back(row, delay_of(r, row, k), part, r.target[k], r.weight.empty() ? r.constant : r.weight[k]);
  return all;
}

struct Source : Net {
  std::size_t A = population("A", 40), B = population("B", 30), C = population("C", 1);

  ProjectionSpec& to(std::size_t target, std::uint64_t indegree) {
    return connect(A, target, Connect::Rule::fixed_indegree, indegree);
  }
  std::vector<Rows> parts() const {
    std::vector<Rows> all;
    for (std::size_t k = 0; k < projections.size(); ++k)
      for (Rows& r : build_rows(*this, k, place(*this))) all.push_back(std::move(r));
    return all;
  }
  // Packed rows are the same slices.
  void expect_packed() const {
    const Rows merged = merge_rows(parts()), packed = pack_rows(parts());
    ASSERT_FALSE(merged.slice_first.empty());
    EXPECT_EQ(packed.first, merged.first);
    EXPECT_EQ(packed.classes, merged.classes);
    EXPECT_EQ(packed.size(), merged.size());
    EXPECT_TRUE(packed.target.empty() && packed.weight.empty() && packed.slice_class.empty());
    const Packed& p = packed.packed;
    ASSERT_EQ(p.first.size(), merged.first.size());
    for (std::uint32_t row = 0; row < merged.sources; ++row) {
      std::uint64_t at = p.first[row], k = merged.first[row];
      for (std::uint32_t s = merged.slice_first[row]; s < merged.slice_first[row + 1]; ++s) {
        const Packed::Head head = p.head(at);
        EXPECT_EQ(head.delay, merged.slice_class[s]);
        ASSERT_EQ(k + head.count, merged.first[row] + merged.slice_end[s]);
        for (std::uint32_t i = 0; i < head.count; ++i, ++k) {
          EXPECT_EQ(p.target(at, head.count)[i], merged.target[k]);
          if (!merged.weight.empty()) EXPECT_EQ(p.weight(at)[i], merged.weight[k]);
          else EXPECT_EQ(p.weight(at), nullptr);
        }
        at += p.size_of(head.count);
      }
      EXPECT_EQ(at, p.first[row + 1]);
    }
  }
  void expect_merged() const {
    std::vector<Rows> parts = this->parts();
    std::vector<Reached> expected;
    for (const Rows& r : parts)
      for (const Reached& s : synapses(r, r.projection)) expected.push_back(s);
    std::vector<const Rows*> fit{&parts.front()};
    for (const Rows& r : parts) {
      EXPECT_TRUE(mergeable(fit, r));
      fit.push_back(&r);
    }
    std::ranges::stable_sort(expected, {}, [](const Reached& s) {
      return std::tuple(std::get<0>(s), std::get<1>(s), std::get<2>(s));
    });
    const Rows merged = merge_rows(std::move(parts));
    std::vector<Reached> got = synapses(merged, 0);
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t k = 0; k < got.size(); ++k) {
      std::get<2>(got[k]) = std::get<2>(expected[k]);
      ASSERT_EQ(got[k], expected[k]) << k;
    }
    for (std::uint32_t row = 0; row < merged.sources && !merged.slice_first.empty(); ++row)
      for (std::uint32_t s = merged.slice_first[row] + 1; s < merged.slice_first[row + 1]; ++s)
        EXPECT_LT(merged.slice_class[s - 1], merged.slice_class[s]);
  }
};

Distribution steps(double low, double high) {
  Distribution d;
  d.kind = Distribution::Kind::uniform;
  d.a = low, d.b = high;
  d.quantise = 0.1;
  return d;
}

TEST(MergeRows, DrawnWeightsAndDelays) {
  Source net;
  for (const std::size_t target : {net.A, net.B, net.C}) {
    ProjectionSpec& p = net.to(target, 12);
    p.weight = steps(-1.0, 1.0);
    p.weight.quantise = 0.0;
    p.delay = target == net.B ? steps(2.0, 3.0) : steps(0.5, 2.5);
  }
  net.expect_merged();
  net.expect_packed();
}

TEST(MergeRows, OneWeightAndOneDelay) {
  Source net;
  net.to(net.A, 7);
  net.to(net.B, 3);
  net.expect_merged();
}

TEST(MergeRows, OneDelayEachButNotTheSame) {
  Source net;
  net.to(net.A, 7).delay.a = 2.0;
  net.to(net.B, 3).delay.a = 1.0;
  net.to(net.C, 5).delay = steps(0.8, 2.2);
  net.expect_merged();
  net.expect_packed();
}

TEST(MergeRows, RefusedWhereWeightsOrDelaysDiffer) {
  Source net;
  net.to(net.A, 7);
  net.to(net.B, 3).weight.a = 5.0;
  net.to(net.B, 3).weight = steps(0.0, 1.0);
  net.to(net.B, 3).delay = steps(0.5, 1.0);
  net.projections.back().delay.quantise = 0.0;
  std::vector<Rows> rows;
  for (std::size_t k = 0; k < 4; ++k) rows.push_back(std::move(build_rows(net, k, place(net)).front()));
  const Rows* const first[] = {&rows[0]};
  EXPECT_TRUE(mergeable(first, rows[0]));
  for (std::size_t k = 1; k < 4; ++k) EXPECT_FALSE(mergeable(first, rows[k])) << k;
}

}  // namespace
}  // namespace volley::test
