// SPDX-License-Identifier: Apache-2.0
// Convolutions and pools against a slow loop over all pairs of pixels, against the dense projection that has their
// weights written out, and against central differences.
#include "nets.h"

#include <learning/feedback.h>
#include <network/error.h>
#include <network/parallel.h>

namespace volley::test {
namespace {

using learning::Feedback;
using learning::MapKind;
using learning::Modulation;

// Some kernel, stride and padding that fit, of sides that differ.
Patches random_patches(std::mt19937& r, LayerShape from, std::size_t channels) {
  const auto side = [&](std::size_t n) {
    const std::size_t padding = r() % 3, kernel = 1 + r() % std::min<std::size_t>(n + 2 * padding, 4);
    return Side{n, kernel, 1 + r() % 3, padding};
  };
  return {from, channels, side(from.height), side(from.width)};
}

// Calls f(source, target, weight) for every pair of units that patches connect, by the definition.
template <class Function>
void for_each_pair(const Patches& p, bool pool, const Function& f) {
  const auto [channels, height, width] = p.to();
  for (std::size_t out = 0; out < channels; ++out)
    for (std::size_t in = 0; in < p.from.channels; ++in)
      for (std::size_t oy = 0; oy < height; ++oy)
        for (std::size_t ox = 0; ox < width; ++ox)
          for (std::size_t ky = 0; ky < p.down.kernel; ++ky)
            for (std::size_t kx = 0; kx < p.across.kernel; ++kx) {
              const int y = int(oy * p.down.stride + ky) - int(p.down.padding);
              const int x = int(ox * p.across.stride + kx) - int(p.across.padding);
              if (y < 0 || x < 0 || y >= int(p.from.height) || x >= int(p.from.width) || (pool && in != out)) continue;
              f((in * p.from.height + std::size_t(y)) * p.from.width + std::size_t(x),
                (out * height + oy) * width + ox,
                ((out * p.from.channels + in) * p.down.kernel + ky) * p.across.kernel + kx);
            }
}

Dense convolution(std::mt19937& r, std::size_t from, std::size_t to, std::size_t delay, const Patches& p) {
  Dense d = dense(from, to, delay, random_numbers(r, p.channels * p.places(), 0.5));
  d.kind.patches = p;
  return d;
}
Dense pool(std::size_t from, std::size_t to, const Patches& p) {
  Dense d = dense(from, to, 0, {});
  d.kind = {.patches = p, .pooled = 1.0 / static_cast<double>(p.kernel())};
  return d;
}

// The same as a matrix; a pool's does not learn.
std::vector<double> written_out(const Dense& d, const std::vector<double>& weights) {
  const Patches& p = *d.kind.patches;
  std::vector<double> out(p.from.size() * p.to().size());
  for_each_pair(p, d.kind.pool(), [&](std::size_t i, std::size_t j, std::size_t w) {
    out[i * p.to().size() + j] = d.kind.pool() ? d.kind.pooled : weights[w];
  });
  return out;
}
std::vector<Dense> written_out(std::vector<Dense> all) {
  for (Dense& d : all) {
    if (!d.kind.patches) continue;
    d.weights = written_out(d, d.weights);
    d.trains = d.trains && !d.kind.pool();
    d.kind = {};
  }
  return all;
}
// The gradient that shared weights have, from that of the matrices.
std::vector<double> gathered(const Network<double>& net, const Network<double>& matrices,
                             const std::vector<double>& gradient) {
  std::vector<double> out(net.size());
  const std::vector<Part> to = net.parts(), from = matrices.parts();
  for (std::size_t k = 0; k < to.size(); ++k) {
    const MapKind kind = k < net.projections().size() ? net.projections()[k].kind : MapKind{};
    if (kind.pool()) continue;
    if (kind.patches)
      for_each_pair(*kind.patches, false, [&](std::size_t i, std::size_t j, std::size_t w) {
        out[to[k].first + w] += gradient[from[k].first + i * kind.patches->to().size() + j];
      });
    else
      for (std::size_t i = 0; i < to[k].count; ++i) out[to[k].first + i] = gradient[from[k].first + i];
  }
  return out;
}

// image - conv -> 1 - pool -> 2 - conv -> 3 -> readout; perhaps 1 hears itself by a convolution, and 3 the image.
struct Net {
  std::vector<Layer> layers;
  std::vector<Dense> p;

