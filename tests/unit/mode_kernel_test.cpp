// SPDX-License-Identifier: Apache-2.0
// The kernel of linear neurons: what a refractory neuron's minus infinity must not reach.
#include <engine/mode_kernel.h>
#include <engine/mode_loops.h>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace {

using namespace volley;

TEST(ModeLoops, MovingTheFrameOfARefractoryNeuronLeavesItsCurrentFinite) {
  constexpr double deaf = -std::numeric_limits<double>::infinity();
  loops::Move move;
  move.membrane[0] = 0.5, move.membrane[1] = 0.25;
  move.decay[0] = 0.5, move.decay[1] = 0.125;
  double z[] = {deaf, 8.0, 2.0, 4.0};
  EXPECT_FALSE(loops::move(z, 2, 2, move));
  EXPECT_EQ(z[0], deaf);
  EXPECT_EQ(z[1], 1.0);
  EXPECT_EQ(z[2], 2.0);
  EXPECT_EQ(z[3], 0.5);
}

// A neuron that is deaf across several moves of its frame comes back at V_reset, with its current as it has become.
TEST(ModeKernel, ReturnsFromRefractorinessAcrossMovesOfTheFrame) {
  Membrane m{.tau_m = 10.0, .R = 0.04, .rest = 0.0, .threshold = 1.0, .reset = 0.0, .refractory = 20.0, .start = 2.0};
  m.current_port("I", "I_syn", 0.5);
  const auto kernel = make_mode_kernel({m}, 1);
  kernel->initialise(1, 0, 100.0);
  kernel->start();
  kernel->horizon(0, ps_per_ms);
  std::vector<Local> fired;
  kernel->begin(0);
  kernel->settle(0, fired);
  ASSERT_EQ(fired, std::vector<Local>{0});
  for (Time t = ps_per_ms; t <= 20 * ps_per_ms; t += ps_per_ms) {
    kernel->horizon(t, t + ps_per_ms);
    kernel->begin(t);
    fired.clear();
    kernel->settle(t, fired);
    EXPECT_TRUE(fired.empty());
    const double ms = to_ms(t);
    EXPECT_NEAR(kernel->read(1, 0, t), 100.0 * std::exp(-ms / 0.5), 1e-12);
    EXPECT_NEAR(kernel->read(0, 0, t), 0.0, 1e-12);
  }
}

}  // namespace
