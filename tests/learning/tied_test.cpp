// SPDX-License-Identifier: Apache-2.0
// Projections that share weights: the gradient of the shared ones is the sum of what each gives.
#include "nets.h"

namespace volley::test {
namespace {

// 0 -> 1 -> 2 -> 3: the last has the weights of the first transposed; 1 reaches 2 a second time, after a tick, with the
// weights of the first time.
struct Net {
  std::vector<Layer> layers{input(6, true), layer("perceptron", 4, {{"g", 1}, {"bias", 1}}),
                            layer("ssnu", 4, {{"train_d", 1}}), layer("readout", 6, {{"d", 0.3}})};
  std::vector<Dense> p;
  Net() {
    std::mt19937 r(9);
    p = {dense(0, 1, 0, random_numbers(r, 24, 0.7)), dense(1, 2, 0, random_numbers(r, 16, 0.7)),
         dense(1, 2, 1, std::vector<double>(16)), dense(2, 3, 0, std::vector<double>(24))};
    p[2].tied = 1;
    p[3].tied = 0;
    p[3].transposed = true;
  }
};

TEST(Tied, WeightsHaveTheSumOfBothGradients) {
  for (const bool traces : {false, true}) {
    std::mt19937 r(1);
    Net net;
    if (traces) net.layers[3] = layer("readout", 6);  // one layer with memory, so that traces are exact
    if (traces) net.p[2].delay = 0;
    const Data data(r, {40, 12}, 6, 6, true);
    const Batch<double> b = data.batch<double>();
    Goal g = goal("sigmoid_cross_entropy", 3);
    if (traces) g.credit = {.past = Credit::Past::traces};
    Trainer<double> t(Network<double>(net.layers, net.p), g);
    t.learn(b);
    const std::vector<double> exact = t.gradient();
    const auto loss = [&] {
      t.network().tie(t.theta().data());
      return t.reduce(t.evaluate(b));
    };
    std::vector<double> found;
    for (std::size_t i = 0; i < t.theta().size(); ++i) {
      const double kept = t.theta()[i];
      t.theta()[i] = kept + 1e-5;
      const double up = loss();
      t.theta()[i] = kept - 1e-5;
      const double down = loss();
      t.theta()[i] = kept;
      found.push_back((up - down) / 2e-5);
    }
    // Below a layer with memory the gradient of traces is an approximation.
    const Network<double>& n = t.network();
    std::vector<Part> parts = n.parts();
    if (traces) parts = {n.weights(1), n.weights(2), n.trained(2, 0), n.trained(2, 1), n.trained(3, 0)};
    for (const Part& part : parts)
      for (std::size_t i = part.first; part.trains && i < part.first + part.count; ++i)
        EXPECT_NEAR(exact[i], found[i], 1e-7) << traces;
    const Part& own = t.network().weights(3);
    for (std::size_t i = 0; i < own.count; ++i) EXPECT_EQ(exact[own.first + i], 0.0);
  }
}

TEST(Tied, WeightsAreTheSameFromTheStart) {
  const Net net;
  const Network<double> n(net.layers, net.p);
  const std::vector<double> theta = n.initial();
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t j = 0; j < 6; ++j)
      EXPECT_EQ(theta[n.weights(3).first + i * 6 + j], theta[n.weights(0).first + j * 4 + i]);
  for (std::size_t i = 0; i < 16; ++i) EXPECT_EQ(theta[n.weights(2).first + i], theta[n.weights(1).first + i]);
  std::size_t all = 0;
  for (const Part& part : n.parts()) all += part.trains ? part.count : 0;
  EXPECT_EQ(n.numbers_that_train(), all - 24 - 16);
}

}  // namespace
}  // namespace volley::test
