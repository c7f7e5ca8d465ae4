// SPDX-License-Identifier: Apache-2.0
// Backpropagation through time against central differences, and, where steps have surrogates, against a graph of its
// own.
#include "nets.h"
#include "tape.h"

#include <network/parallel.h>

namespace volley::test {
namespace {

// A random net of graded units: two layers, recurrence, a loop of two layers, delays of 0 to 2 ticks, a leaky readout.
Trainer<double> random_net(std::mt19937& r, bool binary_input) {
  const auto size = [&r] { return static_cast<std::size_t>(2 + r() % 5); };
  const std::size_t n0 = size(), n1 = size(), n2 = size(), n3 = size();
  const auto unit = [&](std::size_t n) {
    Values v{{"d", 0.3 + 0.1 * static_cast<double>(r() % 6)}, {"b", -0.3}, {"g", static_cast<double>(r() % 3)}};
    if (r() % 2) v["train_d"] = 1;
    return layer("ssnu", n, v);
  };
  std::vector<Dense> p;
  const auto connect = [&](std::size_t a, std::size_t na, std::size_t b, std::size_t nb, std::size_t delay) {
    p.push_back(dense(a, b, delay, random_numbers(r, na * nb, 0.8)));
  };
  connect(0, n0, 1, n1, 0);
  connect(1, n1, 2, n2, r() % 3);
  connect(2, n2, 3, n3, 0);
  if (r() % 2) connect(1, n1, 1, n1, 1);
  if (r() % 2) connect(2, n2, 1, n1, 1 + r() % 2);
  if (r() % 2) connect(0, n0, 2, n2, r() % 2);
  return Trainer<double>(
      Network<double>({input(n0, binary_input), unit(n1), unit(n2), layer("readout", n3, {{"d", 0.4}, {"b", 0.1}})}, p),
      goal("sigmoid_cross_entropy", 3));
}

Data data_for(std::mt19937& r, const Trainer<double>& t, std::vector<std::size_t> lengths, bool binary) {
  return Data(r, std::move(lengths), t.network().layers()[0].size, t.network().layers().back().size, binary);
}

TEST(Gradient, IsThatOfCentralDifferences) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 r(seed);
    const bool binary = seed % 2;
    Trainer<double> t = random_net(r, binary);
    const Data data = data_for(r, t, {7, 4 + seed % 4}, binary);
    t.learn(data.batch<double>());
    const std::vector<double> exact = t.gradient();
    // Steps of two sizes: leaky_relu has a kink that a step may cross.
    const double error = std::min(largest_error(exact, differences(t, data.batch<double>(), 1e-5)),
                                  largest_error(exact, differences(t, data.batch<double>(), 3e-6)));
    EXPECT_LT(error, 1e-7) << seed;
  }
}

TEST(Gradient, DoesNotDependOnWhatRunsBeside) {
  std::mt19937 r(3);
  Trainer<double> t = random_net(r, true);
  const Data data = data_for(r, t, {9, 5, 1, 7}, true);
  Batch<double> all = data.batch<double>();
  t.learn(all);
  const std::vector<double> together = t.gradient();
  std::vector<double> sum(together.size());
  for (std::size_t lane = 0; lane < 4; ++lane) {
    Batch<double> one;
    one.lanes = 1;
    one.ticks = [&](std::size_t) { return data.lengths[lane]; };
    one.inputs = [&](std::size_t l, std::size_t) { return all.inputs(l, lane); };
    one.target = [&](std::size_t) { return all.target(lane); };
    t.learn(one);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += t.gradient()[i] / 4.0;  // lanes: mean
  }
  EXPECT_LT(largest_error(together, sum), 1e-13);
}

TEST(Gradient, IsTheSameForBinaryAndGradedInputs) {
  std::mt19937 r(5), again(5);
  Trainer<double> events = random_net(r, true), products = random_net(again, false);
  const Data data = data_for(r, events, {9, 6, 8}, true);
  events.learn(data.batch<double>());
  products.learn(data.batch<double>());
  EXPECT_LT(largest_error(events.gradient(), products.gradient()), 1e-13);
}

