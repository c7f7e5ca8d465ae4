// SPDX-License-Identifier: Apache-2.0
// Pair STDP: its window, its pairings against pairs searched for in the lists of spikes, and coincidences by hand.
#include "rules.h"

#include <random>

namespace volley::test {
namespace {

const char* const pairings[] = {"all_to_all", "nearest_symmetric", "nearest_restricted", "nearest_pre_centered"};
constexpr double tau_plus = 17.0, tau_minus = 34.0, A_plus = 0.02, A_minus = 0.025;

Settings settings(std::string_view pairing, std::string_view dependence = "additive") {
  return {{"pairing", pairing},   {"dependence", dependence}, {"tau_plus", tau_plus}, {"tau_minus", tau_minus},
          {"A_plus", A_plus},     {"A_minus", A_minus},       {"W_min", 0.0},         {"W_max", 1.0}};
}

TEST(Stdp, Window) {
  for (const char* pairing : pairings)
    for (const double dt : {-60.0, -10.0, -0.1, 0.0, 0.1, 5.0, 40.0}) {
      Synapses s("stdp", settings(pairing), 1, 1, 0.5f);
      if (dt >= 0.0) s.pre(0, 100.0), s.post(0, 100.0 + dt);
      else s.post(0, 100.0 + dt), s.pre(0, 100.0);
      const double dw = dt >= 0.0 ? A_plus * std::exp(-dt / tau_plus) : -A_minus * std::exp(dt / tau_minus);
      EXPECT_EQ(s.weight(0, 0), static_cast<float>(0.5 + dw)) << pairing << ' ' << dt;
    }
}

TEST(Stdp, DependenceOnTheWeight) {
  for (const double w : {0.2, 0.7}) {
    const auto after = [w](const char* dependence, bool potentiate) {
      Settings s = settings("all_to_all", dependence);
      s.push_back({"W_max", 2.0});
      Synapses one("stdp", s, 1, 1, static_cast<float>(w));
      if (potentiate) one.pre(0, 10.0), one.post(0, 10.0);
      else one.post(0, 10.0), one.pre(0, 10.0);
      return static_cast<double>(one.weight(0, 0)) - static_cast<double>(static_cast<float>(w));
    };
    EXPECT_NEAR(after("additive", true), A_plus, 1e-7);
    EXPECT_NEAR(after("additive", false), -A_minus, 1e-7);
    EXPECT_NEAR(after("multiplicative", true), A_plus * (2.0 - w) / 2.0, 1e-7);
    EXPECT_NEAR(after("multiplicative", false), -A_minus * w / 2.0, 1e-7);
    EXPECT_NEAR(after("power_law", true), A_plus * std::pow(w / 2.0, 0.4), 1e-7);
    EXPECT_NEAR(after("power_law", false), -A_minus * w / 2.0, 1e-7);
  }
}

TEST(Stdp, Bounds) {
  Settings steep = settings("all_to_all");
  steep.push_back({"A_plus", 3.0});
  steep.push_back({"A_minus", 3.0});
  Synapses s("stdp", steep, 1, 1, 0.5f);
  s.pre(0, 1.0), s.post(0, 1.0);
  EXPECT_EQ(s.weight(0, 0), 1.0f);
  s.pre(0, 2.0);
  EXPECT_EQ(s.weight(0, 0), 0.0f);
}

TEST(Stdp, StateOnlyWherePairingNeedsIt) {
  EXPECT_FALSE(Synapses("stdp", settings("all_to_all"), 1, 1, 0.0f).has_state());
  EXPECT_FALSE(Synapses("stdp", settings("nearest_symmetric"), 1, 1, 0.0f).has_state());
  EXPECT_TRUE(Synapses("stdp", settings("nearest_restricted"), 1, 1, 0.0f).has_state());
  EXPECT_TRUE(Synapses("stdp", settings("nearest_pre_centered"), 1, 1, 0.0f).has_state());
}

// What a list of spikes says: e^(-dt/tau) summed over the pairs that the spike at t makes with earlier ones.
using Train = std::vector<double>;

double potentiation(const std::string& pairing, const Train& pre, const Train& post, double t) {
  const double previous_post = post.empty() ? -1.0 : post.back();
  double sum = 0.0;
  for (std::size_t i = 0; i < pre.size(); ++i) {
    const bool nearest = i + 1 == pre.size(), fresh = pre[i] > previous_post;  // at one time, pre came first
    const bool counts = pairing == "all_to_all" || (pairing == "nearest_symmetric" && nearest) ||
                        (pairing == "nearest_restricted" && nearest && fresh) ||
                        (pairing == "nearest_pre_centered" && fresh);
    if (counts) sum += std::exp(-(t - pre[i]) / tau_plus);
  }
  return sum;
}
double depression(const std::string& pairing, const Train& pre, const Train& post, double t) {
  const double previous_pre = pre.empty() ? -1.0 : pre.back();
  double sum = 0.0;
  for (std::size_t i = 0; i < post.size(); ++i) {
    const bool nearest = i + 1 == post.size(), fresh = post[i] >= previous_pre;
    const bool counts = pairing == "all_to_all" || (nearest && (pairing != "nearest_restricted" || fresh));
    if (counts) sum += std::exp(-(t - post[i]) / tau_minus);
  }
  return sum;
}

// Random trains on a coarse grid, so that coincidences are frequent; 3 sources, 2 targets.
TEST(Stdp, PairingsAgreeWithListsOfPairs) {
  for (const std::string pairing : pairings)
    for (const char* dependence : {"additive", "multiplicative", "power_law"}) {
      std::mt19937_64 random(11);
      std::bernoulli_distribution spikes(0.12);
      Synapses s("stdp", settings(pairing, dependence), 3, 2, 0.5f);
      Train pre[3], post[2];
      float w[3][2] = {{0.5f, 0.5f}, {0.5f, 0.5f}, {0.5f, 0.5f}};
      const bool additive = dependence == std::string("additive"), power = dependence == std::string("power_law");
      const auto move = [](float& weight, double dw) {
        weight = static_cast<float>(std::min(1.0, std::max(0.0, static_cast<double>(weight) + dw)));
      };
      int coincidences = 0;
      for (double t = 1.0; t < 600.0; t += 1.0) {
        int here = 0;
        for (std::size_t i = 0; i < 3; ++i)
          if (spikes(random)) {
            ++here;
            s.pre(i, t);
            for (std::size_t j = 0; j < 2; ++j)
              move(w[i][j], -A_minus * (additive ? 1.0 : static_cast<double>(w[i][j])) *
                                depression(pairing, pre[i], post[j], t));
            pre[i].push_back(t);
          }
        for (std::size_t j = 0; j < 2; ++j)
          if (spikes(random)) {
            coincidences += here;
            s.post(j, t);
            for (std::size_t i = 0; i < 3; ++i) {
              const double x = static_cast<double>(w[i][j]);
              move(w[i][j], A_plus *
                                (additive ? 1.0
                                 : power  ? std::pow(x, 0.4)
                                          : 1.0 - x) *
                                potentiation(pairing, pre[i], post[j], t));
            }
            post[j].push_back(t);
          }
        for (std::size_t i = 0; i < 3; ++i)
          for (std::size_t j = 0; j < 2; ++j)
            ASSERT_NEAR(s.weight(i, j), w[i][j], 1e-6) << pairing << ' ' << dependence << ' ' << t;
      }
      EXPECT_GT(coincidences, 20);
    }
}

// 'p' pre, 'q' post, '2' both at once, one letter every 10 ms; the sums of the pairs, by hand.
struct Spelled {
  const char* pairing;
  const char* spikes;
  double plus, minus;  // sums over pairs
};
TEST(Stdp, CoincidencesByHand) {
  const double a = std::exp(-10.0 / tau_plus), a2 = a * a, b = std::exp(-10.0 / tau_minus), b2 = b * b;
  const Spelled cases[] = {
      {"all_to_all", "2", 1.0, 0.0},            {"nearest_restricted", "2", 1.0, 0.0},
      {"all_to_all", "2p", 1.0, b},             {"nearest_symmetric", "2p", 1.0, b},
      {"nearest_restricted", "2p", 1.0, b},     {"nearest_pre_centered", "2p", 1.0, b},
      {"all_to_all", "2q", 1.0 + a, 0.0},       {"nearest_symmetric", "2q", 1.0 + a, 0.0},
      {"nearest_restricted", "2q", 1.0, 0.0},   {"nearest_pre_centered", "2q", 1.0, 0.0},
      {"all_to_all", "22", 2.0 + a, b},         {"nearest_symmetric", "22", 2.0, b},
      {"nearest_restricted", "22", 2.0, b},     {"nearest_pre_centered", "22", 2.0, b},
      {"all_to_all", "pp2", 1.0 + a + a2, 0.0}, {"nearest_symmetric", "pp2", 1.0, 0.0},
      {"nearest_restricted", "pp2", 1.0, 0.0},  {"nearest_pre_centered", "pp2", 1.0 + a + a2, 0.0},
      {"all_to_all", "q2p", 1.0, b + b + b2},   {"nearest_symmetric", "q2p", 1.0, b + b},
      {"nearest_restricted", "q2p", 1.0, b + b}, {"nearest_pre_centered", "q2p", 1.0, b + b},
      {"all_to_all", "qpp", 0.0, b + b2},       {"nearest_symmetric", "qpp", 0.0, b + b2},
      {"nearest_restricted", "qpp", 0.0, b},    {"nearest_pre_centered", "qpp", 0.0, b + b2},
      {"nearest_symmetric", "pqq", a + a2, 0.0}, {"nearest_restricted", "pqq", a, 0.0},
      {"nearest_pre_centered", "ppqpq", a + a2 + a, b},
  };
  for (const Spelled& c : cases) {
    Synapses s("stdp", settings(c.pairing), 1, 1, 0.5f);
    double t = 0.0;
    for (const char* k = c.spikes; *k; ++k) {
      t += 10.0;
      if (*k != 'q') s.pre(0, t);
      if (*k != 'p') s.post(0, t);
    }
    EXPECT_NEAR(s.weight(0, 0), 0.5 + A_plus * c.plus - A_minus * c.minus, 2e-7) << c.pairing << ' ' << c.spikes;
  }
}

TEST(StdpTriplet, ByHand) {
  Synapses s("stdp_triplet", {{"A2_plus", 0.001}, {"A3_plus", 0.02}, {"A2_minus", 0.003}, {"A3_minus", 0.04}}, 1, 1,
             0.5f);
  const auto e = [](double dt, double tau) { return std::exp(-dt / tau); };
  s.pre(0, 10.0), s.post(0, 15.0), s.post(0, 25.0), s.pre(0, 40.0);
  const double first = e(5.0, 16.8) * 0.001;                                       // o2 was 0
  const double second = e(15.0, 16.8) * (0.001 + 0.02 * e(10.0, 125.0));
  const double third = -(e(15.0, 33.7) + e(25.0, 33.7)) * (0.003 + 0.04 * e(30.0, 101.0));
  EXPECT_NEAR(s.weight(0, 0), 0.5 + first + second + third, 2e-7);
}

}  // namespace
}  // namespace volley::test
