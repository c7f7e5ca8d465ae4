// SPDX-License-Identifier: Apache-2.0
// Short-term plasticity against closed forms.
#include "models.h"

#include <cmath>
#include <random>

namespace volley::test {
namespace {

// The last transmission of a regular train, long after its start.
Transmission steady(std::string_view model, const Settings& s, double period) {
  const auto stage = synapse(model).make(parameters_of(synapse(model), s), 1);
  Transmission last;
  for (int k = 0; k < 5000; ++k) last = stage->transmit(0, from_ms(k * period));
  return last;
}

TEST(TsodyksMarkram, FirstSpikesByHand) {
  const auto stage =
      synapse("tsodyks_markram")
          .make(parameters_of(synapse("tsodyks_markram"), {{"U", 0.3}, {"tau_rec", 100.0}, {"tau_fac", 50.0}}), 2);
  EXPECT_DOUBLE_EQ(stage->transmit(1, from_ms(7.0)).weight, 0.3);
  const double u = 0.3 * std::exp(-0.4), x = 1.0 - 0.3 * std::exp(-0.2), u2 = u + 0.3 * (1.0 - u);
  const Transmission second = stage->transmit(1, from_ms(27.0));
  EXPECT_DOUBLE_EQ(second.weight, u2 * x);
  EXPECT_EQ(second.e, second.weight);
  EXPECT_DOUBLE_EQ(stage->transmit(0, from_ms(27.0)).weight, 0.3);  // sources are independent
}

TEST(TsodyksMarkram, SteadyState) {
  struct Case { double U, tau_rec, tau_fac, period; };
  for (const Case c : {Case{0.5, 800.0, 0.0, 25.0}, Case{0.1, 100.0, 1000.0, 20.0}, Case{0.5, 200.0, 300.0, 70.0},
                       Case{1.0, 0.0, 50.0, 5.0}}) {
    const double qf = c.tau_fac > 0.0 ? std::exp(-c.period / c.tau_fac) : 0.0;
    const double qr = c.tau_rec > 0.0 ? std::exp(-c.period / c.tau_rec) : 0.0;
    const double u = c.U / (1.0 - (1.0 - c.U) * qf), x = (1.0 - qr) / (1.0 - (1.0 - u) * qr);
    EXPECT_NEAR(
        steady("tsodyks_markram", {{"U", c.U}, {"tau_rec", c.tau_rec}, {"tau_fac", c.tau_fac}}, c.period).weight, u * x,
        1e-12);
  }
}

TEST(Fatigue, SteadyStateOfRegularTrains) {
  for (const auto& [rate, expected] : {std::pair{5.0, 0.49588}, {50.0, 0.075462}}) {
    const double q = std::exp(-1000.0 / rate / 500.0);
    const Transmission t = steady("fatigue", {{"U", 0.5}, {"tau_F", 500.0}}, 1000.0 / rate);
    EXPECT_NEAR(t.e, (1.0 - q) / (1.0 - 0.5 * q), 1e-12);
    EXPECT_NEAR(t.e, expected, 5e-6);
    EXPECT_EQ(t.weight, t.e);
  }
}

// A Poisson spike sees the time average: E[e] = 1 / (1 + U r tau_F).
TEST(Fatigue, MeanOverPoissonSpikes) {
  for (const double rate : {5.0, 50.0}) {
    std::mt19937_64 random(7);
    std::exponential_distribution<double> gap(rate / 1000.0);
    const auto stage = synapse("fatigue").make(parameters_of(synapse("fatigue")), 1);
    double t = 0.0, sum = 0.0, squares = 0.0;
    const int n = 200000, batch = 1000;
    for (int k = 0; k < n / batch; ++k) {  // batch means, since successive e are correlated
      double part = 0.0;
      for (int j = 0; j < batch; ++j) part += stage->transmit(0, from_ms(t += gap(random))).e / batch;
      sum += part;
      squares += part * part;
    }
    const double m = n / batch, mean = sum / m, sigma = std::sqrt((squares / m - mean * mean) / m);
    EXPECT_NEAR(mean, 1.0 / (1.0 + 0.5 * rate * 0.5), 4.0 * sigma);
    EXPECT_LT(sigma, 0.002);
  }
}

TEST(Fatigue, RuleSeesItEvenWhenItDoesNotTransmit) {
  const auto stage =
      synapse("fatigue").make(parameters_of(synapse("fatigue"), {{"transmit", 0.0}, {"U", 0.4}, {"tau_F", 600.0}}), 1);
  EXPECT_EQ(stage->transmit(0, 0).e, 1.0);
  const Transmission t = stage->transmit(0, from_ms(30.0));
  EXPECT_EQ(t.weight, 1.0);
  EXPECT_DOUBLE_EQ(t.e, 1.0 - 0.4 * std::exp(-0.05));
}

TEST(Static, IsTransparent) {
  EXPECT_TRUE(synapse("static").transparent);
  EXPECT_FALSE(synapse("fatigue").transparent);
}

}  // namespace
}  // namespace volley::test
