// SPDX-License-Identifier: Apache-2.0
// Gradients by traces (OSTL): equal to backpropagation through time where theory says so, and not elsewhere.
#include "nets.h"

#include <learning/traces.h>
#include <network/parallel.h>

#include <numeric>

namespace volley::test {
namespace {

using Past = Credit::Past;
using Jacobian = Credit::Jacobian;

constexpr Credit traces{.past = Past::traces};

// What learns has a gradient, and the rest 0.
std::vector<double> gradient(Trainer<double>& t, const Batch<double>& b) {
  t.learn(b);
  std::vector<double> g(t.gradient().size());
  for (const Part& part : t.network().parts())
    if (part.trains)
      for (std::size_t i = part.first; i < part.first + part.count; ++i) g[i] = t.gradient()[i];
  return g;
}
std::vector<double> gradient(const std::vector<Layer>& layers, const std::vector<Dense>& p, const Data& data,
                             const Credit& credit, const std::string& loss = "sigmoid_cross_entropy") {
  Goal g = goal(loss, layers.size() - 1);
  g.credit = credit;
  Trainer<double> t(Network<double>(layers, p), g);
  return gradient(t, data.batch<double>());
}

double error_of(const Part& part, const std::vector<double>& a, const std::vector<double>& b) {
  const auto cut = [&](const std::vector<double>& x) {
    return std::vector<double>(x.begin() + static_cast<std::ptrdiff_t>(part.first),
                               x.begin() + static_cast<std::ptrdiff_t>(part.first + part.count));
  };
  return largest_error(cut(a), cut(b));
}

// O1, O2: one layer with memory under stateless ones, with a projection to itself and without, over several windows.
class OneLayer : public testing::TestWithParam<std::tuple<const char*, int, std::size_t>> {};

TEST_P(OneLayer, HasTheGradientOfBackpropagationThroughTime) {
  const auto& [unit, g, delay] = GetParam();
  for (unsigned seed = 0; seed < 5; ++seed) {
    std::mt19937 r(seed);
    Values v{{"d", 0.8}, {"b", -0.4}, {"g", static_cast<double>(g)}, {"train_d", 1}};
    const std::vector<Layer> layers{input(5, seed % 2), layer(unit, 7, v), layer("perceptron", 6, {{"g", 1}}),
                                    layer("readout", 4)};
    std::vector<Dense> p{dense(0, 1, seed % 3, random_numbers(r, 35, 0.7)), dense(1, 2, 0, random_numbers(r, 42, 0.7)),
                         dense(2, 3, 0, random_numbers(r, 24, 0.7)), dense(1, 3, 0, random_numbers(r, 28, 0.7))};
    if (delay > 0) p.push_back(dense(1, 1, delay, random_numbers(r, 49, 0.4)));
    if (delay > 1) p.push_back(dense(1, 1, 1, random_numbers(r, 49, 0.2)));
    const Data data(r, {70, 41, 12}, 5, 4, seed % 2);
    const auto exact = gradient(layers, p, data, {}), found = gradient(layers, p, data, traces);
    EXPECT_LT(largest_error(found, exact), 1e-12) << seed;
    const Network<double> net(layers, p);
    EXPECT_EQ(learning::trace_remainder(net, net.parts(), Jacobian::automatic, 3), "");
    for (const Part& part : net.parts()) EXPECT_LT(error_of(part, found, exact), 1e-10);
  }
}

INSTANTIATE_TEST_SUITE_P(, OneLayer,
                         testing::Combine(testing::Values("snu", "ssnu"), testing::Range(0, 3),
                                          testing::Values(0, 1, 3)));

// Units with several ports and states, weights into all ports from the input and from the layer itself.
class AnyUnit : public testing::TestWithParam<const char*> {};

TEST_P(AnyUnit, HasTheGradientOfBackpropagationThroughTime) {
  const std::size_t ports = neuron(GetParam()).unit->ports;
  for (const bool recurrent : {false, true}) {
    std::mt19937 r(2);
    const std::vector<Layer> layers{input(5, false), layer(GetParam(), 6), layer("readout", 3)};
    std::vector<Dense> p;
    for (std::size_t port = 0; port < ports; ++port) {
      p.push_back(dense(0, 1, 0, random_numbers(r, 30, 0.7)));
      p.back().port = port;
      if (recurrent) p.push_back(dense(1, 1, 1, random_numbers(r, 36, 0.4)));
      p.back().port = port;
    }
    p.push_back(dense(1, 2, 0, random_numbers(r, 18, 0.7)));
    const Data data(r, {45, 20}, 5, 3, false);
    EXPECT_LT(largest_error(gradient(layers, p, data, traces), gradient(layers, p, data, {})), 1e-11) << recurrent;
    const Network<double> net(layers, p);
    EXPECT_EQ(learning::trace_remainder(net, net.parts(), Jacobian::automatic, 2), "");
  }
}

INSTANTIATE_TEST_SUITE_P(, AnyUnit,
                         testing::Values("ssnu_a", "snu_a", "ssnu_o", "snu_o", "lstm", "gru", "lif_tick",
                                         "perceptron"));

TEST(Traces, OfALeakyReadoutAreAGeometricSum) {
  std::mt19937 r(2);
  const std::vector<Layer> layers{input(1, false), layer("readout", 1, {{"d", 0.6}})};
  const std::vector<Dense> p{dense(0, 1, 0, {0.7})};
  const Data data(r, {40}, 1, 1, false);
  double trace = 0.0, expected = 0.0, s = 0.0;
  for (std::size_t k = 0; k < 40; ++k) {
    trace = 0.6 * trace + data.x[0][k];
    s = 0.6 * s + 0.7 * data.x[0][k];
    expected += (1.0 / (1.0 + std::exp(-s)) - static_cast<double>(data.values[0][k])) * trace;
  }
  EXPECT_NEAR(gradient(layers, p, data, traces)[0], expected, 1e-13);
}

// The formulas of the paper for one recurrent sSNU layer with identity g, written out.
TEST(Traces, AreThoseOfThePapersFormulas) {
  constexpr std::size_t m = 3, n = 4, T = 9, K = 2;
  constexpr double d = 0.7, b = -0.3;
  std::mt19937 r(9);
  const auto W = random_numbers(r, m * n, 0.8), H = random_numbers(r, n * n, 0.5), V = random_numbers(r, n * K, 0.8);
  const Data data(r, {T}, m, K, false);
  for (const bool full : {true, false}) {
    std::vector<double> s(n), y(n), p(n), gW(m * n), gH(n * n), gb(n);
    std::vector<std::vector<double>> eW(n, std::vector<double>(m * n)), eH(n, std::vector<double>(n * n)),
        eb(n, std::vector<double>(n));
    for (std::size_t t = 0; t < T; ++t) {
      std::vector<double> next(n), fresh(n), slope(n), J(n * n), L(n);
      for (std::size_t i = 0; i < n; ++i) {
        next[i] = d * s[i] * (1 - y[i]);
        for (std::size_t j = 0; j < m; ++j) next[i] += W[j * n + i] * data.x[0][t * m + j];
        for (std::size_t j = 0; j < n; ++j) next[i] += H[j * n + i] * y[j];
        fresh[i] = 1 / (1 + std::exp(-(next[i] + b)));
        slope[i] = fresh[i] * (1 - fresh[i]);
        for (std::size_t j = 0; j < n; ++j)
          J[i * n + j] = (i == j ? d * (1 - y[i]) - d * s[i] * p[i] : 0.0) + (full ? H[j * n + i] * p[j] : 0.0);
      }
      for (std::size_t k = 0; k < K; ++k) {
        double o = 0;
        for (std::size_t i = 0; i < n; ++i) o += V[i * K + k] * fresh[i];
        const double delta = 1 / (1 + std::exp(-o)) - static_cast<double>(data.values[0][t * K + k]);
        for (std::size_t i = 0; i < n; ++i) L[i] += V[i * K + k] * delta;
      }
      const auto turn = [&](std::vector<std::vector<double>>& e) {
        auto old = e;
        for (std::size_t i = 0; i < n; ++i)
          for (std::size_t q = 0; q < e[i].size(); ++q) {
            e[i][q] = 0;
            for (std::size_t j = 0; j < n; ++j) e[i][q] += J[i * n + j] * old[j][q];
          }
      };
      turn(eW);
      turn(eH);
      turn(eb);
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < m; ++j) eW[i][j * n + i] += data.x[0][t * m + j];
        for (std::size_t j = 0; j < n; ++j) eH[i][j * n + i] += y[j];
        for (std::size_t k = 0; k < n; ++k)
          eb[i][k] += (i == k ? -d * s[i] * p[i] : 0.0) + (full ? H[k * n + i] * p[k] : 0.0);
      }
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t q = 0; q < m * n; ++q) gW[q] += L[i] * slope[i] * eW[i][q];
        for (std::size_t q = 0; q < n * n; ++q) gH[q] += L[i] * slope[i] * eH[i][q];
        for (std::size_t q = 0; q < n; ++q) gb[q] += L[i] * slope[i] * (eb[i][q] + (i == q ? 1.0 : 0.0));
      }
      s = next;
      y = fresh;
      p = slope;
    }
    const std::vector<Layer> layers{input(m, false), layer("ssnu", n, {{"d", d}, {"b", b}}), layer("readout", K)};
    const std::vector<Dense> nets{dense(0, 1, 0, W), dense(1, 1, 1, H), dense(1, 2, 0, V)};
    const auto g = gradient(layers, nets, data,
                            {.past = Past::traces, .jacobian = full ? Jacobian::full : Jacobian::diagonal});
    const auto part = [&](const Part& at) {
      return std::vector<double>(g.begin() + static_cast<std::ptrdiff_t>(at.first),
                                 g.begin() + static_cast<std::ptrdiff_t>(at.first + at.count));
    };
    const Network<double> net(layers, nets);
    EXPECT_LT(largest_error(part(net.weights(0)), gW), 1e-13) << full;
    EXPECT_LT(largest_error(part(net.weights(1)), gH), 1e-13) << full;
    EXPECT_LT(largest_error(part(net.trained(1, 0)), gb), 1e-13) << full;
  }
}

