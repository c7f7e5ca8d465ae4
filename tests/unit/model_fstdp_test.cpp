// SPDX-License-Identifier: Apache-2.0
// FSTDP: both bases by hand, and the closed forms of its eligibility.
#include "rules.h"

#include <random>

namespace volley::test {
namespace {

TEST(Fstdp, PostTriggered) {
  for (const double fatigue : {1.0, 0.0}) {
    Synapses s("fstdp", {{"eta", 0.1}, {"theta", 0.3}, {"ltp_fatigue", fatigue}}, 2, 1, 0.5f);
    s.pre(0, 10.0, 0.8), s.pre(0, 20.0, 0.4);
    EXPECT_EQ(s.weight(0, 0), 0.5f);  // no change at a pre spike
    s.post(0, 25.0);
    const double first = fatigue ? 0.8 : 1.0, second = fatigue ? 0.4 : 1.0;
    const double K = first * std::exp(-15.0 / 20.0) + second * std::exp(-5.0 / 20.0);
    EXPECT_NEAR(s.weight(0, 0), 0.5 + 0.1 * (K - 0.3), 1e-7);
    EXPECT_NEAR(s.weight(1, 0), 0.5 - 0.1 * 0.3, 1e-7);  // a silent input is depressed
  }
}

TEST(Fstdp, TwoSided) {
  for (const double fatigue : {1.0, 0.0}) {
    Synapses s("fstdp",
               {{"base", "two_sided"}, {"eta", 0.1}, {"A_minus", 1.2}, {"tau_minus", 30.0}, {"ltd_fatigue", fatigue}},
               1, 1, 0.5f);
    s.pre(0, 10.0, 0.9), s.post(0, 16.0), s.pre(0, 22.0, 0.5);
    const double up = 0.1 * 0.9 * std::exp(-6.0 / 20.0),
                 down = 0.1 * 1.2 * std::exp(-6.0 / 30.0) * (fatigue ? 0.5 : 1.0);
    EXPECT_NEAR(s.weight(0, 0), 0.5 + up - down, 1e-7);
  }
}

TEST(Fstdp, WeightsStayInUnitInterval) {
  Synapses s("fstdp", {{"eta", 5.0}}, 2, 1, 0.5f);
  s.pre(0, 1.0), s.post(0, 1.0);
  EXPECT_EQ(s.weight(0, 0), 1.0f);
  EXPECT_EQ(s.weight(1, 0), 0.0f);
}

// An input uncorrelated with the output: E[K] = r tau_plus / (1 + U r tau_F); the rates nearly equalised.
TEST(Fstdp, MeanEligibility) {
  for (const double rate : {5.0, 50.0}) {
    std::mt19937_64 random(3);
    std::exponential_distribution<double> gap(rate / 1000.0);
    const auto stage = synapse("fatigue").make(parameters_of(synapse("fatigue")), 1);
    double sum = 0.0, squares = 0.0;
    const int n = 400;
    for (int k = 0; k < n;
         ++k) {  // each a stretch of 10 s with traces of its own, probed every 7.3 ms of its second half
      Synapses s("fstdp", {}, 1, 1, 0.5f);
      const double start = 10000.0 * k;
      double next = gap(random), part = 0.0;
      int probes = 0;
      for (double probe = 3000.0; probe < 10000.0; probe += 7.3, ++probes) {
        for (; next < probe; next += gap(random)) s.pre(0, next, stage->transmit(0, from_ms(start + next)).e);
        part += s.pre_trace(0, probe);
      }
      sum += part / probes;
      squares += part / probes * (part / probes);
    }
    const double mean = sum / n, sigma = std::sqrt((squares / n - mean * mean) / n);
    EXPECT_NEAR(mean, rate * 0.020 / (1.0 + 0.5 * rate * 0.5), 4.0 * sigma) << rate;
    EXPECT_LT(sigma, 0.001);
  }
}

}  // namespace
}  // namespace volley::test
