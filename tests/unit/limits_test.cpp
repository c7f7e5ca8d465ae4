// SPDX-License-Identifier: Apache-2.0
// Limits of arrivals: never below a neuron's own, and shared where neighbours are alike.
#include <engine/limits.h>

#include <gtest/gtest.h>

#include <functional>

namespace {

using namespace volley;

Limits limits(std::size_t n, const std::function<double(std::size_t)>& c0) {
  Limits l(n);
  for (std::size_t i = 0; i < n; ++i) l.set(i, c0(i));
  l.find_alike();
  for (std::size_t i = 0; i < n; ++i) {
    EXPECT_EQ(l[i], c0(i));
    EXPECT_GE(l.limits()[i >> l.shift()], c0(i)) << i;
    EXPECT_EQ(l.negated()[i >> l.shift()], -l.limits()[i >> l.shift()]);
  }
  return l;
}

TEST(Limits, AllAlike) {
  Limits l = limits(1000, [](std::size_t) { return -3.0; });
  EXPECT_TRUE(l.uniform());
  l.set(500, -2.0);
  EXPECT_EQ(l.shift(), 0u) << "each its own as soon as one has changed";
  EXPECT_EQ(l.limits()[500], -2.0);
  EXPECT_TRUE(limits(1, [](std::size_t) { return 1.0; }).uniform());
}

TEST(Limits, PopulationsSideBySide) {
  const Limits l = limits(10'000, [](std::size_t i) { return i < 3001 ? -1.0 : i < 7000 ? 2.0 : 0.5; });
  EXPECT_GT(l.shift(), 0u);
  EXPECT_FALSE(l.uniform());
  EXPECT_EQ(l.above(), 10'000u - 3001);
}

TEST(Limits, EachItsOwn) {
  EXPECT_EQ(limits(1000, [](std::size_t i) { return 0.1 * static_cast<double>(i % 7); }).shift(), 0u);
  EXPECT_EQ(limits(2, [](std::size_t i) { return static_cast<double>(i); }).shift(), 0u);
  EXPECT_EQ(limits(65, [](std::size_t i) { return i < 64 ? 1.0 : 2.0; }).shift(), 6u);
}

}  // namespace