struct Deep {
  std::vector<Layer> layers;
  std::vector<Dense> p;
  Network<double> net() const { return {layers, p}; }
};
Deep two_layers(std::mt19937& r, bool recurrent, double d_above) {
  Deep x{{input(5, false), layer("ssnu", 7, {{"d", 0.8}, {"b", -0.4}}), layer("ssnu", 7, {{"d", d_above}, {"b", -0.4}}),
          layer("readout", 4)},
         {dense(0, 1, 0, random_numbers(r, 35, 0.7)), dense(1, 2, 0, random_numbers(r, 49, 0.7)),
          dense(2, 3, 0, random_numbers(r, 28, 0.7))}};
  if (recurrent) {
    x.p.push_back(dense(1, 1, 1, random_numbers(r, 49, 0.4)));
    x.p.push_back(dense(2, 2, 1, random_numbers(r, 49, 0.4)));
  }
  return x;
}

TEST(Traces, OfADeepNetAreExactAtItsTopOnly) {  // O3
  for (const bool recurrent : {false, true}) {
    std::vector<double> cosines;
    for (unsigned seed = 0; seed < 20; ++seed) {
      std::mt19937 r(seed);
      const Deep x = two_layers(r, recurrent, 0.8);
      const Data data(r, {12}, 5, 4, false);
      const auto exact = gradient(x.layers, x.p, data, {}), found = gradient(x.layers, x.p, data, traces);
      const Network<double> net = x.net();
      for (const Part& part : {net.weights(1), net.weights(2), net.trained(2, 0)})
        EXPECT_LT(error_of(part, found, exact), 1e-12);
      const Part below = net.weights(0);
      EXPECT_GT(error_of(below, found, exact), 1e-3);
      const auto dot = [&](const std::vector<double>& a, const std::vector<double>& b) {
        return std::inner_product(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(below.count), b.begin(), 0.0);
      };
      cosines.push_back(dot(exact, found) / std::sqrt(dot(exact, exact) * dot(found, found)));
      EXPECT_EQ(learning::trace_remainder(net, net.parts(), Jacobian::automatic, 3), "ssnu after ssnu has memory");
    }
    std::sort(cosines.begin(), cosines.end());
    EXPECT_GT(cosines[10], 0.8);
  }
}

