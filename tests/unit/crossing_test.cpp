// SPDX-License-Identifier: Apache-2.0
// The first picosecond at threshold, from a state in its frame.
#include <engine/crossing.h>
#include <network/error.h>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace {

using namespace volley;

Membrane membrane() {
  Membrane m{.tau_m = 10.0, .R = 0.04};
  m.current_port("I", "I_syn", 2.0);
  return m;
}

TEST(Crossing, IsTheFirstPicosecondAtOrAboveThreshold) {
  const Layout layout(membrane());
  const double z[] = {-1.0, 2.0}, c0 = -1.5;  // D rises through 0, falls again
  const auto D = [&](Time t) { return distance(layout, z, c0, layout.at(t, 0)); };
  const Time t = first_crossing({layout, z, c0, 0}, 0, layout.H - 1, 1e-9);
  ASSERT_NE(t, never);
  EXPECT_GE(D(t), 0.0);
  EXPECT_LT(D(t - 1), 0.0);
  // v = exp(-s/10) (-1 + 2 (1 - exp(-0.4 s)) / 0.4), by bisection in long double
  long double low = 0, high = 4.5L;  // before the peak
  for (int k = 0; k < 80; ++k) {
    const long double s = (low + high) / 2;
    (std::exp(-s / 10) * (-1 + 5 * -std::expm1(-0.4L * s)) >= 1.5L ? high : low) = s;
  }
  EXPECT_EQ(t, static_cast<Time>(std::ceil(high * 1e9L)));
}

TEST(Crossing, OfAPeakThatStaysBelowIsNone) {
  const Layout layout(membrane());
  const double z[] = {-1.0, 2.0};
  EXPECT_EQ(first_crossing({layout, z, -2.5, 0}, 0, layout.H - 1, 1e-9), never);
}

// Comparing false with everything, it would halve 8e9 picoseconds to the last.
TEST(Crossing, OfAStateThatIsNoNumberIsOurBug) {
  const Layout layout(membrane());
  constexpr double infinite = std::numeric_limits<double>::infinity();
  const double z[] = {-infinite, infinite};
  EXPECT_THROW(first_crossing({layout, z, -1.5, 0}, 1, layout.H - 1, 1e-9), InternalError);
  const double late[] = {-1.0, std::numeric_limits<double>::quiet_NaN()};
  EXPECT_THROW(first_crossing({layout, late, -1.5, 0}, 0, 1, 1e-9), InternalError);
}

}  // namespace
