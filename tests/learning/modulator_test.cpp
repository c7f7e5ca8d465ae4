// SPDX-License-Identifier: Apache-2.0
// GRAPES: its factors in closed form, and what they do to gradients.
#include "nets.h"

#include <volley/modulator.h>

#include <numeric>

namespace volley::test {
namespace {

const ModulatorModel& grapes() {
  return static_cast<const ModulatorModel&>(find_model(ModelKind::modulator, "grapes"));
}

LayerWeights<double> into(const std::vector<double>& w, std::size_t sources, std::size_t targets,
                          bool recurrent = false) {
  return {.size = targets, .incoming = {{w.data(), sources, targets, recurrent}}, .outgoing = {}};
}

std::vector<double> factors(const LayerWeights<double>& l, const Values& values = {}) {
  return grapes().modulate.of<double>()(l, parameters(grapes(), values)->at(0));
}

// A net with GRAPES, or without: `values` null.
Trainer<double> modulated(std::vector<Layer> layers, std::vector<Dense> p, const std::string& loss,
                          const Values* values) {
  Goal g = goal(loss, layers.size() - 1);
  if (values) {
    g.modulator = &grapes();
    g.modulation = parameters(grapes(), *values);
  }
  return Trainer<double>(Network<double>(std::move(layers), std::move(p)), g);
}

std::vector<double> gradient(Trainer<double> t, const Data& data) {
  t.learn(data.batch<double>());
  return t.gradient();
}

TEST(Grapes, HasTheFactorsOfRowSums) {  // G1: rows are targets
  const std::vector<double> w{-1.0, 0.5, -2.0, 2.0, -0.5, 0.0};
  EXPECT_THAT(factors(into(w, 2, 3)), testing::ElementsAre(2.0, 1.0, testing::DoubleEq(4.0 / 3.0)));
  EXPECT_THAT(factors(into(w, 2, 3), {{"clip", 0}}),
              testing::ElementsAre(2.0, testing::DoubleEq(2.0 / 3.0), testing::DoubleEq(4.0 / 3.0)));
  const LayerWeights<double> from{.size = 2, .incoming = {}, .outgoing = {{w.data(), 2, 3, false}}};
  EXPECT_THAT(factors(from, {{"importance", 1}, {"clip", 0}}), testing::ElementsAre(2.0, testing::DoubleEq(5.0 / 3.5)));
}

TEST(Grapes, SumsAllProjectionsAndTheRecurrentOneIfAsked) {
  const std::vector<double> a{1.0, 1.0}, b{0.0, 3.0}, h{5.0, 0.0, 1.0, 0.0};
  LayerWeights<double> l{.size = 2, .incoming = {{a.data(), 1, 2, false}, {b.data(), 1, 2, false}}, .outgoing = {}};
  EXPECT_THAT(factors(l, {{"clip", 0}}), testing::ElementsAre(0.5, 2.0));
  l.incoming.push_back({h.data(), 2, 2, true});
  EXPECT_THAT(factors(l, {{"clip", 0}}), testing::ElementsAre(0.5, 2.0));
  EXPECT_THAT(factors(l, {{"clip", 0}, {"recurrent", 1}}), testing::ElementsAre(2.0, testing::DoubleEq(8.0 / 7.0)));
}

TEST(Grapes, OfALayerWithoutWeightsIsOne) {
  EXPECT_THAT(factors(into({0.0, 0.0}, 1, 2)), testing::ElementsAre(1.0, 1.0));
  EXPECT_THAT(factors({.size = 2, .incoming = {}, .outgoing = {}}), testing::ElementsAre(1.0, 1.0));
}

TEST(Grapes, DependsNeitherOnScaleNorOnSignsNorOnTheOrderOfUnits) {  // G2
  std::mt19937 r(1);
  const std::vector<double> w = random_numbers(r, 12, 1.0);
  std::vector<double> scaled, flipped, swapped(12);
  for (const double x : w) scaled.push_back(8.0 * x), flipped.push_back(r() % 2 ? x : -x);
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 4; ++j) swapped[i * 4 + j] = w[i * 4 + 3 - j];
  const std::vector<double> m = factors(into(w, 3, 4)), back = factors(into(swapped, 3, 4));
  EXPECT_EQ(factors(into(scaled, 3, 4)), m);
  EXPECT_EQ(factors(into(flipped, 3, 4)), m);
  EXPECT_TRUE(std::equal(m.begin(), m.end(), back.rbegin()));
}

// Three hidden layers between an input and a readout.
std::vector<Layer> stack(const std::string& unit) {
  const Layer hidden = layer(unit, 5, {{"b", -0.2}});
  return {input(6, false), hidden, hidden, hidden, layer("readout", 3)};
}
constexpr std::size_t sizes[] = {6, 5, 5, 5, 3};

std::vector<Dense> chain(std::mt19937& r, bool equal) {
  std::vector<Dense> p;
  for (std::size_t k = 0; k < 4; ++k) {
    p.push_back(dense(k, k + 1, 0, random_numbers(r, sizes[k] * sizes[k + 1], 0.6)));
    if (equal)
      for (double& w : p.back().weights) w = w > 0.0 ? 0.4 : -0.4;
  }
  return p;
}

// G3, and G6 for units with memory, of which each tick would compound if m entered the recursion in time: with all |W|
// equal, the gradient of a layer is that of plain backpropagation times 2 for each hidden layer from it on.
class Stack : public testing::TestWithParam<const char*> {};

TEST_P(Stack, OfEqualWeightsDoublesLayerByLayer) {
  std::mt19937 r(2);
  const auto p = chain(r, true);
  const Data data(r, {9, 6}, 6, 3, false);
  const Values propagated, local{{"form", 1}};
  const auto net = [&](const Values* v) { return modulated(stack(GetParam()), p, "softmax_cross_entropy", v); };
  const Trainer<double> plain = net(nullptr);
  const auto bp = gradient(plain, data), all = gradient(net(&propagated), data), own = gradient(net(&local), data);
  for (std::size_t k = 0; k < 4; ++k) {
    const Part part = plain.network().weights(k);
    double size = 0.0;
    for (std::size_t i = part.first; i < part.first + part.count; ++i) {
      EXPECT_EQ(all[i], bp[i] * (k == 3 ? 1.0 : static_cast<double>(8u >> k))) << k;
      EXPECT_EQ(own[i], bp[i] * (k == 3 ? 1.0 : 2.0)) << k;
      size = std::max(size, std::abs(bp[i]));
    }
    EXPECT_GT(size, 1e-4) << k;
  }
}

INSTANTIATE_TEST_SUITE_P(, Stack, testing::Values("perceptron", "ssnu", "snu"));

TEST_P(Stack, OfOneHiddenLayerMultipliesRows) {  // G4, G6: m_k times the row of unit k, in either form
  std::mt19937 r(3);
  const std::vector<Layer> layers{input(6, false), layer(GetParam(), 5), layer("readout", 3)};
  const std::vector<Dense> p{dense(0, 1, 0, random_numbers(r, 30, 0.8)), dense(1, 2, 0, random_numbers(r, 15, 0.8))};
  const Data data(r, {12, 7}, 6, 3, false);
  const std::vector<double> m = factors(into(p[0].weights, 6, 5));
  const Values propagated, local{{"form", 1}};
  const Trainer<double> plain = modulated(layers, p, "softmax_cross_entropy", nullptr);
  std::vector<double> expected = gradient(plain, data);
  for (std::size_t i = 0; i < 30; ++i) expected[i] *= m[i % 5];
  for (std::size_t v = 0; v < layers[1].trained.size(); ++v)
    for (std::size_t i = 0; i < 5; ++i) expected[plain.network().trained(1, v).first + i] *= m[i];
  EXPECT_LT(largest_error(gradient(modulated(layers, p, "softmax_cross_entropy", &propagated), data), expected), 1e-15);
  EXPECT_EQ(gradient(modulated(layers, p, "softmax_cross_entropy", &local), data), expected);
}

TEST(Grapes, IsInsideARecurrentLayerOnlyOnErrorsFromOutside) {
  // dL/dy of a recurrent layer is m times what the readout sends, then plain backpropagation: as if the readout's
  // weights back were those times m. A linear layer shows it: its own gradient is linear in what arrives.
  std::mt19937 r(4);
  const std::vector<Layer> layers{input(3, false), layer("ssnu", 4, {{"d", 0.7}}), layer("readout", 2)};
  const std::vector<Dense> p{dense(0, 1, 0, random_numbers(r, 12, 0.8)), dense(1, 1, 1, random_numbers(r, 16, 0.8)),
                             dense(1, 2, 0, random_numbers(r, 8, 0.8))};
  const Data data(r, {8}, 3, 2, false);
  const Values values;
  const std::vector<double> m = factors(into(p[0].weights, 3, 4));

  const Network<double> net(layers, p);
  const std::vector<double> theta = net.initial();
  Trial<double> trial;
  net.prepare(trial, 8, {8});
  const auto batch = data.batch<double>();
  batch.inputs(0, 0)(trial.layers[0].y.data(), 3, 8);
  net.forward(theta.data(), trial);
  const Goal g = goal("softmax_cross_entropy", 2);
  auto& out = trial.layers[2];
  g.loss->functions.of<double>().loss(g.parameters->at(0), {out.y.data(), 8, 2, 2}, batch.target(0), g.reduction,
                                      {out.dy.data(), 2});
  Network<double>::Transposed back;
  net.transpose(theta.data(), back);
  for (std::size_t j = 0; j < 2; ++j)
    for (std::size_t i = 0; i < 4; ++i) back[2][j * 4 + i] *= m[i];
  std::vector<double> expected(net.size());
  net.backward(theta.data(), back, trial, expected.data());
  EXPECT_EQ(gradient(modulated(layers, p, "softmax_cross_entropy", &values), data), expected);
}

TEST(Grapes, OfAPlainNetIsNearALearningRateOfEachLayer) {  // G7
  std::mt19937 r(5);
  const auto he = [&](std::size_t n, std::size_t m) {
    std::uniform_real_distribution<double> u(-std::sqrt(6.0 / static_cast<double>(n)),
                                             std::sqrt(6.0 / static_cast<double>(n)));
    std::vector<double> w(n * m);
    for (double& x : w) x = u(r);
    return factors(into(w, n, m));
  };
  const auto check = [](const std::vector<double>& m, double mean, double least) {
    EXPECT_NEAR(std::accumulate(m.begin(), m.end(), 0.0) / static_cast<double>(m.size()), mean, 0.03);
    EXPECT_NEAR(*std::min_element(m.begin(), m.end()), least, 0.05);
    EXPECT_EQ(*std::max_element(m.begin(), m.end()), 2.0);
  };
  check(he(784, 256), 1.89, 1.78);
  check(he(256, 256), 1.82, 1.63);
}

TEST(Grapes, LeavesWhatIsNotTrainedOutOfItsSums) {
  std::mt19937 r(6);
  const std::vector<Layer> layers{input(3, false), layer("perceptron", 4), layer("readout", 2)};
  std::vector<Dense> p{dense(0, 1, 0, random_numbers(r, 12, 0.8)), dense(0, 1, 0, random_numbers(r, 12, 5.0)),
                       dense(1, 2, 0, random_numbers(r, 8, 0.8))};
  p[1].trains = false;
  const Data data(r, {1, 1, 1}, 3, 2, false);
  const Values values;
  const std::vector<double> m = factors(into(p[0].weights, 3, 4));
  const auto bp = gradient(modulated(layers, p, "softmax_cross_entropy", nullptr), data);
  const auto found = gradient(modulated(layers, p, "softmax_cross_entropy", &values), data);
  for (std::size_t i = 0; i < 12; ++i) EXPECT_NEAR(found[i], bp[i] * m[i % 4], 1e-15);
}

}  // namespace
}  // namespace volley::test
