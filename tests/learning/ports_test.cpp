// SPDX-License-Identifier: Apache-2.0
// Units of several ports: gradients against central differences, and the limits in which they are other units.
#include "nets.h"

namespace volley::test {
namespace {

// Adds a projection into each port of layer `to`.
void to_all_ports(std::mt19937& r, std::vector<Dense>& p, const std::vector<Layer>& layers, std::size_t from,
                  std::size_t to, std::size_t delay) {
  for (std::size_t port = 0; port < layers[to].unit->ports; ++port) {
    p.push_back(dense(from, to, delay, random_numbers(r, layers[from].size * layers[to].size, 0.6)));
    p.back().port = port;
  }
}

// Two recurrent layers of a unit, and a readout.
Trainer<double> recurrent_net(std::mt19937& r, const std::string& unit, const Values& values, const std::string& loss) {
  const auto size = [&r] { return static_cast<std::size_t>(2 + r() % 5); };
  std::vector<Layer> layers{input(size(), r() % 2), layer(unit, size(), values), layer(unit, size(), values),
                            layer("readout", size(), {{"d", 0.4}})};
  std::vector<Dense> p;
  to_all_ports(r, p, layers, 0, 1, 0);
  to_all_ports(r, p, layers, 1, 1, 1);
  to_all_ports(r, p, layers, 1, 2, r() % 2);
  to_all_ports(r, p, layers, 2, 2, 1 + r() % 2);
  p.push_back(dense(2, 3, 0, random_numbers(r, layers[2].size * layers[3].size, 0.6)));
  return {Network<double>(std::move(layers), std::move(p)), goal(loss, 3)};
}

struct Case {
  std::string unit;
  Values values;
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.unit; }
};
class Graded : public testing::TestWithParam<Case> {};

TEST_P(Graded, HasTheGradientOfCentralDifferences) {
  const auto& [unit, values] = GetParam();
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 r(seed);
    Trainer<double> t = recurrent_net(r, unit, values, "sigmoid_cross_entropy");
    const auto& layers = t.network().layers();
    const Data data(r, {6, 3 + seed % 4}, layers[0].size, layers[3].size, layers[0].binary);
    t.learn(data.batch<double>());
    const std::vector<double> exact = t.gradient();
    EXPECT_LT(largest_error(exact, differences(t, data.batch<double>(), 1e-5)), 1e-7) << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(, Graded,
                         testing::Values(Case{"ssnu_a", {{"d", 0.7}, {"beta", 0.8}, {"b", -0.3}, {"train_d", 1}}},
                                         Case{"ssnu_o", {{"d", 0.7}, {"b", -0.3}, {"b_o", 0.2}, {"train_d", 1}}},
                                         Case{"ssnu_o", {{"d", 0.7}, {"b", -0.3}, {"reset_by", 1}}},
                                         Case{"lstm", {}}, Case{"gru", {}}));

// The outputs of one unit of which each port receives numbers of its own, [tick][port].
std::vector<double> outputs(const std::string& unit, const Values& values, const std::vector<double>& x) {
  const std::size_t ports = neuron(unit).unit->ports, ticks = x.size() / ports;
  std::vector<Dense> p;
  for (std::size_t port = 0; port < ports; ++port) {
    std::vector<double> w(ports);
    w[port] = 1.0;
    p.push_back(dense(0, 1, 0, w));
    p.back().port = port;
  }
  const Network<double> net({input(ports, false), layer(unit, 1, values)}, p);
  Trial<double> trial;
  net.prepare(trial, ticks, {ticks});
  std::copy(x.begin(), x.end(), trial.layers[0].y.begin());
  net.forward(net.initial().data(), trial);
  return trial.layers[1].y;
}
std::vector<double> every_second(const std::vector<double>& x) {
  std::vector<double> out;
  for (std::size_t k = 0; k < x.size(); k += 2) out.push_back(x[k]);
  return out;
}
std::vector<double> zeros_between(const std::vector<double>& x) {
  std::vector<double> out;
  for (const double v : x) out.insert(out.end(), {v, 0.0});
  return out;
}

class Limits : public testing::TestWithParam<std::string> {};  // "ssnu" and "snu"

TEST_P(Limits, WithoutItsSynapsesAnAdaptiveUnitIsPlain) {
  std::mt19937 r(3);
  const std::vector<double> x = random_numbers(r, 80, 1.0);
  EXPECT_EQ(outputs(GetParam() + "_a", {{"beta", 0.0}}, x), outputs(GetParam(), {}, every_second(x)));
}

TEST_P(Limits, WithoutMemoryOfItsTraceTheThresholdFollowsItsInput) {
  const std::string unit = GetParam() + "_a";  // d = 0: y = h(x + beta threshold + b)
  std::mt19937 r(4);
  const std::vector<double> x = random_numbers(r, 80, 1.0);
  const std::vector<double> y = outputs(unit, {{"d", 0.0}, {"rho", 0.0}, {"beta", 0.7}}, x);
  for (std::size_t t = 0; t < y.size(); ++t) {
    const double a = x[2 * t] + 0.7 * x[2 * t + 1] - 1.0;
    EXPECT_NEAR(y[t], GetParam() == "snu" ? (a > 0.0 ? 1.0 : 0.0) : 1.0 / (1.0 + std::exp(-a)), 1e-15);
  }
}

TEST_P(Limits, AnOpenGateIsNone) {
  std::mt19937 r(5);
  const std::vector<double> x = random_numbers(r, 40, 1.0);
  EXPECT_THAT(outputs(GetParam() + "_o", {{"b_o", 50.0}}, zeros_between(x)),
              testing::Pointwise(testing::DoubleNear(1e-14), outputs(GetParam(), {}, x)));
}

TEST_P(Limits, AGateWithoutInputHalvesTheOutput) {
  std::mt19937 r(6);
  const std::vector<double> x = random_numbers(r, 40, 1.0);
  std::vector<double> half = outputs(GetParam(), {}, x);
  for (double& y : half) y *= 0.5;
  EXPECT_EQ(outputs(GetParam() + "_o", {}, zeros_between(x)), half);
  EXPECT_NE(outputs(GetParam() + "_o", {{"reset_by", 1}}, zeros_between(x)), half);  // y resets less than h
}

INSTANTIATE_TEST_SUITE_P(, Limits, testing::Values("ssnu", "snu"));

TEST(LifTick, IsAnSnuWhereItHasNeitherCurrentNorAdaptation) {
  std::mt19937 r(7);
  const std::vector<double> x = random_numbers(r, 200, 0.8), y = outputs("lif_tick", {{"d", 0.7}}, x);
  EXPECT_GT(std::count(y.begin(), y.end(), 1.0), 20);
  EXPECT_EQ(y, outputs("snu", {{"d", 0.7}}, x));
}

TEST(LifTick, SubtractsTheThresholdOrDoesNotReset) {
  EXPECT_THAT(outputs("lif_tick", {{"d", 1.0}, {"reset", 1}}, {0.75, 0.75, 0.75, 0.75, 0.75, 0.0}),
              testing::ElementsAre(0, 1, 1, 0, 1, 0));  // v: .75 1.5 1.25 1 1.75 .75
  EXPECT_THAT(outputs("lif_tick", {{"d", 1.0}, {"reset", 2}}, {0.75, 0.75, 0.0, 0.0, -1.0}),
              testing::ElementsAre(0, 1, 1, 1, 0));
}

TEST(LifTick, FiltersItsInputThroughASynapseWithMemory) {
  // After one input of 1: v_t = sum over k of d^(t-k) d_syn^k = (d^(t+1) - d_syn^(t+1)) / (d - d_syn).
  const double d = 0.9, d_syn = 0.6;
  std::vector<double> x(30);
  x[0] = 1.0;
  for (const double threshold : {1.2, 1.4, 1.6}) {
    const std::vector<double> y =
        outputs("lif_tick", {{"d", d}, {"d_syn", d_syn}, {"V_th", threshold}, {"reset", 2}}, x);
    for (std::size_t t = 0; t < y.size(); ++t) {
      const double n = static_cast<double>(t + 1), v = (std::pow(d, n) - std::pow(d_syn, n)) / (d - d_syn);
      EXPECT_EQ(y[t], v > threshold ? 1.0 : 0.0) << t;
    }
  }
}

TEST(LifTick, AdaptsItsThreshold) {
  // Driven far above threshold it fires until the trace, a geometric sum of its spikes, holds it.
  const double rho = 0.9, beta = 1.0, I = 4.0;
  const std::vector<double> y =
      outputs("lif_tick", {{"d", 0.0}, {"rho", rho}, {"beta", beta}}, std::vector<double>(40, I));
  double a = 0.0, before = 0.0;
  for (std::size_t t = 0; t < y.size(); ++t) {
    a = rho * a + before;
    before = I > 1.0 + beta * a ? 1.0 : 0.0;
    EXPECT_EQ(y[t], before) << t;
  }
  EXPECT_EQ(std::count(y.begin(), y.begin() + 3, 1.0), 3);
  EXPECT_LT(std::count(y.begin(), y.end(), 1.0), 25);
}

}  // namespace
}  // namespace volley::test