TEST(Traces, AreExactUnderALayerThatForgets) {  // O4
  std::mt19937 r(3);
  const Deep x = two_layers(r, false, 0.0);
  const Data data(r, {40, 25}, 5, 4, false);
  EXPECT_LT(largest_error(gradient(x.layers, x.p, data, traces), gradient(x.layers, x.p, data, {})), 1e-12);
  EXPECT_EQ(learning::trace_remainder(x.net(), x.net().parts(), Jacobian::automatic, 3), "");
}

TEST(Traces, SayWhatTheyLeaveOut) {
  std::mt19937 r(3);
  Deep x = two_layers(r, true, 0.8);
  const auto said = [&](const std::vector<Part>& trains, Jacobian j = Jacobian::automatic) {
    return learning::trace_remainder(x.net(), trains, j, 3);
  };
  std::vector<Part> top = x.net().parts();
  top[0].trains = top[3].trains = false;  // W and H of the lower layer, then its variables
  top[5].trains = top[6].trains = false;
  EXPECT_EQ(said(top), "");
  EXPECT_EQ(said(top, Jacobian::diagonal), "the diagonal jacobian leaves out the projection of ssnu to itself");
  x.p[2].delay = 1;
  EXPECT_EQ(said(top), "the projection 2->3 after ssnu has a delay");
}

