// SPDX-License-Identifier: Apache-2.0
// The gradient of units with steps against that of a graph of its own, in which a step's slope is the surrogate's.
#include "nets.h"
#include "tape.h"

#include <functional>

namespace volley::test {
namespace {

// A number of the graph, with the arithmetic that the equations need.
struct Var {
  Tape* tape;
  std::size_t k;
  friend Var operator+(Var a, Var b) { return {a.tape, a.tape->add(a.k, b.k)}; }
  friend Var operator*(Var a, Var b) { return {a.tape, a.tape->times(a.k, b.k)}; }
  friend Var operator*(double a, Var b) { return {b.tape, b.tape->apply(b.k, a * b.tape->at(b.k), a)}; }
  friend Var operator-(Var a, Var b) { return a + -1.0 * b; }
};
Var one_minus(Var a) { return {a.tape, a.tape->one_minus(a.k)}; }
Var fire(Var a) {
  const double u = a.tape->at(a.k), h = std::tanh(u);
  return {a.tape, a.tape->apply(a.k, u > 0.0 ? 1.0 : 0.0, 1.0 - h * h)};
}
Var sigmoid(Var a) {
  const double y = 1.0 / (1.0 + std::exp(-a.tape->at(a.k)));
  return {a.tape, a.tape->apply(a.k, y, y * (1.0 - y))};
}

using Vars = std::vector<Var>;
struct Case {
  std::string unit;
  Values values;
  std::function<Var(Vars& state, const Vars& in, const Vars& w)> tick;
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.unit; }
};

class Spiking : public testing::TestWithParam<Case> {};

// One recurrent layer into all ports, two lanes of unequal lengths, the mean squared error of rates.
TEST_P(Spiking, HasTheGradientOfItsEquations) {
  const Case& c = GetParam();
  const UnitModel& unit = *neuron(c.unit).unit;
  std::mt19937 r(17);
  const std::size_t m = 4, n = 5, T[] = {14, 9};
  std::vector<Dense> p;
  for (std::size_t port = 0; port < unit.ports; ++port) {
    p.push_back(dense(0, 1, 0, random_numbers(r, m * n, 0.9)));
    p.push_back(dense(1, 1, 1, random_numbers(r, n * n, 0.5)));
    p[2 * port].port = p[2 * port + 1].port = port;
  }
  Trainer<double> t(Network<double>({input(m, true), layer(c.unit, n, c.values)}, p), goal("mse_rate", 1));
  const Data data(r, {T[0], T[1]}, m, n, true);
  t.learn(data.batch<double>());

  Tape g;
  const auto number = [&g](double x) { return Var{&g, g.number(x)}; };
  Vars theta;
  for (const double x : t.theta()) theta.push_back(number(x));
  std::size_t fired = 0;
  for (std::size_t lane = 0; lane < 2; ++lane) {
    std::vector<Vars> state(n, Vars(unit.states, number(0.0)));
    Vars y(n, number(0.0)), rate = y;
    for (std::size_t k = 0; k < T[lane]; ++k) {
      Vars now;
      for (std::size_t j = 0; j < n; ++j) {
        Vars in, w;
        for (std::size_t port = 0; port < unit.ports; ++port) {
          Var z = number(0.0);
          for (std::size_t i = 0; i < m; ++i)
            z = z + data.x[lane][k * m + i] * theta[t.network().weights(2 * port).first + i * n + j];
          for (std::size_t i = 0; i < n; ++i)
            z = z + theta[t.network().weights(2 * port + 1).first + i * n + j] * y[i];
          in.push_back(z);
        }
        for (std::size_t v = 0; v < unit.trained.size(); ++v) w.push_back(theta[t.network().trained(1, v).first + j]);
        now.push_back(c.tick(state[j], in, w));
        fired += g.at(now.back().k) > 0.0;
        rate[j] = rate[j] + now.back();
      }
      y = now;
    }
    const double ticks = static_cast<double>(T[lane]);
    for (std::size_t j = 0; j < n; ++j) {
      const double error = g.at(rate[j].k) / ticks - (j == data.labels[lane] ? 1.0 : 0.0);
      g.seed(rate[j].k, error / ticks / static_cast<double>(n));  // 2 error, mean over outputs and two lanes
    }
  }
  g.back();
  std::vector<double> expected;
  for (const Var& x : theta) expected.push_back(g.gradient(x.k));
  EXPECT_GT(fired, 10u);
  EXPECT_LT(largest_error(t.gradient(), expected), 1e-10);
}

Var snu_a(Vars& s, const Vars& in, const Vars& w) {  // s, a, y; b, d
  s[0] = in[0] + w[1] * s[0] * one_minus(s[2]);
  s[1] = 0.8 * s[1] + 0.2 * in[1];
  return s[2] = fire(s[0] + 0.9 * s[1] + w[0]);
}
Var snu_o(Vars& s, const Vars& in, const Vars& w) {  // s, r; b, b_o, d
  s[0] = in[0] + w[2] * s[0] * one_minus(s[1]);
  s[1] = fire(s[0] + w[0]);
  return s[1] * sigmoid(in[1] + w[1]);
}
Var snu_o_by_output(Vars& s, const Vars& in, const Vars& w) { return s[1] = snu_o(s, in, w); }
template <int reset>
Var lif_tick(Vars& s, const Vars& in, const Vars& w) {  // i, v, a, y; d, d_syn, V_th
  s[0] = w[1] * s[0] + in[0];
  s[1] = w[0] * s[1];
  if (reset == 0) s[1] = s[1] * one_minus(s[3]);
  if (reset == 1) s[1] = s[1] - w[2] * s[3];
  s[1] = s[1] + s[0];
  s[2] = 0.7 * s[2] + s[3];
  return s[3] = fire(s[1] - w[2] - 0.3 * s[2]);
}

const Values lif{{"d", 0.8}, {"d_syn", 0.5}, {"V_th", 0.6}, {"rho", 0.7}, {"beta", 0.3}, {"train_d", 1},
                 {"train_threshold", 1}};
Values with(Values v, const std::string& name, double x) {
  v[name] = x;
  return v;
}
INSTANTIATE_TEST_SUITE_P(, Spiking,
                         testing::Values(Case{"snu_a", {{"d", 0.8}, {"rho", 0.8}, {"beta", 0.9}, {"b", -0.4},
                                                        {"train_d", 1}}, snu_a},
                                         Case{"snu_o", {{"d", 0.8}, {"b", -0.4}, {"train_d", 1}}, snu_o},
                                         Case{"snu_o", {{"d", 0.8}, {"b", -0.4}, {"reset_by", 1}}, snu_o_by_output},
                                         Case{"lif_tick", lif, lif_tick<0>},
                                         Case{"lif_tick", with(lif, "reset", 1), lif_tick<1>},
                                         Case{"lif_tick", with(lif, "reset", 2), lif_tick<2>}));

}  // namespace
}  // namespace volley::test
