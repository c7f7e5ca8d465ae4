// SPDX-License-Identifier: Apache-2.0
// Membranes that the engine refuses, at the edge.
#include <engine/membrane_limits.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace {
using namespace volley;
using testing::HasSubstr;

Membrane ordinary() { return {.tau_m = 10.0, .R = 0.04, .rest = -65.0, .threshold = -50.0, .reset = -65.0}; }

TEST(MembraneLimits, OrdinaryNeuronsPass) {
  EXPECT_EQ(beyond_limits(ordinary()), "");
  EXPECT_EQ(beyond_limits(ordinary().current_port("in", "I", 2.0)), "");
}

TEST(MembraneLimits, TimeConstantsStayAboveTheResolutionOfTime) {
  Membrane m = ordinary();
  m.tau_m = 1e-6;
  EXPECT_EQ(beyond_limits(m), "");
  m.tau_m = 0.99e-6;
  EXPECT_THAT(beyond_limits(m), HasSubstr("a time constant of 9.9e-07 ms"));
  EXPECT_THAT(beyond_limits(ordinary().current_port("in", "I", 1e-8)), HasSubstr("a time constant of 1e-08 ms"));
}

// With rest = reset + d / (1 - exp(-T/tau_m)), d from reset to threshold, the interval is T.
TEST(MembraneLimits, ADriveMakesAtMostASpikeAPicosecond) {
  Membrane m = ordinary();
  const auto rest_for = [&](double ms) { return m.reset - (m.threshold - m.reset) / std::expm1(-ms / m.tau_m); };
  m.rest = rest_for(1.01e-9);
  EXPECT_EQ(beyond_limits(m), "");
  m.rest = rest_for(0.99e-9);
  EXPECT_THAT(beyond_limits(m), HasSubstr("more often than once a picosecond"));
  m.refractory = 1e-9;
  EXPECT_EQ(beyond_limits(m), "");
}

TEST(MembraneLimits, NumbersStayFinite) {
  Membrane m = ordinary().current_port("in", "I", 2.0);
  m.R = 1e-308;
  EXPECT_THAT(beyond_limits(m), HasSubstr("too far apart"));
  m.R = 1e-19;
  EXPECT_EQ(beyond_limits(m), "");
}

}  // namespace
