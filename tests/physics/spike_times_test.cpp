// SPDX-License-Identifier: Apache-2.0
// Spike times of every linear model against the brute-force oracle, to 1 ps (1e-9 ms).
#include <physics/oracle.h>
#include <physics/single_neuron.h>

#include <random>

namespace volley::test {
namespace {

using Shape = Oracle::Shape;

double unit(std::mt19937_64& r) { return static_cast<double>(r() >> 11) * 0x1p-53; }

// A train of arrivals, some of them coincident, a third inhibitory.
std::vector<Input> train(std::uint64_t seed, double scale, bool two_ports, double inhibition = 0.7) {
  std::mt19937_64 r(seed);
  std::vector<Input> inputs;
  double t = 0.5;
  while (t < 90.0) {
    const bool inhibitory = unit(r) < 0.33;
    const double w =
        static_cast<double>(static_cast<float>(scale * (0.5 + 2.0 * unit(r)) * (inhibitory ? -inhibition : 1.0)));
    inputs.push_back({t, w, two_ports ? (inhibitory ? "inh" : "exc") : ""});
    if (unit(r) > 0.2) t += 1e-3 * std::floor(2000.0 * unit(r));
  }
  return inputs;
}

Oracle oracle_of(double tau_m, double I_e, const std::vector<Input>& inputs, Shape shape, double tau_syn,
                 double tau_inh = 0.0) {
  Oracle o;
  o.tau_m = tau_m;
  o.R = static_cast<long double>(tau_m / 250.0);
  o.V_inf = -70.0 + tau_m / 250.0 * I_e;
  for (const Input& i : inputs)
    o.arrivals.push_back({from_ms(i.t_ms), i.w, shape, i.port == "inh" ? tau_inh : tau_syn});
  return o;
}

class Driven : public testing::TestWithParam<double> {};  // I_e in pA: below and above threshold

TEST_P(Driven, Lif) {
  for (std::uint64_t seed = 1; seed < 6; ++seed) {
    const auto inputs = train(seed, 3.0, false);
    Oracle o = oracle_of(20.0, GetParam(), inputs, Shape::delta, 1.0);
    const auto& expected = o.run(from_ms(100));
    EXPECT_GT(expected.size(), 1u);
    expect_times(spike_times(run_engine(neuron_with("lif", {{"I_e", GetParam()}}, inputs).done(100))), expected);
  }
}

TEST_P(Driven, LifExp) {
  for (const double tau_syn : {0.3, 2.0, 9.99, 10.0 * (1 - 1e-12), 10.0, 10.0 * (1 + 1e-12), 10.0 * (1 + 1e-6), 25.0}) {
    SCOPED_TRACE(tau_syn);
    const auto inputs = train(7, 700.0 / tau_syn, false);
    Oracle o = oracle_of(10.0, 2 * GetParam(), inputs, Shape::exponential, tau_syn);
    const auto& expected = o.run(from_ms(100));
    EXPECT_GT(expected.size(), 1u);
    const Values v{{"tau_m", 10.0}, {"tau_syn", tau_syn}, {"I_e", 2 * GetParam()}};
    expect_times(spike_times(run_engine(neuron_with("lif_exp", v, inputs).done(100))), expected);
  }
}

TEST_P(Driven, LifExp2) {
  for (const double tau_inh : {1.0, 2.0, 8.0, 20.0}) {
    SCOPED_TRACE(tau_inh);
    const auto inputs = train(11, 500.0, true, 0.7 * std::min(1.0, 3.0 / tau_inh));
    Oracle o = oracle_of(20.0, GetParam(), inputs, Shape::exponential, 2.0, tau_inh);
    const auto& expected = o.run(from_ms(100));
    EXPECT_GT(expected.size(), 1u);
    const Values v{{"tau_syn_exc", 2.0}, {"tau_syn_inh", tau_inh}, {"I_e", GetParam()}};
    expect_times(spike_times(run_engine(neuron_with("lif_exp2", v, inputs).done(100))), expected);
  }
}

TEST_P(Driven, LifAlpha) {
  for (const double tau_syn : {0.3, 2.0, 9.9, 10.0 * (1 - 1e-12), 10.0, 10.0 * (1 + 1e-12), 10.0 * (1 + 1e-6), 25.0}) {
    SCOPED_TRACE(tau_syn);
    const auto inputs = train(13, 300.0 / tau_syn, false);
    Oracle o = oracle_of(10.0, 2 * GetParam(), inputs, Shape::alpha, tau_syn);
    const auto& expected = o.run(from_ms(100));
    EXPECT_GT(expected.size(), 1u);
    const Values v{{"tau_m", 10.0}, {"tau_syn", tau_syn}, {"I_e", 2 * GetParam()}};
    expect_times(spike_times(run_engine(neuron_with("lif_alpha", v, inputs).done(100))), expected);
  }
}

TEST_P(Driven, LifAdaptive) {
  for (const double tau_w : {2.0, 20.0, 120.0}) {
    SCOPED_TRACE(tau_w);
    const auto inputs = train(17, 500.0, false);
    Oracle o = oracle_of(20.0, GetParam(), inputs, Shape::exponential, 2.0);
    o.currents = {{tau_w, -30.0}};
    o.thresholds = {{15.0, 1.5}};
    const auto& expected = o.run(from_ms(100));
    EXPECT_GT(expected.size(), 1u);
    const Values v{{"tau_syn", 2.0}, {"tau_w", tau_w}, {"b", 30.0}, {"tau_theta", 15.0},
                   {"theta_jump", 1.5}, {"I_e", GetParam()}};
    expect_times(spike_times(run_engine(neuron_with("lif_adaptive", v, inputs).done(100))), expected);
  }
}

INSTANTIATE_TEST_SUITE_P(I_e, Driven, testing::Values(0.0, 200.0, 300.0, 600.0));

TEST(SpikeTimes, DriveAboveThreshold) {  // T = t_ref + tau_m ln((V_inf - V_reset) / (V_inf - V_th))
  const Values v{{"I_e", 400.0}, {"V_reset", -60.0}};
  const auto t = spike_times(run_engine(neuron_with("lif", v, {}).done(200)));
  const long double V_inf = -70.0L + 0.08L * 400, first = 20 * std::log((V_inf + 70) / (V_inf + 50));
  const long double period = 2 + 20 * std::log((V_inf + 60) / (V_inf + 50));
  ASSERT_GT(t.size(), 5u);
  EXPECT_NEAR(static_cast<double>(t[0]), static_cast<double>(first * 1e9L), 1.0);
  for (std::size_t k = 1; k < t.size(); ++k)
    EXPECT_NEAR(static_cast<double>(t[k] - t[k - 1]), static_cast<double>(period * 1e9L), 1.0);
}

TEST(SpikeTimes, SteppedDrive) {
  Builder b = neuron_with("lif_exp", {}, {{5.0, 300.0}});
  const std::size_t step = b.stimulator("step", "current_step", 1,
                                        {{"times", std::vector{10.0, 40.0, 70.0}},
                                         {"currents", std::vector{500.0, 0.0, 350.0}}});
  b.connect(step, 0, Connect::Rule::one_to_one, constant(1.0), constant(0.0));
  const auto found = spike_times(run_engine(b.done(100)));
  Oracle o;  // a step is an exponential current that does not decay
  const long double forever = 1e18L;
  o.arrivals = {{from_ms(5), 300, Shape::exponential, 2}, {from_ms(10), 500, Shape::exponential, forever},
                {from_ms(40), -500, Shape::exponential, forever}, {from_ms(70), 350, Shape::exponential, forever}};
  const auto& expected = o.run(from_ms(100));
  EXPECT_GT(expected.size(), 2u);
  expect_times(found, expected);
}

}  // namespace
}  // namespace volley::test
