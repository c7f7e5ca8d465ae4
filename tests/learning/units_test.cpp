// SPDX-License-Identifier: Apache-2.0
// Spiking neural units against what can be computed by hand.
#include "nets.h"

namespace volley::test {
namespace {

// s and y of one unit whose only weight is 1, by tick.
struct Course {
  std::vector<double> s, y;
};
Course course(const std::string& unit, const Values& values, const std::vector<double>& x, double gain = 1.0) {
  const Network<double> net({input(1, false), layer(unit, 1, values)}, {dense(0, 1, 0, {gain})});
  Trial<double> trial;
  net.prepare(trial, x.size(), {x.size()});
  trial.layers[0].y = x;
  net.forward(net.initial().data(), trial);
  Course c;
  const std::size_t states = neuron(unit).unit->states;
  for (std::size_t t = 0; t < x.size(); ++t) {
    c.s.push_back(trial.layers[1].state[(t + 1) * states]);
    c.y.push_back(trial.layers[1].y[t]);
  }
  return c;
}

TEST(Snu, FollowsTheHandCase) {
  const std::vector<double> x{0.6, 0.6, 0.6, 0.0, 0.6};
  const Course leaky = course("snu", {{"d", 0.5}}, x);
  EXPECT_THAT(leaky.s, testing::Pointwise(testing::DoubleNear(1e-15), {0.6, 0.9, 1.05, 0.0, 0.6}));
  EXPECT_THAT(leaky.y, testing::ElementsAre(0, 0, 1, 0, 0));
  const Course perfect = course("snu", {{"d", 1.0}}, x);
  EXPECT_THAT(perfect.s, testing::Pointwise(testing::DoubleNear(1e-15), {0.6, 1.2, 0.6, 0.6, 1.2}));
  EXPECT_THAT(perfect.y, testing::ElementsAre(0, 1, 0, 0, 1));
}

TEST(Snu, IntegratesBelowThresholdAsAGeometricSum) {
  const double d = 0.8, I = 0.19;  // I / (1 - d) = 0.95
  const Course c = course("snu", {{"d", d}}, std::vector<double>(200, I));
  for (std::size_t t = 0; t < c.s.size(); ++t)
    EXPECT_NEAR(c.s[t], I * (1.0 - std::pow(d, static_cast<double>(t + 1))) / (1.0 - d), 1e-14);
  EXPECT_THAT(c.y, testing::Each(0.0));
}

TEST(Snu, FiresPeriodically) {
  const double d = 0.8, I = 0.27;
  std::size_t period = 1;
  while (I * (1.0 - std::pow(d, static_cast<double>(period))) / (1.0 - d) <= 1.0) ++period;
  ASSERT_GT(period, 3u);
  const Course c = course("snu", {{"d", d}}, std::vector<double>(100, I));
  for (std::size_t t = 0; t < c.y.size(); ++t) EXPECT_EQ(c.y[t], (t + 1) % period == 0 ? 1.0 : 0.0) << t;
}

TEST(Snu, DoesNotFireAtTheThresholdItself) {
  EXPECT_THAT(course("snu", {{"d", 1.0}}, {0.5, 0.5, 0.25}).y, testing::ElementsAre(0, 0, 1));
}

TEST(Snu, LetsTheStateThroughItsNonlinearity) {
  EXPECT_THAT(course("snu", {{"d", 0.5}, {"g", 1}}, {-1.0, 0.5}).s, testing::ElementsAre(0.0, 0.5));
  EXPECT_THAT(course("snu", {{"d", 0.5}, {"g", 2}}, {-1.0, 0.5}).s,
              testing::Pointwise(testing::DoubleNear(1e-15), {-0.1, 0.45}));
}

TEST(Ssnu, WithALargeGainIsAnSnu) {
  std::mt19937 r(1);
  const std::vector<double> x = random_numbers(r, 200, 0.6);
  const double gain = 1e4;  // s, weights and threshold in other units: sigmoid(gain (s + b))
  const Course soft = course("ssnu", {{"d", 0.7}, {"b", -gain}}, x, gain), hard = course("snu", {{"d", 0.7}}, x);
  EXPECT_GT(std::count(hard.y.begin(), hard.y.end(), 1.0), 5);
  EXPECT_THAT(soft.y, testing::Pointwise(testing::DoubleNear(1e-9), hard.y));
}

TEST(Ssnu, ResetsInProportion) {
  const Course c = course("ssnu", {{"d", 0.5}, {"b", 0.0}}, {0.0, 1.0, 0.0});
  const double y = 1.0 / (1.0 + std::exp(-1.0));
  EXPECT_EQ(c.y[0], 0.5);
  EXPECT_NEAR(c.s[2], 0.5 * 1.0 * (1.0 - y), 1e-15);
}

TEST(Trial, IsFrozenAndSilentAfterALanesEnd) {
  const Network<double> net(
      {input(1, false), layer("ssnu", 2), layer("readout", 1)},
      {dense(0, 1, 0, {1.0, 0.5}), dense(1, 1, 1, {0.3, 0.1, -0.2, 0.4}), dense(1, 2, 0, {1.0, -1.0})});
  Trial<double> trial;
  net.prepare(trial, 6, {6, 2});
  for (std::size_t t = 0; t < 6; ++t)
    trial.layers[0].y[2 * t] = trial.layers[0].y[2 * t + 1] = 0.7;  // also after the end
  const std::vector<double> theta = net.initial();
  net.forward(theta.data(), trial);
  const auto& hidden = trial.layers[1];
  for (std::size_t t = 2; t < 6; ++t)
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(hidden.y[(t * 2 + 1) * 2 + i], 0.0);
      EXPECT_NE(hidden.y[(t * 2 + 0) * 2 + i], 0.0);
      for (std::size_t v = 0; v < 2; ++v)
        EXPECT_EQ(hidden.state[((t + 1) * 2 + 1) * 4 + 2 * v + i], hidden.state[(2 * 2 + 1) * 4 + 2 * v + i]);
    }
  // Whatever is written beyond the end is no part of the gradient.
  typename Network<double>::Transposed transposed;
  net.transpose(theta.data(), transposed);
  std::vector<double> gradient(net.size()), expected = gradient;
  trial.layers[2].dy[1 * 2 + 1] = 1.0;
  net.backward(theta.data(), transposed, trial, expected.data());
  net.forward(theta.data(), trial);
  for (auto& l : trial.layers) std::fill(l.dy.begin(), l.dy.end(), 0.0);
  trial.layers[2].dy[1 * 2 + 1] = trial.layers[2].dy[4 * 2 + 1] = 1.0;
  net.backward(theta.data(), transposed, trial, gradient.data());
  EXPECT_EQ(gradient, expected);
  EXPECT_NE(gradient[0], 0.0);
}

TEST(Readout, AddsItsBiasAndLeaks) {
  EXPECT_THAT(course("readout", {{"b", 0.25}}, {1.0, 2.0}).y, testing::ElementsAre(1.25, 2.25));
  EXPECT_THAT(course("readout", {{"b", 0.25}, {"d", 0.5}}, {1.0, 2.0}).y, testing::ElementsAre(1.25, 2.75));
}

template <class T>
void check_exponential(double limit, double error) {
  for (double x = -limit; x <= limit; x += limit / 10007.0) {
    const double exact = std::exp(static_cast<double>(static_cast<T>(x)));
    EXPECT_NEAR(static_cast<double>(detail::exponential(static_cast<T>(x))) / exact, 1.0, error) << x;
  }
  EXPECT_EQ(detail::exponential(T(0)), T(1));
  EXPECT_TRUE(std::isfinite(detail::exponential(T(1e30))));
  EXPECT_EQ(logistic(T(-1e30)) < T(1e-37), true);
  EXPECT_EQ(logistic(T(1e30)), T(1));
}

TEST(Exponential, IsExactToAboutTheLastDigit) {
  check_exponential<double>(700.0, 4e-16);
  check_exponential<float>(80.0, 3e-7);
}

TEST(Surrogates, PeakAtTheThresholdAndFallOff) {
  for (const auto s :
       {Surrogate::tanh2, Surrogate::fast_sigmoid, Surrogate::atan, Surrogate::triangle, Surrogate::box}) {
    EXPECT_EQ(surrogate_slope(s, 0.0), 1.0);
    EXPECT_EQ(surrogate_slope(s, 0.3), surrogate_slope(s, -0.3));
    EXPECT_LT(surrogate_slope(s, 2.0), 0.3);
  }
  EXPECT_NEAR(surrogate_slope(Surrogate::tanh2, 0.5), 1.0 - std::tanh(0.5) * std::tanh(0.5), 1e-15);
  EXPECT_EQ(surrogate_slope(Surrogate::fast_sigmoid, 1.0), 0.25);
  EXPECT_EQ(surrogate_slope(Surrogate::atan, 1.0), 0.5);
  EXPECT_EQ(surrogate_slope(Surrogate::triangle, 0.25), 0.75);
  EXPECT_EQ(surrogate_slope(Surrogate::box, 0.49), 1.0);
}

}  // namespace
}  // namespace volley::test
