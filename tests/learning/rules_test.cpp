// SPDX-License-Identifier: Apache-2.0
// Truncated backpropagation, feedback alignment, direct feedback alignment and e-prop against slow forms of their
// formulas.
#include "nets.h"

#include <learning/feedback.h>

namespace volley::test {
namespace {

using learning::Feedback;
using learning::Modulation;
using Carrier = Credit::Carrier;
using Matrix = std::vector<double>;  // [row][column]

Trainer<double> trainer(const std::vector<Layer>& layers, const std::vector<Dense>& p, const Credit& credit,
                        std::size_t window = 0, const std::string& loss = "softmax_cross_entropy") {
  Goal g = goal(loss, layers.size() - 1);
  g.credit = credit;
  g.window = window;
  g.seed = 5;
  return Trainer<double>(Network<double>(layers, p), g);
}

std::vector<double> gradient(Trainer<double> t, const Data& data) {
  t.learn(data.batch<double>());
  return t.gradient();
}

// The matrices that a rule draws.
Feedback<double> drawn(const std::vector<Layer>& layers, const std::vector<Dense>& p, const Credit& credit) {
  const Network<double> net(layers, p);
  const std::size_t loss = layers.size() - 1;
  Feedback<double> f(net, credit, 5, loss, Modulation<double>(nullptr, nullptr, net.parts(), loss));
  std::vector<double> theta = net.initial();
  f.begin(net, theta.data());
  return f;
}

TEST(TruncatedBackpropagation, EndsAtAWindowsStart) {
  std::mt19937 r(2);
  const double d = 0.6, w = 0.7;
  const std::size_t T = 23, window = 5;
  const std::vector<Layer> layers{input(1, false), layer("readout", 1, {{"d", d}})};
  const std::vector<Dense> p{dense(0, 1, 0, {w})};
  const Data data(r, {T}, 1, 1, false);
  for (const bool carry : {true, false}) {
    double trace = 0.0, expected = 0.0, s = 0.0;
    for (std::size_t k = 0; k < T; ++k) {
      if (k % window == 0) trace = 0.0, s = carry ? s : 0.0;
      trace = d * trace + data.x[0][k];
      s = d * s + w * data.x[0][k];
      expected += (1.0 / (1.0 + std::exp(-s)) - static_cast<double>(data.values[0][k])) * trace;
    }
    const auto g = gradient(trainer(layers, p, {.carry = carry}, window, "sigmoid_cross_entropy"), data);
    EXPECT_NEAR(g[0], expected, 1e-13) << carry;
  }
}

TEST(TruncatedBackpropagation, OfOneWindowIsTheWholeOne) {
  std::mt19937 r(3);
  const std::vector<Layer> layers{input(4, true), layer("ssnu", 6, {{"train_d", 1}}), layer("snu", 5, {{"b", -0.3}}),
                                  layer("readout", 3)};
  const std::vector<Dense> p{dense(0, 1, 0, random_numbers(r, 24, 0.7)), dense(1, 2, 2, random_numbers(r, 30, 0.7)),
                             dense(2, 1, 1, random_numbers(r, 30, 0.4)), dense(2, 3, 0, random_numbers(r, 15, 0.7))};
  const Data data(r, {20, 11}, 4, 3, true);
  const auto whole = gradient(trainer(layers, p, {}), data);
  EXPECT_EQ(gradient(trainer(layers, p, {}, 20), data), whole);
  EXPECT_GT(largest_error(gradient(trainer(layers, p, {}, 4), data), whole), 1e-3);
}

TEST(TruncatedBackpropagation, GivesTheLossesOfTheWholeTrial) {  // delays reach over the edge of a window
  std::mt19937 r(3);
  const std::vector<Layer> layers{input(4, true), layer("ssnu", 6), layer("readout", 3)};
  const std::vector<Dense> p{dense(0, 1, 3, random_numbers(r, 24, 0.7)), dense(1, 1, 2, random_numbers(r, 36, 0.4)),
                             dense(1, 2, 1, random_numbers(r, 18, 0.7))};
  const Data data(r, {20, 11}, 4, 3, true);
  for (const char* loss : {"softmax_cross_entropy", "sigmoid_cross_entropy", "mse_rate"}) {
    const auto whole = trainer(layers, p, {}, 0, loss).learn(data.batch<double>());
    EXPECT_LT(largest_error(trainer(layers, p, {}, 3, loss).learn(data.batch<double>()), whole), 1e-14);
    EXPECT_LT(largest_error(trainer(layers, p, {.past = Credit::Past::traces}, 0, loss).learn(data.batch<double>()),
                            whole),
              1e-14);
  }
}

// An ordinary net of two hidden layers: 4-5-6-3, tanh, one tick. Matrices are [source][target].
struct Ordinary {
  std::vector<Layer> layers;
  std::vector<Dense> p;
  Matrix x, h1, h2, e;  // of one sample; e: softmax minus target