TEST(Gradient, OfSinglePrecisionIsNearThatOfDouble) {
  std::mt19937 r(8);
  const auto make = [&](auto real) {
    using Real = decltype(real);
    std::mt19937 own(8);
    return Trainer<Real>(Network<Real>({input(20, true), layer("ssnu", 33), layer("readout", 7)},
                                       {dense(0, 1, 0, random_numbers(own, 20 * 33, 0.2)),
                                        dense(1, 1, 1, random_numbers(own, 33 * 33, 0.2)),
                                        dense(1, 2, 0, random_numbers(own, 33 * 7, 0.2))}),
                         goal("sigmoid_cross_entropy", 2));
  };
  auto precise = make(0.0);
  auto fast = make(0.0f);
  const Data data(r, {12, 10, 12}, 20, 7, true);
  precise.learn(data.batch<double>());
  fast.learn(data.batch<float>());
  const std::vector<double> g(fast.gradient().begin(), fast.gradient().end());
  EXPECT_LT(largest_error(g, precise.gradient()), 1e-5);
  EXPECT_GT(largest_error(g, precise.gradient()), 1e-9);
}

// T7: two recurrent layers of spiking units and a rate loss, on a tape in which a step's slope is the surrogate's.
class Steps : public testing::TestWithParam<int> {};

TEST_P(Steps, HaveTheGradientOfTheGraphWithTheSurrogate) {
  const auto surrogate = static_cast<Surrogate>(GetParam());
  std::mt19937 r(static_cast<unsigned>(GetParam()) + 11);
  const std::size_t n[] = {4, 6, 3};
  const double d = 0.8, leak = 0.1, slope = 1.3;
  const Values v{{"d", d},       {"b", -0.5},      {"g", 2},
                 {"train_d", 1}, {"slope", slope}, {"surrogate", static_cast<double>(GetParam())}};
  const auto W1 = random_numbers(r, n[0] * n[1], 0.7), H1 = random_numbers(r, n[1] * n[1], 0.5),
             W2 = random_numbers(r, n[1] * n[2], 0.7);
  Trainer<double> t(Network<double>({input(n[0], true), layer("snu", n[1], v), layer("snu", n[2], v)},
                                    {dense(0, 1, 0, W1), dense(1, 1, 1, H1), dense(1, 2, 0, W2)}),
                    goal("mse_rate", 2));
  const Data data(r, {15, 11}, n[0], n[2], true);
  t.learn(data.batch<double>());

  Tape g;
  std::vector<std::size_t> theta;
  for (const double x : t.theta()) theta.push_back(g.number(x));
  const auto weight = [&](std::size_t p, std::size_t i, std::size_t j, std::size_t m) {
    return theta[t.network().weights(p).first + i * m + j];
  };
  const auto trained = [&](std::size_t l, std::size_t variable, std::size_t i) {
    return theta[t.network().trained(l, variable).first + i];
  };
  std::size_t spikes = 0;
  for (std::size_t lane = 0; lane < 2; ++lane) {
    std::vector<std::size_t> s[3], y[3], rate;
    for (std::size_t l = 1; l < 3; ++l)
      for (std::size_t i = 0; i < n[l]; ++i) s[l].push_back(g.number(0.0)), y[l].push_back(g.number(0.0));
    for (std::size_t i = 0; i < n[2]; ++i) rate.push_back(g.number(0.0));
    for (std::size_t k = 0; k < data.lengths[lane]; ++k) {
      std::vector<std::size_t> x;
      for (std::size_t i = 0; i < n[0]; ++i) x.push_back(g.number(data.x[lane][k * n[0] + i]));
      const auto before = y[1];
      for (std::size_t l = 1; l < 3; ++l) {
        const auto from = l == 1 ? x : y[1];
        std::vector<std::size_t> fresh_s, fresh_y;
        for (std::size_t j = 0; j < n[l]; ++j) {
          std::size_t z = g.times(g.times(trained(l, 1, j), s[l][j]), g.one_minus(y[l][j]));
          for (std::size_t i = 0; i < from.size(); ++i)
            z = g.add(z, g.times(weight(l == 1 ? 0 : 2, i, j, n[l]), from[i]));
          if (l == 1)
            for (std::size_t i = 0; i < n[1]; ++i) z = g.add(z, g.times(weight(1, i, j, n[1]), before[i]));
          const double up = g.at(z) >= 0.0 ? 1.0 : leak;
          fresh_s.push_back(g.apply(z, up * g.at(z), up));
          const std::size_t a = g.add(fresh_s.back(), trained(l, 0, j));
          const double u = slope * g.at(a), size = std::abs(u);
          const double h[] = {1.0 - std::tanh(u) * std::tanh(u), 1.0 / ((1.0 + size) * (1.0 + size)),
                              1.0 / (1.0 + u * u), std::max(0.0, 1.0 - size), size < 0.5 ? 1.0 : 0.0};
          fresh_y.push_back(g.apply(a, g.at(a) > 0.0 ? 1.0 : 0.0, h[GetParam()]));
          spikes += g.at(fresh_y.back()) > 0.0;
        }
        s[l] = fresh_s;
        y[l] = fresh_y;
      }
      for (std::size_t j = 0; j < n[2]; ++j) rate[j] = g.add(rate[j], y[2][j]);
    }
    for (std::size_t j = 0; j < n[2]; ++j) {  // mean over outputs and lanes of (rate - target)^2
      const double T = static_cast<double>(data.lengths[lane]),
                   error = g.at(rate[j]) / T - (j == data.labels[lane] ? 1.0 : 0.0);
      g.seed(rate[j], 2.0 * error / T / static_cast<double>(n[2]) / 2.0);
    }
  }
  g.back();
  std::vector<double> expected;
  for (const std::size_t k : theta) expected.push_back(g.gradient(k));
  EXPECT_GT(spikes, 20u);
  EXPECT_LT(largest_error(t.gradient(), expected), 1e-10) << static_cast<int>(surrogate);
}

