// SPDX-License-Identifier: Apache-2.0
// Products of matrices, losses and optimisers by themselves.
#include "nets.h"

#include <learning/orthogonal.h>
#include <network/schedule.h>

namespace volley::test {
namespace {

template <class Real>
void check_product(std::size_t rows, std::size_t inner, std::size_t columns, bool transposed) {
  std::mt19937 r(static_cast<unsigned>(rows * 100 + inner * 10 + columns));
  const auto draw = [&](std::size_t n) {
    const auto x = random_numbers(r, n, 1.0);
    return std::vector<Real>(x.begin(), x.end());
  };
  const std::vector<Real> a = draw(rows * inner), b = draw(inner * columns);
  std::vector<Real> c = draw(rows * (columns + 3)), expected = c;
  const learning::Shape s{rows, inner, columns, transposed ? 1 : inner, transposed ? rows : 1, columns, columns + 3};
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j)
      for (std::size_t k = 0; k < inner; ++k)
        expected[i * s.c_row + j] += a[i * s.a_row + k * s.a_inner] * b[k * columns + j];
  learning::multiply_add(s, a.data(), b.data(), c.data());
  EXPECT_LT(largest_error(c, expected), sizeof(Real) == 4 ? 2e-6 : 1e-14) << rows << ' ' << inner << ' ' << columns;
}

TEST(Matrix, MultipliesAllShapes) {
  for (const std::size_t rows : {1, 3, 4, 9})
    for (const std::size_t inner : {1, 7, 33})
      for (const std::size_t columns : {1, 2, 5, 10, 16, 37, 88, 150})
        for (const bool transposed : {false, true}) {
          check_product<float>(rows, inner, columns, transposed);
          check_product<double>(rows, inner, columns, transposed);
        }
}

TEST(Matrix, AddsRowsOfOnes) {
  std::mt19937 r(1);
  for (const std::size_t columns : {1, 10, 37, 150, 300}) {
    std::vector<double> x(6 * 11);
    for (double& v : x) v = r() % 3 == 0 ? 1.0 : 0.0;
    learning::Ones by_row, by_column;
    learning::find_ones(x.data(), 6, 11, by_row);
    learning::transpose(by_row, 11, by_column);
    const auto w = random_numbers(r, 11 * columns, 1.0), dz = random_numbers(r, 6 * columns, 1.0);
    std::vector<double> z(6 * columns), g(11 * columns), z_slow = z, g_slow = g;
    for (std::size_t i = 0; i < 6; ++i) learning::add_rows(by_row.list(i), columns, columns, w.data(), &z[i * columns]);
    for (std::size_t k = 0; k < 11; ++k)
      learning::add_rows(by_column.list(k), columns, columns, dz.data(), &g[k * columns]);
    for (std::size_t i = 0; i < 6; ++i)
      for (std::size_t k = 0; k < 11; ++k)
        for (std::size_t j = 0; j < columns; ++j) {
          z_slow[i * columns + j] += x[i * 11 + k] * w[k * columns + j];
          g_slow[k * columns + j] += x[i * 11 + k] * dz[i * columns + j];
        }
    EXPECT_LT(largest_error(z, z_slow), 1e-14);
    EXPECT_LT(largest_error(g, g_slow), 1e-14);
  }
}

TEST(Weights, AreOrthogonalOnTheShorterSide) {
  std::mt19937 r(2);
  for (const auto& [rows, columns] : {std::pair<std::size_t, std::size_t>{5, 9}, {9, 5}, {6, 6}}) {
    std::vector<double> w = random_numbers(r, rows * columns, 1.0);
    learning::make_orthogonal(w, rows, columns, 1.5);
    for (std::size_t a = 0; a < std::min(rows, columns); ++a)
      for (std::size_t b = 0; b <= a; ++b) {
        double product = 0.0;
        for (std::size_t k = 0; k < std::max(rows, columns); ++k)
          product += rows <= columns ? w[a * columns + k] * w[b * columns + k]
                                     : w[k * columns + a] * w[k * columns + b];
        EXPECT_NEAR(product, a == b ? 2.25 : 0.0, 1e-14);
      }
  }
}

TEST(Schedules, FollowTheirFormulas) {
  using Kind = Schedule::Kind;
  EXPECT_EQ(Schedule{}.at(7), 1.0);
  const Schedule step{.kind = Kind::step, .factor = 0.5, .epochs = 2};
  EXPECT_EQ(step.at(2), 1.0);
  EXPECT_EQ(step.at(3), 0.5);
  EXPECT_EQ(step.at(5), 0.25);
  const Schedule exponential{.kind = Kind::exponential, .factor = 0.9, .warm_up = 3};
  EXPECT_EQ(exponential.at(1), 0.25);
  EXPECT_EQ(exponential.at(3), 0.75);
  EXPECT_EQ(exponential.at(4), 1.0);
  EXPECT_NEAR(exponential.at(6), 0.81, 1e-15);
  const Schedule cosine{.kind = Kind::cosine, .epochs = 4, .floor = 0.1};
  EXPECT_EQ(cosine.at(1), 1.0);
  EXPECT_NEAR(cosine.at(3), 0.55, 1e-15);
  EXPECT_NEAR(cosine.at(5), 0.1, 1e-15);
  EXPECT_NEAR(cosine.at(50), 0.1, 1e-15);
}

TEST(Losses, HaveTheDerivativesOfDifferences) {
  std::mt19937 r(7);
  const std::size_t ticks = 5, size = 4, row = 6;
  for (const Model* m : all_models(ModelKind::loss))
    for (const Reduce outputs : {Reduce::sum, Reduce::mean})
      for (const Reduce over_ticks : {Reduce::sum, Reduce::mean, Reduce::last}) {
        const auto& loss = static_cast<const LossModel&>(*m);
        const auto p = parameters(*m);
        const Reduction reduction{outputs, over_ticks, Reduce::mean};
        std::vector<double> y = random_numbers(r, ticks * row, 1.0), dy(ticks * row);
        std::vector<float> values;
        for (std::size_t k = 0; k < ticks * size; ++k) values.push_back(static_cast<float>(r() % 2));
        const Target target{2, values.data()};
        const auto value = [&](double* gradient) {
          return loss.functions.of<double>().loss(p->at(0), {y.data(), ticks, size, row}, target, reduction,
                                               {gradient, row});
        };
        value(dy.data());
        for (std::size_t i = 0; i < y.size(); ++i) {
          std::vector<double> ignored(ticks * row);
          const double kept = y[i];
          y[i] = kept + 1e-6;
          const double up = value(ignored.data());
          y[i] = kept - 1e-6;
          const double down = value(ignored.data());
          y[i] = kept;
          EXPECT_NEAR(dy[i], (up - down) / 2e-6, 1e-8) << m->name << ' ' << i;
        }
      }
}

TEST(Losses, HaveTheValuesOfTheirFormulas) {
  const std::vector<double> y{0.0, 1.0, 1.0, 1.0};  // two ticks of two outputs
  const std::vector<float> values{1, 0, 0, 1};
  std::vector<double> dy(4);
  const auto value = [&](const char* name) {
    const auto& m = static_cast<const LossModel&>(find_model(ModelKind::loss, name));
    return m.functions.of<double>().loss(parameters(m)->at(0), {y.data(), 2, 2, 2}, {0, values.data()}, m.reduce,
                                      {dy.data(), 2});
  };
  EXPECT_NEAR(value("mse_rate"), (0.25 + 1.0) / 2.0, 1e-15);
  EXPECT_NEAR(value("spike_count"), 0.5 * (81.0 + 4.0), 1e-15);  // counts 1 and 2, wanted 10 and 0
  EXPECT_NEAR(value("softmax_cross_entropy"), std::log(1.0 + std::exp(1.0)) + std::log(2.0), 1e-15);
  EXPECT_NEAR(value("sigmoid_cross_entropy"), std::log(2.0) + 3.0 * std::log(1.0 + std::exp(1.0)) - 1.0, 1e-14);
}

// Two numbers, the second of them not trained, through steps with given gradients.
std::vector<double> path(const char* name, const Values& values, const std::vector<double>& gradients,
                         std::optional<double> clip = {}) {
  const auto& m = static_cast<const OptimiserModel&>(find_model(ModelKind::optimiser, name));
  learning::Optimiser<double> o(m, parameters(m, values), {{0, 1, true}, {1, 1, false}}, 2, clip);
  std::vector<double> theta{1.0, 5.0}, out;
  for (const double g : gradients) {
    o.step({g, 100.0}, theta);
    out.push_back(theta[0]);
    EXPECT_EQ(theta[1], 5.0);
  }
  return out;
}

TEST(Optimisers, FollowTheirFormulas) {
  using testing::DoubleNear;
  using testing::Pointwise;
  EXPECT_THAT(path("sgd", {{"rate", 0.1}}, {1.0, -2.0}), Pointwise(DoubleNear(1e-15), {0.9, 1.1}));
  EXPECT_THAT(path("momentum", {{"rate", 0.1}, {"beta", 0.5}}, {1.0, 1.0, 0.0}),
              Pointwise(DoubleNear(1e-15), {0.9, 0.75, 0.675}));
  EXPECT_THAT(path("momentum", {{"rate", 0.1}, {"beta", 0.5}, {"nesterov", 1}}, {1.0, 1.0}),
              Pointwise(DoubleNear(1e-15), {0.85, 0.675}));
  EXPECT_THAT(path("rmsprop", {{"rate", 0.1}, {"beta", 0.75}}, {2.0}), Pointwise(DoubleNear(1e-8), {1.0 - 0.1 * 2.0}));
  // A constant gradient: Adam's steps are of size `rate`.
  EXPECT_THAT(path("adam", {{"rate", 0.1}}, {3.0, 3.0, 3.0}), Pointwise(DoubleNear(1e-8), {0.9, 0.8, 0.7}));
  const double m = (0.9 * 0.1 * 1.0 + 0.1 * -2.0) / (1 - 0.81),
               v = (0.999 * 0.001 * 1.0 + 0.001 * 4.0) / (1 - 0.999 * 0.999);
  EXPECT_NEAR(path("adam", {{"rate", 0.1}}, {1.0, -2.0})[1], 0.9 - 0.1 * m / (std::sqrt(v) + 1e-8), 1e-9);
}

TEST(Optimisers, DecayWeightsBesideTheStep) {
  // Steps of size `rate`, and w loses rate * decay of itself in each.
  EXPECT_THAT(path("adamw", {{"rate", 0.1}, {"decay", 0.5}}, {3.0, 3.0}),
              testing::Pointwise(testing::DoubleNear(1e-8), {0.95 - 0.1, 0.95 * 0.85 - 0.1}));
}

TEST(Optimisers, ScaleTheirRate) {
  const auto& m = static_cast<const OptimiserModel&>(find_model(ModelKind::optimiser, "sgd"));
  learning::Optimiser<double> o(m, parameters(m, {{"rate", 0.1}}), {{0, 1, true}}, 1, {});
  std::vector<double> theta{1.0};
  o.scale_rate(0.5);
  o.scale_rate(0.5);  // of the parameters' rate, not of the last
  o.step({1.0}, theta);
  EXPECT_NEAR(theta[0], 0.95, 1e-15);
}

TEST(Optimisers, ClipTheNormOfWhatIsTrained) {
  EXPECT_NEAR(path("sgd", {{"rate", 0.1}}, {4.0}, 0.5)[0], 0.95, 1e-15);
  EXPECT_NEAR(path("sgd", {{"rate", 0.1}}, {0.4}, 0.5)[0], 0.96, 1e-15);
}

TEST(Optimisers, LeaveTheLastFiniteNumbers) {
  const auto& m = static_cast<const OptimiserModel&>(find_model(ModelKind::optimiser, "sgd"));
  learning::Optimiser<float> o(m, parameters(m, {{"rate", 1e30}}), {{0, 1, true}}, 1, {});
  std::vector<float> theta{1.0f};
  EXPECT_FALSE(std::isfinite(o.step({1e20f}, theta)));
  EXPECT_EQ(theta[0], 1.0f);
  EXPECT_FALSE(std::isfinite(o.step({std::nanf("")}, theta)));
  EXPECT_EQ(theta[0], 1.0f);
}

}  // namespace
}  // namespace volley::test
