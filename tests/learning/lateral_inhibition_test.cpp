// SPDX-License-Identifier: Apache-2.0
// Units that hear the largest output of their layer: by hand, beside plain units, and against a graph of its own.
#include "nets.h"
#include "tape.h"

#include <network/parallel.h>

namespace volley::test {
namespace {

// [tick][lane][unit] of the only layer of units.
struct Course {
  std::vector<double> s, y;
};
Course course(const std::string& unit, const Values& v, std::size_t n, const std::vector<std::vector<double>>& lanes) {
  std::vector<double> identity(n * n);
  for (std::size_t i = 0; i < n; ++i) identity[i * n + i] = 1.0;
  const Network<double> net({input(n, false), layer(unit, n, v)}, {dense(0, 1, 0, identity)});
  const std::size_t ticks = lanes[0].size() / n;
  Trial<double> trial;
  net.prepare(trial, ticks, std::vector<std::size_t>(lanes.size(), ticks));
  for (std::size_t t = 0; t < ticks; ++t)
    for (std::size_t k = 0; k < lanes.size(); ++k)
      std::copy_n(lanes[k].data() + t * n, n, trial.layers[0].y.data() + (t * lanes.size() + k) * n);
  net.forward(net.initial().data(), trial);
  Course c{.s = {}, .y = trial.layers[1].y};
  for (std::size_t r = lanes.size(); r < (ticks + 1) * lanes.size(); ++r)
    for (std::size_t i = 0; i < n; ++i) c.s.push_back(trial.layers[1].state[r * 2 * n + i]);
  return c;
}

TEST(SnuLi, ForgetsAsALayerWhenOneUnitSpikes) {
  const Course c = course("snu_li", {{"d", 0.5}}, 2, {{1.2, 0.8, 0.0, 0.6, 0.5, 0.9, 0.9, 0.7}});
  EXPECT_THAT(c.s, testing::Pointwise(testing::DoubleNear(1e-15), {1.2, 0.8, 0.0, 0.6, 0.5, 1.2, 0.9, 0.7}));
  EXPECT_THAT(c.y, testing::ElementsAre(1, 0, 0, 0, 0, 1, 0, 0));
}

TEST(SnuLi, AloneIsAnSnu) {
  std::mt19937 r(1);
  const std::vector<std::vector<double>> x{random_numbers(r, 300, 0.8), random_numbers(r, 300, 0.8)};
  const Course alone = course("snu_li", {{"d", 0.8}}, 1, x), plain = course("snu", {{"d", 0.8}}, 1, x);
  EXPECT_EQ(alone.s, plain.s);
  EXPECT_EQ(alone.y, plain.y);
  EXPECT_GT(std::count(plain.y.begin(), plain.y.end(), 1.0), 30);
}

TEST(SnuLi, HearsItsOwnSampleOnly) {
  std::mt19937 r(2);
  const std::size_t n = 19;  // more than a vector
  std::vector<std::vector<double>> x;
  for (int k = 0; k < 3; ++k) x.push_back(random_numbers(r, 40 * n, 0.5));
  const Course together = course("snu_li", {}, n, x);
  for (std::size_t k = 0; k < 3; ++k) {
    const Course alone = course("snu_li", {}, n, {x[k]});
    for (std::size_t t = 0; t < 40; ++t)
      for (std::size_t i = 0; i < n; ++i) EXPECT_EQ(together.s[(t * 3 + k) * n + i], alone.s[t * n + i]);
  }
  EXPECT_NE(together.s, course("snu", {}, n, x).s);
}

TEST(SnuLi, HasTheGradientOfTheGraphWithTheSurrogate) {
  for (const bool detached : {false, true}) {
    std::mt19937 r(5);
    const std::size_t m = 4, n = 19;
    Values v{{"d", 0.8}, {"b", -0.7}, {"train_d", 1}};
    if (detached) v["detach_reset"] = 1;
    const auto W = random_numbers(r, m * n, 0.5), H = random_numbers(r, n * n, 0.2);
    Trainer<double> t(Network<double>({input(m, true), layer("snu_li", n, v)}, {dense(0, 1, 0, W), dense(1, 1, 1, H)}),
                      goal("mse_rate", 1));
    const Data data(r, {15, 11}, m, n, true);
    t.learn(data.batch<double>());

    Tape g;
    std::vector<std::size_t> theta;
    for (const double x : t.theta()) theta.push_back(g.number(x));
    const auto trained = [&](std::size_t variable, std::size_t i) {
      return theta[t.network().trained(1, variable).first + i];
    };
    std::size_t silent = 0, alone = 0, several = 0;
    for (std::size_t lane = 0; lane < 2; ++lane) {
      std::vector<std::size_t> s(n, g.number(0.0)), y(n, g.number(0.0)), rate(n, g.number(0.0));
      for (std::size_t k = 0; k < data.lengths[lane]; ++k) {
        double most = 0.0;
        for (const std::size_t node : y) most = std::max(most, g.at(node));
        std::size_t largest = g.number(0.0), count = 0;  // the mean of those that attain it
        for (const std::size_t node : y) count += g.at(node) == most;
        const double part = detached ? 0.0 : 1.0 / static_cast<double>(count);
        for (const std::size_t node : y)
          if (g.at(node) == most)
            largest = g.add(largest, g.apply(node, most / static_cast<double>(count), part));
        ++(most == 0.0 ? silent : count == 1 ? alone : several);
        std::vector<std::size_t> x, fresh_s, fresh_y;
        for (std::size_t i = 0; i < m; ++i) x.push_back(g.number(data.x[lane][k * m + i]));
        for (std::size_t j = 0; j < n; ++j) {
          std::size_t z = g.times(g.times(trained(1, j), s[j]), g.one_minus(largest));
          for (std::size_t i = 0; i < m; ++i) z = g.add(z, g.times(theta[i * n + j], x[i]));
          for (std::size_t i = 0; i < n; ++i) z = g.add(z, g.times(theta[m * n + i * n + j], y[i]));
          fresh_s.push_back(z);
          const std::size_t a = g.add(z, trained(0, j));
          fresh_y.push_back(g.apply(a, g.at(a) > 0.0 ? 1.0 : 0.0, 1.0 - std::tanh(g.at(a)) * std::tanh(g.at(a))));
        }
        s = fresh_s;
        y = fresh_y;
        for (std::size_t j = 0; j < n; ++j) rate[j] = g.add(rate[j], y[j]);
      }
      for (std::size_t j = 0; j < n; ++j) {  // mean over outputs and lanes of (rate - target)^2
        const double T = static_cast<double>(data.lengths[lane]),
                     error = g.at(rate[j]) / T - (j == data.labels[lane] ? 1.0 : 0.0);
        g.seed(rate[j], 2.0 * error / T / static_cast<double>(n) / 2.0);
      }
    }
    g.back();
    std::vector<double> expected;
    for (const std::size_t k : theta) expected.push_back(g.gradient(k));
    EXPECT_GT(silent, 1u);  // so that ties of all, of some and none are among them
    EXPECT_GT(alone, 1u);
    EXPECT_GT(several, 1u);
    EXPECT_LT(largest_error(t.gradient(), expected), 1e-10) << detached;
  }
}

TEST(SnuLi, LearnsWithTheSameBitsOnAnyThreads) {
  const auto run = [](int threads) {
    std::mt19937 r(6);
    Trainer<float> t(Network<float>({input(40, true), layer("snu_li", 50, {{"b", -0.4}}), layer("snu", 10)},
                                    {dense(0, 1, 0, random_numbers(r, 2000, 0.3)),
                                     dense(1, 2, 0, random_numbers(r, 500, 0.6))}),
                     goal("mse_rate", 2));
    const Data data(r, std::vector<std::size_t>(61, 12), 40, 10, true);
    Workers(threads).run([&] { t.learn(data.batch<float>()); });
    return t.gradient();
  };
  const auto one = run(1);
  EXPECT_EQ(run(2), one);
  EXPECT_EQ(run(8), one);
  EXPECT_GT(std::count_if(one.begin(), one.end(), [](float x) { return x != 0.0f; }), 500);
}

TEST(SnuLi, HasNoTraces) {
  Goal g = goal("mse_rate", 1);
  g.credit.past = Credit::Past::traces;
  const std::vector<Layer> layers{input(3, true), layer("snu_li", 4)};
  std::mt19937 r(1);
  const std::vector<Dense> p{dense(0, 1, 0, random_numbers(r, 12, 0.5))};
  EXPECT_THROW(Trainer<double>(Network<double>(layers, p), g), std::runtime_error);
  g.credit.past = goal("mse_rate", 1).credit.past;
  EXPECT_NO_THROW(Trainer<double>(Network<double>(layers, p), g));
}

}  // namespace
}  // namespace volley::test
