// SPDX-License-Identifier: Apache-2.0
// Populations whose time constants differ from neuron to neuron: every spike and every recorded state of each neuron
// against the brute-force oracle or the closed form of that neuron alone.
#include <physics/oracle.h>
#include <physics/single_neuron.h>

#include <random>

namespace volley::test {
namespace {

using Shape = Oracle::Shape;
constexpr double C_m = 250.0;
constexpr std::uint32_t neurons = 7;

double unit(std::mt19937_64& r) { return static_cast<double>(r() >> 11) * 0x1p-53; }

// Around a mean, two of them alike.
std::vector<double> spread(std::mt19937_64& r, double mean) {
  std::vector<double> x;
  for (std::uint32_t i = 0; i < neurons; ++i) x.push_back(i == 3 ? x[1] : mean * (0.5 + 1.5 * unit(r)));
  return x;
}

// Arrivals at 0.1 ms steps, some coincident, a third inhibitory.
std::vector<Input> train(std::mt19937_64& r, double scale, bool two_ports) {
  std::vector<Input> inputs;
  for (double t = 0.5; t < 90.0; t += unit(r) > 0.2 ? 0.1 * std::floor(20.0 * unit(r)) : 0.0) {
    const bool inhibitory = unit(r) < 0.33;
    const double w = static_cast<double>(static_cast<float>(scale * (0.5 + 2.0 * unit(r)) * (inhibitory ? -0.6 : 1.0)));
    inputs.push_back({t, w, two_ports ? (inhibitory ? "inh" : "exc") : ""});
  }
  return inputs;
}

struct Taus {
  std::vector<double> m, syn, inh, w, theta;
};

Oracle oracle_of(std::uint32_t i, const Taus& tau, double I_e, const std::vector<Input>& inputs, Shape shape) {
  Oracle o;
  o.tau_m = tau.m[i];
  o.R = static_cast<long double>(tau.m[i] / C_m);
  o.V_inf = -70.0 + tau.m[i] / C_m * I_e;
  for (const Input& k : inputs)
    o.arrivals.push_back({from_ms(k.t_ms), k.w, shape, k.port == "inh" ? tau.inh[i] : tau.syn[i]});
  return o;
}

// Drives below and above the threshold of a neuron with tau_m = 20 ms.
class Individual : public testing::TestWithParam<double> {
 protected:
  void expect_oracle(const char* model, const Taus& tau, Values v, const std::vector<Input>& inputs, Shape shape) {
    v.emplace_back("tau_m", one_each(tau.m));
    v.emplace_back("I_e", GetParam());
    const MemoryResults r = run_engine(neuron_with(model, v, inputs, neurons).done(100));
    std::size_t spikes = 0;
    for (std::uint32_t i = 0; i < neurons; ++i) {
      SCOPED_TRACE(i);
      Oracle o = oracle_of(i, tau, GetParam(), inputs, shape);
      if (!tau.w.empty()) o.currents = {{tau.w[i], -30.0}};
      if (!tau.theta.empty()) o.thresholds = {{tau.theta[i], 1.5}};
      const auto& expected = o.run(from_ms(100));
      expect_times(spike_times(r, i), expected);
      spikes += expected.size();
    }
    EXPECT_GT(spikes, neurons);
  }
  std::mt19937_64 random{5};
};
INSTANTIATE_TEST_SUITE_P(I_e, Individual, testing::Values(0.0, 250.0, 600.0));

TEST_P(Individual, Lif) {
  const Taus tau{.m = spread(random, 20), .syn = std::vector(neurons, 1.0)};
  expect_oracle("lif", tau, {}, train(random, 3.0, false), Shape::delta);
}

TEST_P(Individual, LifExp) {
  Taus tau{.m = spread(random, 15), .syn = spread(random, 4)};
  tau.syn[0] = tau.m[0];  // equal, close, and slower than the membrane
  tau.syn[2] = tau.m[2] * (1 + 1e-12);
  tau.syn[4] = tau.m[4] * (1 - 1e-6);
  tau.syn[5] = 2 * tau.m[5];
  expect_oracle("lif_exp", tau, {{"tau_syn", one_each(tau.syn)}}, train(random, 200.0, false), Shape::exponential);
}

TEST_P(Individual, LifExp2) {
  const Taus tau{.m = spread(random, 20), .syn = spread(random, 2), .inh = spread(random, 3)};
  expect_oracle("lif_exp2", tau, {{"tau_syn_exc", one_each(tau.syn)}, {"tau_syn_inh", one_each(tau.inh)}},
                train(random, 500.0, true), Shape::exponential);
}

TEST_P(Individual, LifAlpha) {
  Taus tau{.m = spread(random, 15), .syn = spread(random, 4)};
  tau.syn[0] = tau.m[0];
  tau.syn[2] = tau.m[2] * (1 + 1e-12);
  tau.syn[4] = tau.m[4] * (1 - 1e-6);
  tau.syn[5] = 2 * tau.m[5];
  expect_oracle("lif_alpha", tau, {{"tau_syn", one_each(tau.syn)}}, train(random, 100.0, false), Shape::alpha);
}

TEST_P(Individual, LifAdaptive) {
  const Taus tau{
      .m = spread(random, 20), .syn = spread(random, 2), .w = spread(random, 60), .theta = spread(random, 15)};
  expect_oracle("lif_adaptive", tau,
                {{"tau_syn", one_each(tau.syn)},
                 {"tau_w", one_each(tau.w)},
                 {"b", 30.0},
                 {"tau_theta", one_each(tau.theta)},
                 {"theta_jump", 1.5}},
                train(random, 500.0, false), Shape::exponential);
}

// T = t_ref + tau_m ln((V_inf - V_reset) / (V_inf - V_th)), far from any arrival and over many frames.
TEST(IndividualDrive, RegularSpikesOfEachNeuron) {
  const std::vector<double> tau_m{3.0, 8.0, 21.0, 80.0};
  const Values v{{"tau_m", one_each(tau_m)}, {"C_m", one_each(tau_m)}, {"I_e", 21.0}, {"V_reset", -60.0}};  // R = 1
  const MemoryResults r = run_engine(neuron_with("lif", v, {}, 4).done(2000));
  for (std::uint32_t i = 0; i < 4; ++i) {
    const auto t = spike_times(r, i);
    const auto tau = static_cast<long double>(tau_m[i]);
    ASSERT_GT(t.size(), 5u);
    EXPECT_NEAR(static_cast<double>(t[0]), static_cast<double>(tau * std::log(21.0L) * 1e9L), 1.0);
    for (std::size_t k = 1; k < t.size(); ++k)
      EXPECT_NEAR(static_cast<double>(t[k] - t[k - 1]), static_cast<double>((2 + tau * std::log(11.0L)) * 1e9L), 1.0);
  }
}

// A frame moves H = 8 ms after the neuron's last event; crossings up to 100 ns later are searched for from before the
// move.
TEST(IndividualDrive, CrossingsAsAFrameMoves) {
  std::vector<double> I_e;
  const std::vector<Time> after{-100'000, -1000, -1, 0, 1, 2, 10, 1000, 100'000};
  for (const Time t : after) {
    const long double decay = std::exp(-(8.05L + static_cast<long double>(t) * 1e-9L) / 20);
    I_e.push_back(static_cast<double>(20 / (1 - decay) * 12.5L));  // V_inf + 70 = 0.08 I_e
  }
  const auto size = static_cast<std::uint32_t>(after.size());
  const Values v{{"tau_syn", 2.0}, {"I_e", one_each(I_e)}, {"t_ref", 100.0}};
  const MemoryResults r = run_engine(in_company(neuron_with("lif_exp", v, {{0.05, 0.0}}, size)).done(20));
  for (std::uint32_t i = 0; i < size; ++i) expect_times(spike_times(r, i), {from_ms(8.05) + after[i]});
}

TEST(IndividualDrive, SteppedCurrent) {
  const std::vector<double> tau_m{12.0, 20.0, 33.0}, tau_syn{2.0, 20.0, 0.7};
  Builder b = neuron_with("lif_exp", {{"tau_m", one_each(tau_m)}, {"tau_syn", one_each(tau_syn)}}, {{5.0, 300.0}}, 3);
  const std::size_t step =
      b.stimulator("step", "current_step", 1,
                   {{"times", std::vector{10.0, 40.0, 70.0}}, {"currents", std::vector{700.0, 0.0, 450.0}}});
  b.connect(step, 0, Connect::Rule::all_to_all, constant(1.0), constant(0.0));
  const MemoryResults r = run_engine(b.done(200));
  const long double forever = 1e18L;
  for (std::uint32_t i = 0; i < 3; ++i) {
    SCOPED_TRACE(i);
    Oracle o;
    o.tau_m = tau_m[i];
    o.R = static_cast<long double>(tau_m[i] / C_m);
    o.arrivals = {{from_ms(5), 300, Shape::exponential, tau_syn[i]}, {from_ms(10), 700, Shape::exponential, forever},
                  {from_ms(40), -700, Shape::exponential, forever}, {from_ms(70), 450, Shape::exponential, forever}};
    const auto& expected = o.run(from_ms(200));
    EXPECT_GT(expected.size(), 1u);
    expect_times(spike_times(r, i), expected);
  }
}

// V and the components of each neuron between events, over many frames of it.
TEST(IndividualStates, FollowTheClosedForms) {
  const std::vector<double> tau_m{5.0, 20.0, 50.0}, tau_syn{0.5, 4.0, 50.0}, tau_theta{30.0, 11.0, 400.0};
  Builder b = neuron_with(
      "lif_adaptive", {{"tau_m", one_each(tau_m)}, {"tau_syn", one_each(tau_syn)}, {"tau_theta", one_each(tau_theta)}},
      {{1.0, 100.0}, {30.25, -70.0}}, 3);
  b.init(0, "V", one_each({-65.0, -75.0, -55.0}));
  b.init(0, "I_syn", constant(20.0));
  b.init(0, "theta", one_each({3.0, 0.0, -2.0}));
  b.record_states(0, {"V", "I_syn", "theta"}, 0.75);
  const MemoryResults r = run_engine(b.done(300));
  ASSERT_TRUE(spike_times(r, 0).empty() && spike_times(r, 1).empty() && spike_times(r, 2).empty());
  for (std::uint32_t i = 0; i < 3; ++i) {
    const auto V = trace(r, 0, 3, i), I = trace(r, 1, 3, i), theta = trace(r, 2, 3, i);
    ASSERT_EQ(V.size(), 400u);
    const long double m = tau_m[i], s = tau_syn[i];
    for (std::size_t k = 0; k < V.size(); ++k) {
      const long double t = 0.75L * static_cast<long double>(k), V0 = i == 0 ? 5 : i == 1 ? -5 : 15;
      long double current = 0, potential = -70 + V0 * std::exp(-t / m);
      for (const auto& [at, w] : {std::pair{0.0L, 20.0L}, {1.0L, 100.0L}, {30.25L, -70.0L}}) {
        if (t < at) continue;
        const long double u = t - at, delta = 1 / m - 1 / s;
        current += w * std::exp(-u / s);
        potential +=
            w / static_cast<long double>(C_m) * std::exp(-u / m) * (m == s ? u : std::expm1(delta * u) / delta);
      }
      const long double raised = (i == 0 ? 3 : i == 1 ? 0 : -2) * std::exp(-t / static_cast<long double>(tau_theta[i]));
      EXPECT_NEAR(V[k], static_cast<double>(potential), 4e-6) << i << " at " << static_cast<double>(t);  // float32 of V
      EXPECT_NEAR(I[k], static_cast<double>(current), 8e-6) << i << " at " << static_cast<double>(t);
      EXPECT_NEAR(theta[k], static_cast<double>(raised), 4e-7) << i << " at " << static_cast<double>(t);
    }
  }
}

}  // namespace
}  // namespace volley::test
