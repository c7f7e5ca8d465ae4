// SPDX-License-Identifier: Apache-2.0
// Dropout: how often and how large, its gradient, and that evaluations know nothing of it.
#include "nets.h"

#include <experiment/load.h>
#include <learning/build.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>

namespace volley::test {
namespace {

// A mask of its own for each lane, and the same at each call.
void draw_masks(Batch<double>& b, const std::vector<Layer>& layers) {
  b.mask = [layers](std::size_t l, std::size_t lane, double* mask) {
    std::mt19937 r(static_cast<unsigned>(100 * l + lane));
    std::bernoulli_distribution drop(layers[l].dropout);
    for (std::size_t i = 0; i < layers[l].size; ++i) mask[i] = drop(r) ? 0.0 : 1.0 / (1.0 - layers[l].dropout);
  };
}

// Central differences of the loss under the masks, which learn() alone has.
std::vector<double> differences_under_masks(Trainer<double>& t, const Batch<double>& b, double h) {
  return differences(t, h, [&] { return t.learn(b); });
}

std::vector<Layer> layers_with(double dropout, const char* unit) {
  std::vector<Layer> layers{input(4, true), layer(unit, 6), layer("ssnu", 5), layer("readout", 3)};
  layers[1].dropout = layers[2].dropout = dropout;
  return layers;
}
std::vector<Dense> weights_of(const char* unit) {
  std::mt19937 r(5);
  std::vector<Dense> p;
  for (std::size_t port = 0; port < neuron(unit).unit->ports; ++port)
    for (const std::size_t from : {0u, 1u}) {
      p.push_back(dense(from, 1, from, random_numbers(r, from == 0 ? 24 : 36, 0.6)));
      p.back().port = port;
    }
  p.push_back(dense(1, 2, 0, random_numbers(r, 30, 0.8)));
  p.push_back(dense(2, 2, 1, random_numbers(r, 25, 0.5)));
  p.push_back(dense(2, 3, 0, random_numbers(r, 15, 0.8)));
  return p;
}

TEST(Dropout, has_the_gradient_of_central_differences) {
  for (const char* unit : {"ssnu", "ssnu_o", "lstm"}) {
    std::mt19937 r(7);
    Trainer<double> t(Network<double>(layers_with(0.4, unit), weights_of(unit)),
                      goal("sigmoid_cross_entropy", 3));
    const Data data(r, {9, 5, 12}, 4, 3, true);
    Batch<double> b = data.batch<double>();
    draw_masks(b, t.network().layers());
    t.learn(b);
    const std::vector<double> exact = t.gradient();
    EXPECT_LT(largest_error(exact, differences_under_masks(t, b, 1e-5)), 1e-7) << unit;
    const double without = t.reduce(t.evaluate(b));
    EXPECT_GT(std::abs(t.reduce(t.learn(b)) - without), 1e-3);
  }
}

// One layer with memory and a projection to itself: traces see its output behind the mask, as the next tick does.
TEST(Dropout, of_traces_is_that_of_backpropagation_through_time) {
  std::mt19937 r(3);
  std::vector<Layer> layers{input(4, true), layer("ssnu", 6, {{"train_d", 1}}), layer("readout", 3)};
  layers[1].dropout = 0.3;
  const std::vector<Dense> p{dense(0, 1, 0, random_numbers(r, 24, 0.7)), dense(1, 1, 1, random_numbers(r, 36, 0.5)),
                             dense(1, 2, 0, random_numbers(r, 18, 0.7))};
  const Data data(r, {70, 41}, 4, 3, true);  // more than a window of traces
  Batch<double> b = data.batch<double>();
  draw_masks(b, layers);
  Goal online = goal("sigmoid_cross_entropy", 2);
  online.credit = {.past = Credit::Past::traces};
  Trainer<double> exact(Network<double>(layers, p), goal("sigmoid_cross_entropy", 2));
  Trainer<double> traced(Network<double>(layers, p), online);
  const double loss = exact.reduce(exact.learn(b));
  EXPECT_NEAR(traced.reduce(traced.learn(b)), loss, 1e-12);
  EXPECT_LT(largest_error(traced.gradient(), exact.gradient()), 1e-12);
}

TEST(Dropout, is_unknown_to_evaluations) {
  std::mt19937 r(4);
  const Data data(r, {9, 5}, 4, 3, true);
  Trainer<double> with(Network<double>(layers_with(0.5, "ssnu"), weights_of("ssnu")),
                       goal("sigmoid_cross_entropy", 3));
  Batch<double> b = data.batch<double>();
  draw_masks(b, with.network().layers());
  Trainer<double> without(Network<double>(layers_with(0.0, "ssnu"), weights_of("ssnu")),
                          goal("sigmoid_cross_entropy", 3));
  with.learn(b);  // its masks are gone afterwards
  EXPECT_EQ(with.evaluate(b), without.evaluate(b));
}

class Masks : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) / "dropout";
    std::filesystem::create_directories(folder_);
    std::string images;
    for (int k = 0; k < 100; ++k) images += "0,1,0\n1,1,1\n";
    std::ofstream(folder_ / "d.csv") << images;
    std::ofstream(folder_ / "e.yaml") << R"(volley: 1
tick: 1 ms
datasets: {d: {csv_images: {file: d.csv, shape: [2]}, split: {train: 200}}}
populations:
  x: {stimulator: direct, size: 2, parameters: {data: d.image}}
  hidden: {neuron: ssnu, size: 50, depth: 2, dropout: 0.3}
  out: {neuron: readout, size: 2}
projections: [{chain: [x, hidden, out], connect: dense, weight: 0.1, delay: 0 ticks}]
learning: {l: {rule: bptt, loss: {softmax_cross_entropy: {of: out, target: d.label}}, optimiser: sgd}}
phases: [{train: {data: d.train, learning: l, trial: 5 ticks, lanes: 200}}]
)";
    Registry registry(enrolled);
    e_ = load((folder_ / "e.yaml").string(), registry, {.seed = 1})[0].experiment;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // Of samples in an order, of one epoch.
  std::vector<std::vector<float>> masks(const std::vector<std::uint32_t>& samples, std::size_t layer,
                                        std::size_t epoch) const {
    const Network<float> net = learning::build_network<float>(e_);
    const Batch<float> b = learning::build_batch(e_, net, e_.phases[0], e_.learning[0], epoch, 0, samples);
    std::vector<std::vector<float>> out;
    for (std::size_t lane = 0; lane < samples.size(); ++lane) {
      out.emplace_back(50);
      b.mask(layer, lane, out.back().data());
    }
    return out;
  }

  std::filesystem::path folder_;
  Experiment e_;
};