  Net(std::mt19937& r, bool binary, const std::string& unit, bool itself = true) {
    const auto size = [&](std::size_t least) { return least + r() % 4; };
    const Patches a = random_patches(r, {1 + r() % 3, size(4), size(5)}, 1 + r() % 3);
    const Patches b = random_patches(r, a.to(), a.to().channels), c = random_patches(r, b.to(), 1 + r() % 4);
    const Values v = unit == "ssnu" ? Values{{"d", 0.5}, {"b", -0.3}, {"train_d", 1}} : Values{{"b", -0.3}};
    layers = {input(a.from.size(), binary), layer(unit, a.to().size(), v), layer("ssnu", b.to().size(), v),
              layer(unit, c.to().size(), v), layer("readout", 3)};
    p = {convolution(r, 0, 1, 0, a), pool(1, 2, b), convolution(r, 2, 3, r() % 3, c),
         dense(3, 4, 0, random_numbers(r, c.to().size() * 3, 0.4))};
    if (itself) p.push_back(convolution(r, 1, 1, 1, {a.to(), a.channels, {a.to().height, 3, 1, 1},
                                                     {a.to().width, 5, 1, 2}}));
    p.push_back(dense(0, 3, 1, random_numbers(r, a.from.size() * c.to().size(), 0.2)));
  }
  Trainer<double> trainer(const Credit& credit = {}, std::size_t window = 0, bool matrices = false) const {
    Goal g = goal("softmax_cross_entropy", 4);
    g.credit = credit;
    g.window = window;
    return Trainer<double>(Network<double>(layers, matrices ? written_out(p) : p), g);
  }
  Data data(std::mt19937& r, bool binary) const { return Data(r, {7, 4}, layers[0].size, 3, binary); }
};

TEST(Convolution, IsItsDefinition) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 r(seed);
    const Patches p = random_patches(r, {1 + r() % 4, 1 + r() % 9, 1 + r() % 9}, 1 + r() % 5);
    Patches each = p;
    each.channels = p.from.channels;
    const bool binary = seed % 2;
    const std::vector<Dense> d{convolution(r, 0, 1, 0, p), pool(0, 2, each)};
    const Network<double> net({input(p.from.size(), binary), layer("readout", p.to().size()),
                               layer("readout", each.to().size())}, d);
    Trial<double> trial;
    net.prepare(trial, 3, {3, 3});
    trial.layers[0].y = random_numbers(r, trial.layers[0].y.size(), 1.0);
    if (binary)
      for (double& y : trial.layers[0].y) y = y > 0.5;
    net.forward(net.initial().data(), trial);
    for (std::size_t k = 0; k < 2; ++k) {
      const std::size_t n = p.from.size(), m = d[k].kind.patches->to().size();
      const std::vector<double> w = written_out(d[k], d[k].weights);
      for (std::size_t row = 0; row < 6; ++row)
        for (std::size_t j = 0; j < m; ++j) {
          double sum = 0.0;
          for (std::size_t i = 0; i < n; ++i) sum += trial.layers[0].y[row * n + i] * w[i * m + j];
          ASSERT_NEAR(trial.layers[k + 1].in[row * m + j], sum, 1e-12) << seed;
        }
    }
  }
}

TEST(Convolution, CountsItsSynapses) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    std::mt19937 r(seed);
    const Patches p = random_patches(r, {2, 1 + r() % 9, 1 + r() % 9}, 3);
    std::size_t count = 0;
    std::vector<std::size_t> of(p.from.size());
    for_each_pair(p, false, [&](std::size_t i, std::size_t, std::size_t) { ++count, ++of[i]; });
    EXPECT_EQ(MapKind{.patches = p}.synapses(0, 0), count) << seed;
    for (std::size_t i = 0; i < of.size(); ++i)
      EXPECT_EQ(p.over(i % p.from.pixels() / p.from.width, i % p.from.width) * p.channels, of[i]) << seed;
  }
}

TEST(Convolution, HasTheGradientOfCentralDifferences) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 r(seed);
    const bool binary = seed % 2;
    const Net net(r, binary, "ssnu", seed % 3 != 0);
    Trainer<double> t = net.trainer();
    const Data data = net.data(r, binary);
    t.learn(data.batch<double>());
    const std::vector<double> exact = t.gradient();
    const double error = std::min(largest_error(exact, differences(t, data.batch<double>(), 1e-5)),
                                  largest_error(exact, differences(t, data.batch<double>(), 3e-6)));
    EXPECT_LT(error, 1e-7) << seed;
  }
}

