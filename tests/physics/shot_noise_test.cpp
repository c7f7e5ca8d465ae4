// SPDX-License-Identifier: Apache-2.0
// Poisson drive as a neuron feels it: cumulants of the free membrane potential (Campbell's theorem), whether the stream
// goes straight to its neurons or its spikes are ordinary ones, and neurons that have nothing in common.
#include <physics/single_neuron.h>

#include <cmath>

namespace volley::test {
namespace {

constexpr double sigmas = 4.5;
constexpr double tau_m = 10.0, tau_syn = 4.0, C_m = 250.0, R = tau_m / C_m, rate = 0.8;  // spikes per ms
constexpr std::uint32_t size = 6000;                                                     // more than a chunk

// Response to an arrival of weight 1: its time integral, and those of its square, cube and fourth power.
struct Response {
  double first, second, third, fourth;
};
Response delta() { return {tau_m, tau_m / 2.0, tau_m / 3.0, tau_m / 4.0}; }
// kappa (exp(-t / tau_m) - exp(-t / tau_syn)), expanded by the binomial theorem.
Response exponential() {
  const double kappa = R / tau_m / (1.0 / tau_syn - 1.0 / tau_m);
  const auto power = [&](int n) {
    double sum = 0.0, choose = 1.0;
    for (int k = 0; k <= n; ++k) {
      sum += (k % 2 ? -choose : choose) / ((n - k) / tau_m + k / tau_syn);
      choose = choose * (n - k) / (k + 1);
    }
    return std::pow(kappa, n) * sum;
  };
  return {power(1), power(2), power(3), power(4)};
}

void expect_shot_noise(const char* model, double w, const Response& response, bool direct) {
  SCOPED_TRACE(std::string(model) + (direct ? ", direct" : ", ordinary spikes"));
  Builder b(11);
  const std::size_t n = b.neurons("N", model, size, {{"tau_m", tau_m}, {"E_L", 0.0}, {"V_reset", -1.0}, {"V_th", 1e6}});
  if (std::string_view(model) != "lif") b.x.populations[n].model.values.push_back(
      field_value(*b.x.populations[n].model.model, "tau_syn", tau_syn));
  b.init(n, "V", constant(0.0));
  const std::size_t s = b.stimulator("S", "poisson", size, {{"rate", 1000.0 * rate}});
  ProjectionSpec& p = b.connect(s, n, Connect::Rule::one_to_one, constant(w), constant(0.3));
  if (!direct) p.synapse = synapse("fatigue", {{"transmit", false}});
  b.record_states(n, {"V"}, 200.0);  // 20 tau_m: samples are independent
  const MemoryResults r = run_engine(b.done(1101.0));
  ASSERT_EQ(r.states_of[0].size(), 6u);

  std::vector<double> v;
  double neighbours = 0.0;
  const double mean = w * rate * response.first, variance = w * w * rate * response.second;
  for (std::size_t k = 1; k < 6; ++k)
    for (std::uint32_t i = 0; i < size; ++i) {
      v.push_back(static_cast<double>(r.states_of[0][k].values[i]) - mean);
      if (i % 2) neighbours += v.back() * v[v.size() - 2];
    }
  const double count = static_cast<double>(v.size());
  double m1 = 0.0, m2 = 0.0, m3 = 0.0;
  for (const double x : v) m1 += x / count, m2 += x * x / count, m3 += x * x * x / count;
  const double third = w * w * w * rate * response.third, excess = w * w * w * w * rate * response.fourth;
  EXPECT_NEAR(m1, 0.0, sigmas * std::sqrt(variance / count));
  EXPECT_NEAR(m2, variance, sigmas * std::sqrt((2.0 * variance * variance + excess) / count));
  EXPECT_NEAR(m3, third, sigmas * std::sqrt(16.0 * variance * variance * variance / count));
  EXPECT_NEAR(neighbours / (count / 2.0), 0.0, sigmas * variance / std::sqrt(count / 2.0));
}

TEST(ShotNoise, Delta) {
  for (const bool direct : {true, false}) expect_shot_noise("lif", 0.5, delta(), direct);
}
TEST(ShotNoise, Exponential) {
  for (const bool direct : {true, false}) expect_shot_noise("lif_exp", 60.0, exponential(), direct);
}

}  // namespace
}  // namespace volley::test