TEST_F(Masks, drop_their_share_of_units_independently) {
  std::vector<std::uint32_t> samples;
  for (std::uint32_t k = 0; k < 200; ++k) samples.push_back(k);
  std::vector<double> by_unit(50);
  double all = 0.0, pairs = 0.0;
  for (std::size_t epoch = 1; epoch <= 20; ++epoch)
    for (const auto& mask : masks(samples, 1, epoch))
      for (std::size_t i = 0; i < 50; ++i) {
        ASSERT_TRUE(mask[i] == 0.0f || mask[i] == static_cast<float>(1.0 / 0.7));
        const bool dropped = mask[i] == 0.0f;
        by_unit[i] += dropped, all += dropped;
        pairs += dropped && mask[(i + 1) % 50] == 0.0f;
      }
  const double n = 4000.0, sigma = std::sqrt(0.3 * 0.7 / n);
  for (const double x : by_unit) EXPECT_NEAR(x / n, 0.3, 4.5 * sigma);  // 50 of them
  EXPECT_NEAR(all / (50.0 * n), 0.3, 4.0 * sigma / std::sqrt(50.0));
  // Neighbouring pairs share units, so that the variance is that of 0.09 and of twice the covariance of pairs.
  EXPECT_NEAR(pairs / (50.0 * n), 0.09, 4.0 * std::sqrt((0.09 * 0.91 + 2.0 * (0.027 - 0.0081)) / (50.0 * n)));
}

TEST_F(Masks, are_those_of_the_sample_the_layer_and_the_epoch) {
  const auto some = masks({5, 6, 7}, 1, 1), others = masks({7, 5}, 1, 1);
  EXPECT_EQ(some[2], others[0]);
  EXPECT_EQ(some[0], others[1]);
  const std::set<std::vector<float>> all{some[0], some[1], some[2], masks({5}, 2, 1)[0], masks({5}, 1, 2)[0]};
  EXPECT_EQ(all.size(), 5u);
}

}  // namespace
}  // namespace volley::test