  explicit Ordinary(std::mt19937& r, const Data& data) {
    layers = {input(4, false), layer("perceptron", 5, {{"g", 1}}), layer("perceptron", 6, {{"g", 1}}),
              layer("readout", 3)};
    layers[1].name = "first";  // random numbers are drawn by name
    const std::size_t n[] = {4, 5, 6, 3};
    for (std::size_t k = 0; k < 3; ++k) p.push_back(dense(k, k + 1, 0, random_numbers(r, n[k] * n[k + 1], 0.6)));
    x = data.x[0];
    const auto forward = [&](const Matrix& y, std::size_t k) {
      Matrix z(n[k + 1]);
      for (std::size_t j = 0; j < z.size(); ++j)
        for (std::size_t i = 0; i < y.size(); ++i) z[j] += y[i] * p[k].weights[i * z.size() + j];
      return z;
    };
    h1 = forward(x, 0);
    for (double& v : h1) v = std::tanh(v);
    h2 = forward(h1, 1);
    for (double& v : h2) v = std::tanh(v);
    e = forward(h2, 2);
    double sum = 0;
    for (double& v : e) sum += v = std::exp(v);
    for (double& v : e) v /= sum;
    e[data.labels[0]] -= 1.0;
  }
  // The gradient of all weights, from dL/dy of the hidden layers.
  Matrix gradients(const Matrix& dy1, const Matrix& dy2) const {
    Matrix d1 = dy1, d2 = dy2, out;
    for (std::size_t i = 0; i < 5; ++i) d1[i] *= 1 - h1[i] * h1[i];
    for (std::size_t i = 0; i < 6; ++i) d2[i] *= 1 - h2[i] * h2[i];
    const auto outer = [&](const Matrix& y, const Matrix& d) {
      for (const double a : y)
        for (const double b : d) out.push_back(a * b);
    };
    outer(x, d1);
    outer(h1, d2);
    outer(h2, e);
    return out;
  }
};

// sum over k of error[k] B[k][unit].
Matrix through(const Matrix& B, const Matrix& error) {
  Matrix out(B.size() / error.size());
  for (std::size_t k = 0; k < error.size(); ++k)
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += error[k] * B[k * out.size() + i];
  return out;
}

void expect_weights(const Matrix& found, const Matrix& expected) {
  const Matrix weights(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(expected.size()));
  EXPECT_LT(largest_error(weights, expected), 1e-13);
}

TEST(FeedbackAlignment, SendsErrorsThroughFixedRandomNumbersFromLayerToLayer) {
  std::mt19937 r(4);
  const Data data(r, {1}, 4, 3, false);
  const Ordinary net(r, data);
  for (const bool wide : {true, false}) {
    const Credit credit{.carrier = Carrier::random, .wide = wide};
    const auto B = drawn(net.layers, net.p, credit).weights();
    const double width = wide ? std::sqrt(6.0 / 6.0) : 1.0 / std::sqrt(3.0);
    EXPECT_LE(std::abs(*std::ranges::max_element(B[2], {}, [](double b) { return std::abs(b); })), width);
    EXPECT_GT(std::abs(*std::ranges::max_element(B[2], {}, [](double b) { return std::abs(b); })), 0.5 * width);
    const Matrix dy2 = through(B[2], net.e);
    Matrix d2 = dy2;
    for (std::size_t i = 0; i < 6; ++i) d2[i] *= 1 - net.h2[i] * net.h2[i];
    expect_weights(gradient(trainer(net.layers, net.p, credit), data), net.gradients(through(B[1], d2), dy2));
  }
}

TEST(DirectFeedbackAlignment, SendsTheLastErrorToEachLayer) {
  std::mt19937 r(4);
  const Data data(r, {1}, 4, 3, false);
  const Ordinary net(r, data);
  const Credit credit{.route = Credit::Route::direct, .carrier = Carrier::random, .wide = false};
  const Feedback<double> f = drawn(net.layers, net.p, credit);
  const auto& B = f.direct()->matrices;
  expect_weights(gradient(trainer(net.layers, net.p, credit), data),
                 net.gradients(through(B[1], net.e), through(B[2], net.e)));
  EXPECT_NE(Matrix(B[1].begin(), B[1].begin() + 5), Matrix(B[2].begin(), B[2].begin() + 5));
}

TEST(FeedbackAlignment, KeepsALayersOwnPast) {  // with the weights in place of random numbers it is bptt
  std::mt19937 r(6);
  const std::vector<Layer> layers{input(4, true), layer("ssnu", 6), layer("readout", 3)};
  std::vector<Dense> p{dense(0, 1, 0, random_numbers(r, 24, 0.7)), dense(1, 1, 1, random_numbers(r, 36, 0.4)),
                       dense(1, 2, 0, {})};
  const Data data(r, {20, 11}, 4, 3, true);
  for (const Credit& credit : {Credit{.carrier = Carrier::random},
                               Credit{.route = Credit::Route::direct, .carrier = Carrier::random}}) {
    p[2].weights = random_numbers(r, 18, 0.7);
    const Feedback<double> f = drawn(layers, p, credit);
    const Matrix& B = f.direct() ? f.direct()->matrices[1] : f.weights()[2];
    for (std::size_t i = 0; i < 6; ++i)
      for (std::size_t j = 0; j < 3; ++j) p[2].weights[i * 3 + j] = B[j * 6 + i];
    EXPECT_LT(largest_error(gradient(trainer(layers, p, credit), data), gradient(trainer(layers, p, {}), data)), 1e-13);
  }
}

// One recurrent layer of spiking units with identity g and a readout: e-prop's traces and signals, written out.
TEST(Eprop, IsATraceOfEachWeightTimesABroadcastSignal) {
  constexpr std::size_t m = 3, n = 5, T = 40, K = 2;
  constexpr double d = 0.8, b = -0.4;
  std::mt19937 r(7);
  const auto W = random_numbers(r, m * n, 0.8), H = random_numbers(r, n * n, 0.5), V = random_numbers(r, n * K, 0.8);
  const std::vector<Layer> layers{input(m, true), layer("snu", n, {{"d", d}, {"b", b}}), layer("readout", K)};
  const std::vector<Dense> p{dense(0, 1, 0, W), dense(1, 1, 1, H), dense(1, 2, 0, V)};
  const Data data(r, {T}, m, K, true);
  for (const Carrier carrier : {Carrier::weights, Carrier::random}) {
    const Credit credit{.past = Credit::Past::traces,
                        .route = carrier == Carrier::weights ? Credit::Route::layers : Credit::Route::direct,
                        .carrier = carrier,
                        .wide = false,
                        .jacobian = Credit::Jacobian::diagonal};
    const Feedback<double> f = drawn(layers, p, credit);
    const Matrix& B = f.direct() ? f.direct()->matrices[1] : f.weights()[2];
    Matrix s(n), y(n), slope(n), eW(m * n), eH(n * n), gW(m * n), gH(n * n), gV(n * K);
    std::size_t spikes = 0;
    for (std::size_t t = 0; t < T; ++t) {
      const Matrix x(data.x[0].begin() + t * m, data.x[0].begin() + (t + 1) * m), before = y;
      for (std::size_t i = 0; i < n; ++i) {
        const double keep = d * (1 - before[i]) - d * s[i] * slope[i];
        for (std::size_t j = 0; j < m; ++j) eW[j * n + i] = keep * eW[j * n + i] + x[j];
        for (std::size_t j = 0; j < n; ++j) eH[j * n + i] = keep * eH[j * n + i] + before[j];
        s[i] = d * s[i] * (1 - before[i]);
        for (std::size_t j = 0; j < m; ++j) s[i] += W[j * n + i] * x[j];
        for (std::size_t j = 0; j < n; ++j) s[i] += H[j * n + i] * before[j];
        y[i] = s[i] + b > 0 ? 1 : 0;
        slope[i] = 1 - std::tanh(s[i] + b) * std::tanh(s[i] + b);
        spikes += y[i] > 0;
      }
      Matrix error(K);
      for (std::size_t k = 0; k < K; ++k) {
        for (std::size_t i = 0; i < n; ++i) error[k] += V[i * K + k] * y[i];
        error[k] = 1 / (1 + std::exp(-error[k])) - static_cast<double>(data.values[0][t * K + k]);
      }
      const Matrix L = through(B, error);
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < m; ++j) gW[j * n + i] += L[i] * slope[i] * eW[j * n + i];
        for (std::size_t j = 0; j < n; ++j) gH[j * n + i] += L[i] * slope[i] * eH[j * n + i];
        for (std::size_t k = 0; k < K; ++k) gV[i * K + k] += y[i] * error[k];
      }
    }
    EXPECT_GT(spikes, 20u);
    gW.insert(gW.end(), gH.begin(), gH.end());
    gW.insert(gW.end(), gV.begin(), gV.end());
    expect_weights(gradient(trainer(layers, p, credit, 0, "sigmoid_cross_entropy"), data), gW);
  }
}