TEST(Traces, OfADiagonalJacobianMissWhatRecurrenceGives) {  // O5
  std::mt19937 r(1);
  const std::vector<Layer> layers{input(5, false), layer("ssnu", 7, {{"d", 0.8}, {"b", -0.4}}), layer("readout", 4)};
  const std::vector<Dense> p{dense(0, 1, 0, random_numbers(r, 35, 0.7)), dense(1, 1, 1, random_numbers(r, 49, 0.4)),
                             dense(1, 2, 0, random_numbers(r, 28, 0.7))};
  const Data data(r, {12}, 5, 4, false);
  const auto exact = gradient(layers, p, data, {});
  EXPECT_GT(largest_error(gradient(layers, p, data, {.past = Past::traces, .jacobian = Jacobian::diagonal}), exact),
            1e-2);
}

// O6: many steps of gradient descent by traces and by backpropagation are one trajectory.
TEST(Traces, LearnAlongTheSameCurve) {
  const auto run = [](const Credit& credit) {
    std::mt19937 r(5);
    const std::vector<Layer> layers{input(4, true), layer("ssnu", 6, {{"d", 0.4}}), layer("readout", 3)};
    const std::vector<Dense> p{dense(0, 1, 0, random_numbers(r, 24, 0.5)), dense(1, 1, 1, random_numbers(r, 36, 0.5)),
                               dense(1, 2, 0, random_numbers(r, 18, 0.5))};
    const Data data(r, {20, 33}, 4, 3, true);
    Goal g = goal("sigmoid_cross_entropy", 2);
    g.credit = credit;
    Trainer<double> t(Network<double>(layers, p), g);
    std::vector<double> curve;
    for (int k = 0; k < 60; ++k) {
      curve.push_back(t.reduce(t.evaluate(data.batch<double>())));
      const std::vector<double> step = gradient(t, data.batch<double>());
      for (std::size_t i = 0; i < step.size(); ++i) t.theta()[i] -= 0.003 * step[i];
    }
    return curve;
  };
  const auto online = run(traces), back = run({});
  EXPECT_LT(largest_error(online, back), 1e-12);
  EXPECT_LT(back.back(), back.front() - 0.5);
}

