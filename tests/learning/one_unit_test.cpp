// SPDX-License-Identifier: Apache-2.0
// O7: one soft unit that forgets at once (d = 0) and hears itself learns the exclusive or of the bit at hand and the bit
// before. By traces, by backpropagation and by formulas written out its weights take one way.
#include "nets.h"

namespace volley::test {
namespace {

struct SquaredError {
  static constexpr auto name = "squared_error";
  static constexpr Fidelity fidelity{Origin::ours, Origin::ours, "of this test"};
  struct Parameters {};
  static constexpr std::tuple<> parameters = fields();
  static constexpr Reduction reduce{Reduce::sum, Reduce::sum, Reduce::mean};
  static constexpr auto target = TargetKind::values;
  static constexpr bool likelihood = false, by_tick = true;

  template <class Real>
  static double loss(const Outputs<Real>& y, const Target& t, const Reduction&, const Parameters&, Gradient<Real> dy) {
    double sum = 0.0;
    for (std::size_t k = 0; k < y.ticks; ++k) {
      const Real error = y.at(k)[0] - static_cast<Real>(t.values[k]);
      sum += static_cast<double>(error * error);
      dy.at(k)[0] = 2 * error;
    }
    return sum;
  }
};

constexpr std::array<double, 10> bits{1, 0, 1, 1, 0, 0, 1, 1, 0, 1}, wanted{0, 1, 1, 1, 0, 0, 0, 0, 1, 0};
using Weights = std::array<double, 3>;  // from the input, from itself, bias
constexpr Weights start{0.7, -0.4, -0.2};
constexpr double rate = 0.01;
constexpr int steps = 300;

std::vector<double> learnt(const Credit& credit) {
  std::mt19937 r(1);
  const std::vector<Layer> layers{input(1, true), layer("ssnu", 1, {{"d", 0.0}, {"b", start[2]}})};
  const std::vector<Dense> p{dense(0, 1, 0, {start[0]}), dense(1, 1, 1, {start[1]})};
  Data data(r, {bits.size()}, 1, 1, true);
  data.x[0].assign(bits.begin(), bits.end());
  data.values[0].assign(wanted.begin(), wanted.end());
  const LossModel& loss = detail::loss_model<SquaredError>(__FILE__);
  Trainer<double> t(Network<double>(layers, p),
                    {.layer = 1, .loss = &loss, .parameters = parameters(loss), .reduction = loss.reduce,
                     .credit = credit});
  const std::size_t b = t.network().trained(1, 0).first;
  std::vector<double> way;
  for (int k = 0; k < steps; ++k) {
    t.learn(data.batch<double>());
    for (const std::size_t i : {std::size_t{0}, std::size_t{1}, b}) {
      t.theta()[i] -= rate * t.gradient()[i];
      way.push_back(t.theta()[i]);
    }
  }
  return way;
}

// y = 1 / (1 + exp(-(w x + h y_before + b))), and what each weight does to it.
std::vector<double> written_out() {
  Weights w = start;
  std::vector<double> way;
  for (int k = 0; k < steps; ++k) {
    double y = 0.0;
    Weights e{}, gradient{};
    for (std::size_t t = 0; t < bits.size(); ++t) {
      const Weights own{bits[t], y, 1.0};
      y = 1.0 / (1.0 + std::exp(-(w[0] * bits[t] + w[1] * y + w[2])));
      for (std::size_t i = 0; i < w.size(); ++i) {
        e[i] = y * (1.0 - y) * (own[i] + w[1] * e[i]);
        gradient[i] += 2.0 * (y - wanted[t]) * e[i];
      }
    }
    for (std::size_t i = 0; i < w.size(); ++i) way.push_back(w[i] -= rate * gradient[i]);
  }
  return way;
}

TEST(OneUnit, TakesOneWayByTracesByBackpropagationAndByItsFormulas) {
  const std::vector<double> expected = written_out();
  EXPECT_GT(std::abs(expected.back() - start[2]), 0.1);  // it moves
  EXPECT_LT(largest_error(learnt({.past = Credit::Past::traces}), expected), 1e-12);
  EXPECT_LT(largest_error(learnt({}), expected), 1e-12);
  EXPECT_GT(largest_error(learnt({.past = Credit::Past::traces, .jacobian = Credit::Jacobian::diagonal}), expected),
            1e-3);  // without what it hears of itself the way is another
}

}  // namespace
}  // namespace volley::test
