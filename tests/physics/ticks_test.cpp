// SPDX-License-Identifier: Apache-2.0
// When what reaches a clocked neuron enters: a tick's spikes in the tick of their delay, through chains without delay
// in the same tick; all else at the start of the tick after it, or of the one that begins as it arrives.
#include <reference/memory_results.h>

#include <gtest/gtest.h>

namespace volley::test {
namespace {

constexpr Time tick = ps_per_ms / 10;
constexpr double kick = 500.0;  // mV: a neuron that receives it spikes in that tick

std::vector<Time> times(const MemoryResults& r, std::size_t population) {
  std::vector<Time> t;
  for (const auto& spike : r.spikes_of[population]) t.push_back(spike.t);
  return t;
}

void kicks(Builder& b, std::size_t from, std::size_t to, double delay_ms) {
  b.connect(from, to, Connect::Rule::one_to_one, constant(kick), constant(delay_ms));
}

// Of what arrives at `ms` the spike, in ticks.
Time spike_after(double ms) {
  Builder b;
  const std::size_t n = b.neurons("N", "izhikevich", 1), s = b.spikes("S", {{ms}});
  kicks(b, s, n, 0.0);
  const std::vector<Time> t = times(run_engine(b.done(3.0)), 0);
  EXPECT_EQ(t.size(), 1u);
  EXPECT_EQ(t.at(0) % tick, 0);
  return t.at(0) / tick;
}

TEST(Ticks, ArrivalsEnterAtTheStartOfATick) {
  EXPECT_EQ(spike_after(0.0), 1);
  EXPECT_EQ(spike_after(1e-9), 2);  // a picosecond after the first tick began
  EXPECT_EQ(spike_after(0.1), 2);
  EXPECT_EQ(spike_after(1.03), 12);
  EXPECT_EQ(spike_after(1.1), 12);
}

TEST(Ticks, ASpikeEntersTheTickOfItsDelay) {
  for (const int delay : {0, 1, 2, 3, 17}) {
    for (const double window : {0.0, 0.03, 0.1}) {
      Builder b;
      const std::size_t after = b.neurons("after", "izhikevich", 1), first = b.neurons("first", "izhikevich", 1);
      kicks(b, b.spikes("S", {{1.03}}), first, 0.0);
      kicks(b, first, after, 0.1 * delay);
      b.x.engine.window = from_ms(window);
      b.record_states(after, {"V"}, 0.037);  // windows end at samples too
      const MemoryResults r = run_engine(b.done(5.0));
      EXPECT_EQ(times(r, 1), std::vector<Time>{12 * tick});
      EXPECT_EQ(times(r, 0), std::vector<Time>{(12 + delay) * tick}) << delay << " ticks, window " << window;
    }
  }
}

// The file's order is not the order of the chain; a long way without delays beats a short one.
TEST(Ticks, AChainWithoutDelaysPassesInOneTick) {
  Builder b;
  const std::size_t last = b.neurons("last", "izhikevich", 2), middle = b.neurons("middle", "izhikevich", 2),
                    first = b.neurons("first", "izhikevich", 2);
  kicks(b, b.spikes("S", {{1.03}, {2.0}}), first, 0.0);
  kicks(b, first, middle, 0.0);
  b.connect(middle, last, Connect::Rule::one_to_one, constant(0.5 * kick), constant(0.0));
  b.connect(first, last, Connect::Rule::one_to_one, constant(-0.5 * kick), constant(0.0));  // cancels, if in time
  kicks(b, last, first, 0.1);
  MemoryResults r = run_engine(b.done(5.0));
  EXPECT_EQ(times(r, 2), (std::vector<Time>{12 * tick, 21 * tick}));
  EXPECT_EQ(times(r, 1), times(r, 2));
  EXPECT_TRUE(times(r, 0).empty());

  b.x.projections[3].weight = constant(0.5 * kick);
  b.x.projections[4].weight = constant(-kick);  // what the loop brings back meets neurons that have just fired
  r = run_engine(b.done(5.0));
  EXPECT_EQ(times(r, 0), times(r, 2));
  EXPECT_EQ(times(r, 0), times(r, 1));
}

TEST(Ticks, ASpikeReachesAnEventDrivenNeuronWhenItsDelayIsOver) {
  Builder b;
  const std::size_t clocked = b.neurons("clocked", "izhikevich", 1);
  const std::size_t n = b.neurons("N", "lif", 1, {{"E_L", 0.0}, {"V_th", 20.0}, {"V_reset", 0.0}});
  kicks(b, b.spikes("S", {{1.03}}), clocked, 0.0);
  kicks(b, clocked, n, 0.25);
  kicks(b, n, clocked, 0.27);
  EXPECT_EQ(times(run_engine(b.done(2.0)), 1), std::vector<Time>{12 * tick + from_ms(0.25)});
}

}  // namespace
}  // namespace volley::test