// Of spiking layers too, whose outputs are added only where there are any.
TEST(Convolution, LearnsAsItsMatrixDoes) {
  for (unsigned seed = 0; seed < 30; ++seed) {
    std::mt19937 r(seed);
    const Net net(r, seed % 2, seed % 3 ? "snu" : "ssnu", seed % 5 != 0);
    const Data data = net.data(r, seed % 2);
    for (const std::size_t window : {0, 7, 3}) {
      Trainer<double> own = net.trainer({}, window), matrix = net.trainer({}, window, true);
      EXPECT_LT(largest_error(own.learn(data.batch<double>()), matrix.learn(data.batch<double>())), 1e-12);
      EXPECT_LT(largest_error(own.gradient(), gathered(own.network(), matrix.network(), matrix.gradient())), 1e-11)
          << seed << " " << window;
    }
    const Credit direct{.route = Credit::Route::direct, .carrier = Credit::Carrier::random};
    Trainer<double> own = net.trainer(direct), matrix = net.trainer(direct, 0, true);
    own.learn(data.batch<double>());
    matrix.learn(data.batch<double>());
    EXPECT_LT(largest_error(own.gradient(), gathered(own.network(), matrix.network(), matrix.gradient())), 1e-11)
        << seed;
  }
}

TEST(Convolution, OfTheWholeImageIsDense) {
  std::mt19937 r(4);
  const LayerShape image{2, 5, 6};
  const Patches whole{image, 7, {5, 5, 1, 0}, {6, 6, 1, 0}};
  const Dense c = convolution(r, 0, 1, 0, whole);
  Dense d = dense(0, 1, 0, {});
  for (std::size_t i = 0; i < 60; ++i)
    for (std::size_t j = 0; j < 7; ++j) d.weights.push_back(c.weights[j * 60 + i]);
  const Dense out = dense(1, 2, 0, random_numbers(r, 21, 0.5));
  const auto make = [&](const Dense& first) {
    return Trainer<double>(Network<double>({input(60, true), layer("snu", 7), layer("readout", 3)}, {first, out}),
                           goal("softmax_cross_entropy", 2));
  };
  Trainer<double> a = make(c), b = make(d);
  const Data data(r, {9, 12, 5}, 60, 3, true);
  EXPECT_LT(largest_error(a.learn(data.batch<double>()), b.learn(data.batch<double>())), 1e-13);
  for (std::size_t i = 0; i < 60; ++i)
    for (std::size_t j = 0; j < 7; ++j) EXPECT_NEAR(a.gradient()[j * 60 + i], b.gradient()[i * 7 + j], 1e-13);
}

TEST(Convolution, SendsErrorsBackThroughRandomKernels) {
  for (unsigned seed = 0; seed < 10; ++seed) {
    std::mt19937 r(seed);
    const Net net(r, true, "ssnu", false);
    const Credit credit{.carrier = Credit::Carrier::random};
    const Network<double> own(net.layers, net.p), matrices(net.layers, written_out(net.p));
    Feedback<double> f(own, credit, 1, 4, Modulation<double>(nullptr, nullptr, own.parts(), 4));
    std::vector<double> theta = own.initial();
    f.begin(own, theta.data());
    const auto& kernel = f.weights()[2];
    EXPECT_EQ(kernel.size(), net.p[2].weights.size());
    EXPECT_NE(kernel, net.p[2].weights);
    for (const double x : kernel)
      EXPECT_LE(std::abs(x), std::sqrt(6.0 / static_cast<double>(net.p[2].kind.patches->places())));
    Network<double>::Transposed back(net.p.size());
    for (std::size_t k : {1u, 2u, 3u}) {
      const std::size_t n = net.layers[net.p[k].from].size, m = net.layers[net.p[k].to].size;
      if (k == 3) {
        back[k] = f.weights()[k];
        continue;
      }
      const std::vector<double> w = written_out(net.p[k], f.weights()[k]);
      for (std::size_t j = 0; j < m; ++j)
        for (std::size_t i = 0; i < n; ++i) back[k].push_back(w[i * m + j]);
    }
    const auto gradient = [&](const Network<double>& n, const Network<double>::Transposed& through) {
      std::mt19937 same(7);
      Trial<double> trial;
      n.prepare(trial, 5, {5, 3});
      trial.layers[0].y = random_numbers(same, trial.layers[0].y.size(), 1.0);
      for (double& y : trial.layers[0].y) y = y > 0.3;
      const std::vector<double> start = n.initial();
      n.forward(start.data(), trial);
      trial.layers[4].dy = random_numbers(same, trial.layers[4].dy.size(), 1.0);
      std::vector<double> g(n.size());
      n.backward(start.data(), through, trial, g.data());
      return g;
    };
    EXPECT_LT(largest_error(gradient(own, f.weights()), gathered(own, matrices, gradient(matrices, back))), 1e-12);
  }
}

