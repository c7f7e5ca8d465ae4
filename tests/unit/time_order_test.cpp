// SPDX-License-Identifier: Apache-2.0
// Sorting by buckets of time against std::sort: few things and many, spread out, in clumps, all at once, far apart.
#include <engine/time_order.h>

#include <gtest/gtest.h>

#include <random>
#include <tuple>

namespace {

using namespace volley;

struct Thing {
  Time t;
  int tie;
  auto operator<=>(const Thing&) const = default;
};

TEST(TimeOrder, AsByComparison) {
  std::mt19937_64 random(1);
  TimeOrder<Thing> order;
  for (const std::uint64_t span : {std::uint64_t{1}, std::uint64_t{3}, std::uint64_t{1000}, std::uint64_t{1} << 62})
    for (const int n : {0, 1, 2, 31, 32, 33, 100, 5000})
      for (const int clumps : {0, 3}) {
        std::vector<Thing> things;
        for (int k = 0; k < n; ++k) {
          const auto t = static_cast<Time>(random() % span);
          things.push_back({clumps > 0 && k % 10 > 0 ? t % clumps : t, static_cast<int>(random() % 50)});
        }
        std::vector<Thing> expected = things;
        std::sort(expected.begin(), expected.end());
        order.sort(things, std::less<>());
        EXPECT_EQ(things, expected) << "span " << span << ", n " << n;
      }
}

}  // namespace
