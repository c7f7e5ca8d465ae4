// SPDX-License-Identifier: Apache-2.0
// Closed forms of short-term and long-term plasticity: steady states of trains, windows of spike pairs, bookkeeping of
// delays and coincidences, FSTDP's mean efficacy.
#include <physics/single_neuron.h>

#include <cmath>

namespace volley::test {
namespace {

// Efficacies of a regular train: a membrane so fast that V at an arrival is that arrival alone.
std::vector<double> efficacies(const ModelChoice& s, double period, int spikes) {
  Builder b;
  const std::size_t n = b.neurons("N", "lif", 1, {{"tau_m", 0.01}, {"E_L", 0.0}, {"V_th", 100.0}, {"V_reset", 0.0}});
  const std::size_t source = b.stimulator("S", "regular", 1, {{"period", period}, {"first", period}});
  b.connect(source, n, Connect::Rule::one_to_one, constant(1.0), constant(0.0)).synapse = s;
  b.record_states(n, {"V"}, period);
  const MemoryResults r = run_engine(b.done(period * (spikes + 0.5)));
  const std::vector<double> all = trace(r, 0);
  return {all.begin() + 1, all.end()};
}

TEST(ShortTerm, FatigueOfARegularTrain) {  // e* = (1 - q) / (1 - (1 - U) q), q = exp(-T / tau_F)
  for (const auto& [hz, known] : {std::pair{5.0, 0.49588}, std::pair{50.0, 0.075462}}) {
    const auto e = efficacies(synapse("fatigue", {{"U", 0.5}, {"tau_F", 500.0}}), 1000.0 / hz, 200);
    const double q = std::exp(-1000.0 / hz / 500.0);
    EXPECT_NEAR(e.front(), 1.0, 1e-7);
    EXPECT_NEAR(e.back(), (1 - q) / (1 - 0.5 * q), 1e-7);
    EXPECT_NEAR(e.back(), known, 5e-6);
  }
}

TEST(ShortTerm, FatigueThatDoesNotTransmit) {
  for (const double v : efficacies(synapse("fatigue", {{"transmit", false}}), 20.0, 20)) EXPECT_NEAR(v, 1.0, 1e-7);
}

TEST(ShortTerm, TsodyksMarkramOfARegularTrain) {
  for (const double tau_fac : {0.0, 100.0, 1000.0}) {
    const double T = 25.0, U = 0.2, tau_rec = 300.0;
    const auto v =
        efficacies(synapse("tsodyks_markram", {{"U", U}, {"tau_rec", tau_rec}, {"tau_fac", tau_fac}}), T, 400);
    const double f = tau_fac > 0.0 ? std::exp(-T / tau_fac) : 0.0, r = std::exp(-T / tau_rec);
    const double u = U / (1 - (1 - U) * f), x = (1 - r) / (1 - (1 - u) * r);
    EXPECT_NEAR(v.front(), U, 1e-7);
    EXPECT_NEAR(v.back(), u * x, 1e-7);
  }
}

struct Pairing {
  std::vector<double> pre, post;
  double delay = 0.0, dendritic = 0.0;
};

// Weight after the given spikes; W itself is too weak to matter, a second stimulator forces the post spikes.
double learn(const ModelChoice& r, const Pairing& p, const ModelChoice& s, double W = 0.5) {
  Builder b;
  const std::size_t n = b.neurons("N", "lif", 1, {{"t_ref", 0.0}});
  const std::size_t pre = b.spikes("pre", {p.pre}), post = b.spikes("post", {p.post});
  ProjectionSpec& plastic = b.connect(pre, n, Connect::Rule::one_to_one, constant(W), constant(p.delay));
  plastic.dendritic_delay = p.dendritic;
  plastic.gain = 1e-6;
  plastic.rule = r;
  plastic.synapse = s;
  b.connect(post, n, Connect::Rule::one_to_one, constant(100.0), constant(0.0));
  const MemoryResults result = run_engine(b.done(1000));
  EXPECT_EQ(spike_times(result).size(), p.post.size());
  return static_cast<double>(result.weights_of.at(0).back().values.at(0));
}
double learn(const ModelChoice& r, const Pairing& p) { return learn(r, p, synapse("static")); }

ModelChoice pair_rule(const char* pairing = "all_to_all") {
  return rule("stdp",
              {{"pairing", pairing}, {"tau_plus", 17.0}, {"tau_minus", 34.0}, {"A_plus", 0.01}, {"A_minus", 0.02}});
}

TEST(Stdp, Window) {
  for (const double lag : {0.1, 1.0, 10.0, 50.0}) {
    EXPECT_NEAR(learn(pair_rule(), {{100}, {100 + lag}}), 0.5 + 0.01 * std::exp(-lag / 17), 6e-8);
    EXPECT_NEAR(learn(pair_rule(), {{100 + lag}, {100}}), 0.5 - 0.02 * std::exp(-lag / 34), 6e-8);
  }
}

TEST(Stdp, CoincidenceCountsAsPreBeforePost) {
  for (const char* pairing : {"all_to_all", "nearest_symmetric", "nearest_restricted", "nearest_pre_centered"})
    EXPECT_NEAR(learn(pair_rule(pairing), {{100}, {100}}), 0.5 + 0.01, 6e-8) << pairing;
}

TEST(Stdp, DelaysShiftTheWindow) {  // pre reaches the synapse at t_pre + d_a, post at t_post + d_d
  const auto expected = [](double lag) {
    return lag >= 0 ? 0.5 + 0.01 * std::exp(-lag / 17) : 0.5 - 0.02 * std::exp(lag / 34);
  };
  for (const double axonal : {0.0, 1.5, 4.0})
    for (const double dendritic : {0.0, 0.7, 3.0})
      for (const double lag : {-5.0, -1.0, 2.0, 6.0})
        EXPECT_NEAR(learn(pair_rule(), {{100}, {100 + lag}, axonal, dendritic}), expected(lag + dendritic - axonal),
                    6e-8);
}

TEST(Stdp, PairingsOfAFixedTrain) {
  const Pairing p{{100, 110, 140}, {115, 120, 150}};
  const auto plus = [](double s) { return 0.01 * std::exp(-s / 17); };
  const auto minus = [](double s) { return 0.02 * std::exp(-s / 34); };
  EXPECT_NEAR(learn(pair_rule("all_to_all"), p),
              0.5 + plus(15) + plus(5) + plus(20) + plus(10) - minus(25) - minus(20) + plus(50) + plus(40) + plus(10),
              3e-7);
  EXPECT_NEAR(learn(pair_rule("nearest_symmetric"), p), 0.5 + plus(5) + plus(10) - minus(20) + plus(10), 3e-7);
  EXPECT_NEAR(learn(pair_rule("nearest_restricted"), p), 0.5 + plus(5) - minus(20) + plus(10), 3e-7);
  EXPECT_NEAR(learn(pair_rule("nearest_pre_centered"), p), 0.5 + plus(15) + plus(5) - minus(20) + plus(10), 3e-7);
}

TEST(Triplet, PostPrePost) {  // w += r1 (A2+ + A3+ o2)
  const ModelChoice r =
      rule("stdp_triplet", {{"A2_plus", 0.01}, {"A2_minus", 0.02}, {"A3_plus", 0.03}, {"A3_minus", 0.04}});
  const double expected =
      0.5 - std::exp(-10 / 33.7) * 0.02 + std::exp(-5 / 16.8) * (0.01 + 0.03 * std::exp(-15 / 125.0));
  EXPECT_NEAR(learn(r, {{110}, {100, 115}}), expected, 2e-7);
}

TEST(Fstdp, PostTriggeredAndTwoSided) {
  const ModelChoice fatigue = synapse("fatigue", {{"U", 0.5}, {"tau_F", 500.0}});
  const double e2 = 1 - 0.5 * std::exp(-20 / 500.0);  // of the second spike
  const double K = std::exp(-25 / 20.0) + e2 * std::exp(-5 / 20.0);
  const Pairing p{{100, 120}, {125}};
  EXPECT_NEAR(learn(rule("fstdp", {{"eta", 0.1}, {"theta", 0.4}}), p, fatigue), 0.5 + 0.1 * (K - 0.4), 2e-7);
  EXPECT_NEAR(learn(rule("fstdp", {{"eta", 0.1}, {"theta", 0.4}, {"ltp_fatigue", false}}), p, fatigue),
              0.5 + 0.1 * (std::exp(-25 / 20.0) + std::exp(-5 / 20.0) - 0.4), 2e-7);
  const Pairing q{{100, 120, 140}, {125}};
  const double e3 = 1 - (1 - 0.5 * e2) * std::exp(-20 / 500.0);
  EXPECT_NEAR(
      learn(rule("fstdp", {{"base", "two_sided"}, {"eta", 0.1}, {"A_minus", 0.5}, {"ltd_fatigue", true}}), q, fatigue),
      0.5 + 0.1 * K - 0.1 * 0.5 * std::exp(-15 / 20.0) * e3, 2e-7);
}

TEST(Fstdp, MeanEfficacyUnderPoisson) {  // E[e] = 1 / (1 + U r tau_F)
  for (const double hz : {5.0, 50.0}) {
    Builder b;
    const std::uint32_t size = 200;
    const std::size_t n = b.neurons("N", "lif", size, {{"tau_m", 1e7}, {"E_L", 0.0}, {"V_th", 1e9}, {"V_reset", 0.0}});
    const std::size_t s = b.stimulator("S", "poisson", size, {{"rate", hz}});
    b.connect(s, n, Connect::Rule::one_to_one, constant(1.0), constant(0.0)).synapse =
        synapse("fatigue", {{"U", 0.5}, {"tau_F", 500.0}});
    const std::size_t all =
        b.neurons("count", "lif", size, {{"tau_m", 1e7}, {"E_L", 0.0}, {"V_th", 1e9}, {"V_reset", 0.0}});
    b.connect(s, all, Connect::Rule::one_to_one, constant(1.0), constant(0.0));
    b.record_states(n, {"V"}, 2e4);
    b.record_states(all, {"V"}, 2e4);
    const MemoryResults r = run_engine(b.done(40'001));
    const auto sum = [&](std::size_t record, std::size_t sample) {
      double x = 0.0;
      for (const float v : r.states_of[record].at(sample).values) x += static_cast<double>(v);
      return x;
    };
    const double mean = (sum(0, 2) - sum(0, 1)) / (sum(1, 2) - sum(1, 1)), expected = 1.0 / (1.0 + 0.5 * hz * 0.5);
    EXPECT_NEAR(mean, expected, 0.02 * expected) << "the membrane's leak over 20 s costs 0.2 %";
  }
}

}  // namespace
}  // namespace volley::test
