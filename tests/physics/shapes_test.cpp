// SPDX-License-Identifier: Apache-2.0
// Postsynaptic potentials and currents as recorded, steady rates, and the steady state of adaptation.
#include <physics/single_neuron.h>

#include <cmath>
#include <functional>

namespace volley::test {
namespace {

// E_L = 0 keeps recorded numbers (float32) precise.
const Values at_rest{{"E_L", 0.0}, {"V_th", 1000.0}, {"V_reset", 0.0}, {"tau_m", 20.0}, {"C_m", 250.0}};

Values with(Values v, const Values& more) {
  v.insert(v.end(), more.begin(), more.end());
  return v;
}

void expect_shape(std::string_view model, const Values& v, const std::vector<std::string>& variables,
                  const std::string& port, double w, const std::function<std::vector<double>(double)>& shape) {
  SCOPED_TRACE(model);
  Builder b = neuron_with(model, with(at_rest, v), {{1.0, w, port}});
  b.record_states(0, variables, 0.25);
  const MemoryResults r = run_engine(b.done(60));
  ASSERT_GE(r.states_of[0].size(), 240u);
  for (const StateSample& s : r.states_of[0]) {
    const double after = to_ms(s.t) - 1.0;
    const std::vector<double> expected = after < 0.0 ? std::vector<double>(variables.size(), 0.0) : shape(after);
    for (std::size_t k = 0; k < variables.size(); ++k)
      ASSERT_NEAR(static_cast<double>(s.values[k]), expected[k], 1e-6 * std::abs(w) / 10.0)
          << variables[k] << " at " << to_ms(s.t);
  }
}

TEST(Shapes, Delta) {
  expect_shape("lif", {}, {"V"}, "", 7.0, [](double s) { return std::vector{7.0 * std::exp(-s / 20.0)}; });
}

TEST(Shapes, Exponential) {
  const auto psp = [](double s, double tau) {
    const double K = 0.08 * tau / (20.0 - tau);
    return 100.0 * K * (std::exp(-s / 20.0) - std::exp(-s / tau));
  };
  expect_shape("lif_exp", {{"tau_syn", 5.0}}, {"V", "I_syn"}, "", 100.0,
               [&](double s) { return std::vector{psp(s, 5.0), 100.0 * std::exp(-s / 5.0)}; });
  expect_shape("lif_exp", {{"tau_syn", 20.0}}, {"V", "I_syn"}, "", 100.0, [&](double s) {
    return std::vector{100.0 * 0.08 * s / 20.0 * std::exp(-s / 20.0), 100.0 * std::exp(-s / 20.0)};
  });
  expect_shape("lif_exp2", {{"tau_syn_exc", 5.0}, {"tau_syn_inh", 8.0}}, {"V", "I_exc", "I_inh"}, "inh", -100.0,
               [&](double s) { return std::vector{-psp(s, 8.0), 0.0, -100.0 * std::exp(-s / 8.0)}; });
}

TEST(Shapes, Alpha) {
  const auto current = [](double s, double tau) {
    return 100.0 * s / tau * std::exp(1.0 - s / tau);
  };  // peak 100 at tau
  const auto psp = [](double s, double tau) {
    const double d = 1.0 / 20.0 - 1.0 / tau;
    const double integral = d == 0.0 ? s * s / 2.0 : ((d * s - 1.0) * std::exp(d * s) + 1.0) / (d * d);
    return 100.0 * 0.08 / 20.0 * std::exp(1.0) / tau * std::exp(-s / 20.0) * integral;
  };
  for (const double tau : {5.0, 20.0})
    expect_shape("lif_alpha", {{"tau_syn", tau}}, {"V", "I_syn"}, "", 100.0,
                 [&](double s) { return std::vector{psp(s, tau), current(s, tau)}; });
}

TEST(Shapes, Adaptation) {
  Builder b =
      neuron_with("lif_adaptive", {{"tau_w", 100.0}, {"b", 20.0}, {"tau_theta", 50.0}, {"theta_jump", 2.0}}, {});
  b.init(0, "V", constant(-40.0));  // a spike at 0
  b.record_states(0, {"I_adapt", "theta"}, 1.0);
  const MemoryResults r = run_engine(b.done(200));
  for (const StateSample& s : r.states_of[0]) {
    ASSERT_NEAR(static_cast<double>(s.values[0]), -20.0 * std::exp(-to_ms(s.t) / 100.0), 1e-5);
    ASSERT_NEAR(static_cast<double>(s.values[1]), 2.0 * std::exp(-to_ms(s.t) / 50.0), 1e-6);
  }
}

TEST(Rates, ConstantDrive) {
  for (const char* model : {"lif", "lif_exp", "lif_exp2", "lif_alpha"}) {
    for (const double I_e : {260.0, 300.0, 1000.0}) {
      const auto t = spike_times(run_engine(neuron_with(model, {{"I_e", I_e}}, {}).done(10'000)));
      const double drive = 0.08 * I_e, period = 2.0 + 20.0 * std::log(drive / (drive - 20.0));
      ASSERT_GT(t.size(), 10u);
      EXPECT_NEAR(to_ms(t.back() - t.front()) / static_cast<double>(t.size() - 1), period, 2e-9) << model;
    }
  }
}

TEST(Rates, AdaptationSettles) {
  const double tau_w = 100.0, b = 40.0, tau_theta = 50.0, jump = 2.0, I_e = 500.0;
  const Values v{{"I_e", I_e}, {"tau_w", tau_w}, {"b", b}, {"tau_theta", tau_theta}, {"theta_jump", jump}};
  const auto t = spike_times(run_engine(neuron_with("lif_adaptive", v, {}).done(5000)));
  ASSERT_GT(t.size(), 20u);
  // V at T after a spike, every spike T apart: both components in geometric series.
  const auto distance = [&](double T) {
    const double w = b / (1.0 - std::exp(-T / tau_w)), theta = jump / (1.0 - std::exp(-T / tau_theta));
    const double K = 0.08 * tau_w / (20.0 - tau_w), free = T - 2.0, w2 = w * std::exp(-2.0 / tau_w);
    const double V = -70.0 + 0.08 * I_e * (1.0 - std::exp(-free / 20.0)) -
                     w2 * K * (std::exp(-free / 20.0) - std::exp(-free / tau_w));
    return V - (-50.0 + theta * std::exp(-T / tau_theta));
  };
  double low = 2.0, high = 200.0;
  for (int k = 0; k < 100; ++k) (distance(0.5 * (low + high)) >= 0.0 ? high : low) = 0.5 * (low + high);
  EXPECT_NEAR(to_ms(t.back() - t[t.size() - 2]), low, 1e-8);
}

}  // namespace
}  // namespace volley::test