TEST(Traces, OfALossOfWholeTrialsAndOfTheLastTickAreExactToo) {
  std::mt19937 r(6);
  const std::vector<Layer> layers{input(5, true), layer("snu", 6, {{"b", -0.4}}), layer("perceptron", 3, {{"g", 2}})};
  const std::vector<Dense> p{dense(0, 1, 0, random_numbers(r, 30, 0.7)), dense(1, 2, 0, random_numbers(r, 18, 0.7))};
  const Data data(r, {50, 20, 33}, 5, 3, true);
  EXPECT_LT(largest_error(gradient(layers, p, data, traces, "mse_rate"), gradient(layers, p, data, {}, "mse_rate")),
            1e-12);
  for (const Reduce ticks : {Reduce::last, Reduce::mean}) {
    const auto by = [&](const Credit& c) {
      Goal g = goal("softmax_cross_entropy", 2);
      g.reduction.ticks = ticks;
      g.credit = c;
      Trainer<double> t(Network<double>(layers, p), g);
      const auto losses = t.learn(data.batch<double>());
      std::vector<double> out = gradient(t, data.batch<double>());
      out.insert(out.end(), losses.begin(), losses.end());
      return out;
    };
    EXPECT_LT(largest_error(by(traces), by({})), 1e-12);
  }
}

TEST(Traces, MayChangeWeightsWithinATrial) {
  std::mt19937 r(7);
  const std::vector<Layer> layers{input(4, true), layer("ssnu", 6), layer("readout", 3)};
  const std::vector<Dense> p{dense(0, 1, 0, random_numbers(r, 24, 0.7)), dense(1, 2, 0, random_numbers(r, 18, 0.7))};
  const Data data(r, {50, 20}, 4, 3, true);
  Goal g = goal("sigmoid_cross_entropy", 2);
  g.credit = traces;
  Trainer<double> whole(Network<double>(layers, p), g);
  whole.learn(data.batch<double>());
  g.update = 7;
  Trainer<double> parts(Network<double>(layers, p), g);
  std::vector<double> sum(parts.theta().size());
  const auto add = [&] {
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += parts.gradient()[i];
  };
  int updates = 0;
  Batch<double> b = data.batch<double>();
  b.update = [&] { ++updates, add(); };
  parts.learn(b);
  add();
  EXPECT_EQ(updates, 7);  // after ticks 7 .. 49
  EXPECT_LT(largest_error(sum, whole.gradient()), 1e-13);
}

TEST(Traces, HaveTheSameBitsForAnyThreads) {
  const auto run = [](int threads) {
    std::mt19937 r(6);
    Goal g = goal("sigmoid_cross_entropy", 2);
    g.credit = traces;
    Trainer<float> t(Network<float>({input(20, true), layer("snu", 15, {{"b", -0.4}}), layer("readout", 10)},
                                    {dense(0, 1, 0, random_numbers(r, 300, 0.3)),
                                     dense(1, 1, 1, random_numbers(r, 225, 0.2)),
                                     dense(1, 2, 0, random_numbers(r, 150, 0.3))}),
                     g);
    std::vector<std::size_t> lengths;
    for (int k = 0; k < 37; ++k) lengths.push_back(5 + r() % 40);
    const Data data(r, lengths, 20, 10, true);
    Workers(threads).run([&] { t.learn(data.batch<float>()); });
    return t.gradient();
  };
  const auto one = run(1);
  EXPECT_EQ(run(2), one);
  EXPECT_EQ(run(8), one);
  EXPECT_GT(std::count_if(one.begin(), one.end(), [](float x) { return x != 0.0f; }), 300);
}

// Of one lane, 8 bytes a number: those of a layer without itself, n (states) (m + 1); with it n^2 (states + 1) (m + n +
// 1).
TEST(Traces, AreCounted) {
  std::mt19937 r(1);
  std::vector<Dense> p{dense(0, 1, 0, random_numbers(r, 15, 1)), dense(1, 2, 0, random_numbers(r, 10, 1))};
  const std::vector<Layer> layers{input(3, true), layer("ssnu", 5), layer("readout", 2)};
  const auto bytes = [&] {
    const Network<double> net(layers, p);
    return learning::trace_bytes(net, learning::plan_traces(net, net.parts(), Jacobian::automatic));
  };
  EXPECT_EQ(bytes(), 8.0 * 5 * 2 * (3 + 1));
  p.push_back(dense(1, 1, 1, random_numbers(r, 25, 1)));
  EXPECT_EQ(bytes(), 8.0 * 25 * 3 * (3 + 5 + 1));
}

}  // namespace
}  // namespace volley::test
