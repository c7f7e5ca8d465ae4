// SPDX-License-Identifier: Apache-2.0
// The kernel of linear neurons: what a refractory neuron's minus infinity must not reach.
#include <engine/mode_kernel.h>
#include <engine/pass_loops.h>

#include <gtest/gtest.h>

#include <algorithm>
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
  kernel->horizon(0);
  std::vector<Local> fired;
  kernel->begin(0);
  kernel->settle(0, fired);
  ASSERT_EQ(fired, std::vector<Local>{0});
  for (Time t = ps_per_ms; t <= 20 * ps_per_ms; t += ps_per_ms) {
    kernel->horizon(t);
    kernel->begin(t);
    fired.clear();
    kernel->settle(t, fired);
    EXPECT_TRUE(fired.empty());
    const double ms = to_ms(t);
    EXPECT_NEAR(kernel->read(1, 0, t), 100.0 * std::exp(-ms / 0.5), 1e-12);
    EXPECT_NEAR(kernel->read(0, 0, t), 0.0, 1e-12);
  }
}

// Runs a kernel without arrivals, pass by pass, until it sleeps or `end`; returns its spikes.
std::vector<Time> alone(Kernel& kernel, Time end, bool& asleep) {
  std::vector<Time> spikes;
  std::vector<Local> fired;
  kernel.start();
  asleep = false;
  for (Time t = 0, pass = 0; t < end;) {
    if (t >= pass) pass = kernel.horizon(t);
    kernel.begin(t);
    fired.clear();
    kernel.settle(t, fired);
    for (std::size_t k = 0; k < fired.size(); ++k) spikes.push_back(t);
    t = std::min(pass, kernel.next_event());
    asleep = t == never;
  }
  return spikes;
}

// c0 = 0: the bound of D can never be below 0, but nothing pushes upwards.
TEST(ModeKernel, SleepsWhenVInfIsAtThreshold) {
  Membrane m{
      .tau_m = 10.0, .R = 0.04, .rest = -50.0, .threshold = -50.0, .reset = -60.0, .refractory = 2.0, .start = -70.0};
  m.current_port("I", "I_syn", 2.0).spike_threshold("theta", 20.0, 1.0);
  const auto kernel = make_mode_kernel({m}, 3);
  bool asleep = false;
  EXPECT_TRUE(alone(*kernel, 1000 * ps_per_ms, asleep).empty());
  EXPECT_TRUE(asleep);
}

// A threshold below V_th that rises more slowly than V recovers: V_inf < V_th, no current, and yet a spike.
TEST(ModeKernel, StaysAwakeWhileItsThresholdIsLowered) {
  Membrane m{
      .tau_m = 5.0, .R = 0.02, .rest = -70.0, .threshold = -50.0, .reset = -90.0, .refractory = 2.0, .start = -85.0};
  m.current_port("I", "I_syn", 2.0).spike_threshold("theta", 500.0, 60.0);
  const auto kernel = make_mode_kernel({m}, 1);
  kernel->initialise(2, 0, -25.0);
  bool asleep = false;
  const auto spikes = alone(*kernel, 1000 * ps_per_ms, asleep);
  long double low = 0, high = 20;  // -20 - 15 exp(-t/5) + 25 exp(-t/500)
  for (int k = 0; k < 80; ++k) {
    const long double t = (low + high) / 2;
    (-20 - 15 * std::exp(-t / 5) + 25 * std::exp(-t / 500) >= 0 ? high : low) = t;
  }
  EXPECT_EQ(spikes, std::vector<Time>{static_cast<Time>(std::ceil(high * 1e9L))});
  EXPECT_TRUE(asleep);
}

// 200 steps into each of 65,536 neurons. Work that grows with their square would take a quarter of an hour.
TEST(ModeKernel, StepsOfDriveCostWhatTheyChange) {
  constexpr std::size_t neurons = 65536;
  Membrane m{
      .tau_m = 10.0, .R = 0.04, .rest = -70.0, .threshold = -50.0, .reset = -60.0, .refractory = 2.0, .start = -70.0};
  m.voltage_port("V");
  const auto kernel = make_mode_kernel({m}, neurons);
  std::vector<Local> fired;
  kernel->start();
  for (Time t = 0; t < 200; ++t) {
    kernel->horizon(t);
    for (std::size_t i = 0; i < neurons; ++i)
      kernel->drive(t, static_cast<Local>(i), t == 0 ? 400.0 : t % 2 ? -1.0 : 1.0);
    kernel->begin(t);
    kernel->settle(t, fired);
  }
  EXPECT_TRUE(fired.empty());
  EXPECT_NEAR(kernel->read(0, 7, 20 * ps_per_ms), -54.04 - 15.96 * std::exp(-2.0), 1e-6);
}

}  // namespace