INSTANTIATE_TEST_SUITE_P(, Steps, testing::Range(0, 5));

TEST(Gradient, OfALeakyReadoutIsAGeometricSum) {  // T5
  std::mt19937 r(2);
  const double d = 0.6;
  Trainer<double> t(Network<double>({input(1, false), layer("readout", 1, {{"d", d}})}, {dense(0, 1, 0, {0.7})}),
                    goal("sigmoid_cross_entropy", 1));
  const Data data(r, {10}, 1, 1, false);
  t.learn(data.batch<double>());
  double trace = 0.0, expected = 0.0, s = 0.0;
  for (std::size_t k = 0; k < 10; ++k) {
    trace = d * trace + data.x[0][k];
    s = d * s + 0.7 * data.x[0][k];
    expected += (1.0 / (1.0 + std::exp(-s)) - static_cast<double>(data.values[0][k])) * trace;
  }
  EXPECT_NEAR(t.gradient()[0], expected, 1e-14);
}

TEST(Gradient, StopsAtADetachedReset) {
  std::mt19937 r(4);
  const auto gradient = [&](double detached) {
    std::mt19937 own(4);
    Values v{{"d", 0.9}, {"b", -0.4}};
    if (detached != 0.0) v["detach_reset"] = 1;
    Trainer<double> t(
        Network<double>({input(3, true), layer("snu", 5, v)}, {dense(0, 1, 0, random_numbers(own, 15, 0.6))}),
        goal("mse_rate", 1));
    const Data data(own, {12}, 3, 5, true);
    t.learn(data.batch<double>());
    return t.gradient();
  };
  EXPECT_GT(largest_error(gradient(1), gradient(0)), 1e-3);
}

TEST(Gradient, HasTheSameBitsForAnyThreads) {
  const auto run = [](int threads) {
    std::mt19937 r(6);
    Trainer<float> t(
        Network<float>({input(40, true), layer("snu", 50, {{"b", -0.4}}), layer("snu", 10, {{"b", -0.4}})},
                       {dense(0, 1, 0, random_numbers(r, 2000, 0.3)), dense(1, 1, 1, random_numbers(r, 2500, 0.2)),
                        dense(1, 2, 0, random_numbers(r, 500, 0.3))}),
        goal("mse_rate", 2));
    std::vector<std::size_t> lengths;
    for (int k = 0; k < 61; ++k) lengths.push_back(5 + r() % 16);
    const Data data(r, lengths, 40, 10, true);
    Workers(threads).run([&] { t.learn(data.batch<float>()); });
    return t.gradient();
  };
  const auto one = run(1);
  EXPECT_EQ(run(2), one);
  EXPECT_EQ(run(8), one);
  EXPECT_GT(std::count_if(one.begin(), one.end(), [](float x) { return x != 0.0f; }), 1000);
}

TEST(Network, RefusesALoopWithoutDelay) {
  const auto make = [](std::size_t delay) {
    Network<double>({input(1, true), layer("snu", 1), layer("snu", 1)},
                    {dense(0, 1, 0, {1}), dense(1, 2, 0, {1}), dense(2, 1, delay, {1})});
  };
  EXPECT_NO_THROW(make(1));
  EXPECT_THROW(make(0), std::runtime_error);
}

}  // namespace
}  // namespace volley::test
