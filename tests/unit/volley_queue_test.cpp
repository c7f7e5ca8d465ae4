// SPDX-License-Identifier: Apache-2.0
// The calendar of volleys against a sorted list: nothing is lost, nothing comes early, whatever lies beyond its
// buckets.
#include <engine/volley_queue.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <random>

namespace {

using namespace volley;

void expect_calendar(Time window, Time longest_delay, Time longest_step, unsigned seed) {
  std::mt19937_64 random(seed);
  const auto below = [&](Time n) { return static_cast<Time>(random() % static_cast<std::uint64_t>(n)); };
  VolleyQueue queue;
  queue.set_window(window);
  std::multimap<Time, std::uint32_t> expected;
  std::uint32_t id = 0;
  Time now = 0;
  for (int step = 0; step < 400; ++step) {
    for (Time k = below(8); k > 0; --k) {
      const Time t = now + below(longest_delay);
      queue.push({t, 0, 1, 0, id, 0, 1.0, 1.0, false});
      expected.emplace(t, id++);
    }
    EXPECT_EQ(queue.next(), expected.empty() ? never : expected.begin()->first);
    now += below(longest_step);
    std::vector<Volley> taken;
    queue.take(now, taken);
    std::multimap<Time, std::uint32_t> got;
    for (const Volley& v : taken) got.emplace(v.t, v.row);
    const auto end = expected.lower_bound(now);
    ASSERT_EQ(got.size(), static_cast<std::size_t>(std::distance(expected.begin(), end)));
    for (auto it = expected.begin(); it != end; ++it) {
      auto [a, b] = got.equal_range(it->first);
      EXPECT_TRUE(std::any_of(a, b, [&](const auto& x) { return x.second == it->second; }));
    }
    expected.erase(expected.begin(), end);
    std::size_t left = 0;
    queue.each([&](const Volley&) { ++left; });
    EXPECT_EQ(left, expected.size());
  }
}

TEST(VolleyQueue, DelaysOfAFewWindows) { expect_calendar(1'500'000'000, 4'000'000'000, 1'500'000'000, 1); }
TEST(VolleyQueue, DelaysFarBeyondTheCalendar) { expect_calendar(1000, 100'000'000, 1000, 2); }
TEST(VolleyQueue, LongEmptyStretches) { expect_calendar(1000, 100'000'000, 50'000'000, 3); }
TEST(VolleyQueue, OnePicosecond) { expect_calendar(1, 2000, 3, 4); }
TEST(VolleyQueue, NoWindow) { expect_calendar(never, 1'000'000'000'000, 30'000'000'000, 5); }

}  // namespace