TEST(Convolution, ThatDoesNotLearnStandsBelowTraces) {
  std::mt19937 r(3);
  Net net(r, true, "snu", false);
  const Data data = net.data(r, true);
  const Credit traces{.past = Credit::Past::traces};
  const Network<double> all(net.layers, net.p);
  EXPECT_THROW(learning::plan_traces(all, all.parts(), Credit::Jacobian::automatic), InputError);
  for (Dense& d : net.p)
    if (d.kind.patches) d.trains = false;
  Trainer<double> own = net.trainer(traces), matrix = net.trainer(traces, 0, true);
  own.learn(data.batch<double>());
  matrix.learn(data.batch<double>());
  const std::vector<double> expected = gathered(own.network(), matrix.network(), matrix.gradient());
  EXPECT_LT(largest_error(own.gradient(), expected), 1e-11);
  EXPECT_GT(largest_error(own.gradient(), std::vector<double>(expected.size())), 0.0);
}

TEST(Convolution, SharesWeightsWithAnother) {
  std::mt19937 r(6);
  Net net(r, true, "ssnu");
  net.layers.insert(net.layers.begin() + 1, net.layers[1]);  // 1 and 2 see the image with the same kernels
  for (Dense& d : net.p) {
    d.from += d.from > 0;
    d.to += 1;
  }
  Dense second = net.p[0];
  second.to = 1;
  second.tied = 0;
  const Patches& a = *second.kind.patches;
  net.p.push_back(second);
  net.p.push_back(dense(1, 5, 1, random_numbers(r, a.to().size() * 3, 0.3)));
  Trainer<double> t(Network<double>(net.layers, net.p), goal("softmax_cross_entropy", 5));
  const Data data = net.data(r, true);
  const Batch<double> b = data.batch<double>();
  t.learn(b);
  const std::vector<double> exact = t.gradient();
  const std::vector<double> found = differences(t, 1e-5, [&] {
    t.network().tie(t.theta().data());
    return t.evaluate(b);
  });
  const Part shared = t.network().weights(0);
  for (std::size_t i = 0; i < shared.count; ++i) EXPECT_NEAR(exact[shared.first + i], found[shared.first + i], 1e-7);
}

TEST(Convolution, HasTheSameBitsOnAnyNumberOfThreads) {
  const auto run = [](unsigned threads) {
    std::mt19937 r(9);
    const Patches a{{1, 8, 8}, 6, {8, 3, 1, 1}, {8, 3, 1, 1}}, b{{6, 8, 8}, 6, {8, 2, 2, 0}, {8, 2, 2, 0}},
        c{{6, 4, 4}, 8, {4, 3, 1, 1}, {4, 3, 1, 1}};
    Trainer<float> t(
        Network<float>({input(64, true), layer("snu", 384), layer("ssnu", 96), layer("snu", 128), layer("readout", 10)},
                       {convolution(r, 0, 1, 0, a), pool(1, 2, b), convolution(r, 2, 3, 0, c),
                        dense(3, 4, 0, random_numbers(r, 1280, 0.2))}),
        goal("softmax_cross_entropy", 4));
    std::vector<std::size_t> lengths;
    for (int k = 0; k < 37; ++k) lengths.push_back(3 + r() % 9);
    const Data data(r, lengths, 64, 10, true);
    Workers(threads).run([&] { t.learn(data.batch<float>()); });
    return t.gradient();
  };
  const auto one = run(1);
  EXPECT_EQ(run(2), one);
  EXPECT_EQ(run(8), one);
  EXPECT_GT(std::count_if(one.begin(), one.end(), [](float x) { return x != 0.0f; }), 1000);
}

}  // namespace
}  // namespace volley::test