TEST(Eprop, WithAdaptiveFeedbackComesToTheWeights) {
  std::mt19937 r(8);
  const std::vector<Layer> layers{input(3, true), layer("ssnu", 5), layer("readout", 2)};
  const std::vector<Dense> p{dense(0, 1, 0, random_numbers(r, 15, 0.8)), dense(1, 2, 0, random_numbers(r, 10, 0.8))};
  const Credit credit{.past = Credit::Past::traces,
                      .route = Credit::Route::direct,
                      .carrier = Carrier::adaptive,
                      .wide = false,
                      .decay = 0.25,
                      .jacobian = Credit::Jacobian::diagonal};
  const Network<double> net(layers, p);
  Feedback<double> f(net, credit, 5, 2, Modulation<double>(nullptr, nullptr, net.parts(), 2));
  std::vector<double> theta = net.initial();
  const std::size_t first = net.weights(1).first;
  const auto difference = [&] {
    Matrix out;
    for (std::size_t i = 0; i < 5; ++i)
      for (std::size_t j = 0; j < 2; ++j) out.push_back(f.direct()->matrices[1][j * 5 + i] - theta[first + i * 2 + j]);
    return out;
  };
  f.begin(net, theta.data());
  Matrix expected = difference();
  for (int step = 0; step < 4; ++step) {
    std::vector<double> kept = theta;
    for (std::size_t i = 0; i < 10; ++i) theta[first + i] += 0.3 * std::sin(static_cast<double>(i) + step);
    kept = theta;
    f.begin(net, theta.data());
    for (double& x : expected) x *= 0.75;
    EXPECT_LT(largest_error(difference(), expected), 1e-14);
    for (std::size_t i = 0; i < 10; ++i) EXPECT_NEAR(theta[first + i], 0.75 * kept[first + i], 1e-15);
  }
  const std::vector<Layer> deep{input(3, true), layer("ssnu", 5), layer("ssnu", 5), layer("readout", 2)};
  const std::vector<Dense> chain{dense(0, 1, 0, random_numbers(r, 15, 1)), dense(1, 2, 0, random_numbers(r, 25, 1)),
                                 dense(2, 3, 0, random_numbers(r, 10, 1))};
  EXPECT_THROW(trainer(deep, chain, credit), std::runtime_error);
}

TEST(Modulation, OfDirectErrorsMultipliesThem) {
  std::mt19937 r(4);
  const Data data(r, {1}, 4, 3, false);
  const Ordinary net(r, data);
  const auto& grapes = static_cast<const ModulatorModel&>(find_model(ModelKind::modulator, "grapes"));
  Goal g = goal("softmax_cross_entropy", 3);
  g.credit = {.route = Credit::Route::direct, .carrier = Carrier::random};
  g.seed = 5;
  const auto plain = gradient(Trainer<double>(Network<double>(net.layers, net.p), g), data);
  g.modulator = &grapes;
  g.modulation = parameters(grapes);
  const auto found = gradient(Trainer<double>(Network<double>(net.layers, net.p), g), data);
  const LayerWeights<double> weights{.size = 5, .incoming = {{net.p[0].weights.data(), 4, 5, false}}, .outgoing = {}};
  const auto m = grapes.modulate.of<double>()(weights, g.modulation->at(0));
  for (std::size_t i = 0; i < 20; ++i) EXPECT_NEAR(found[i], plain[i] * m[i % 5], 1e-15);
}

}  // namespace
}  // namespace volley::test
