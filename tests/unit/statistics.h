// SPDX-License-Identifier: Apache-2.0
// Samples against distributions, in standard deviations. Seeds are fixed: a failure is a change of what is drawn.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace volley::test {

constexpr double sigmas = 4.5;  // a correct build is beyond them once in 10^5 fresh seeds

// The Kolmogorov-Smirnov distance to a continuous distribution function, times sqrt(n).
template <class F>
double kolmogorov(std::vector<double> x, F cdf) {
  std::ranges::sort(x);
  const double n = static_cast<double>(x.size());
  double d = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double p = cdf(x[i]);
    d = std::max({d, p - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - p});
  }
  return d * std::sqrt(n);
}
constexpr double kolmogorov_limit = 2.47;  // exceeded with probability 1e-5

// Chi-square with `freedom` degrees of freedom as a standard normal variable (Wilson & Hilferty 1931).
inline double chi_square_sigmas(double chi_square, double freedom) {
  const double s = 2.0 / (9.0 * freedom);
  return (std::cbrt(chi_square / freedom) - (1.0 - s)) / std::sqrt(s);
}

// Counts of `n` draws in cells of these probabilities; cells that expect fewer than 10 are taken together with the next
// ones. What the cells leave of 1 is a cell too.
inline void expect_counts(const std::vector<double>& count, std::vector<double> probability, double n) {
  double chi_square = 0.0, cells = 0.0, found = 0.0, expected = 0.0, seen = 0.0, covered = 0.0;
  const auto close = [&] {
    chi_square += (found - expected) * (found - expected) / expected;
    ++cells;
    found = expected = 0.0;
  };
  for (std::size_t k = 0; k < count.size(); ++k) {
    found += count[k], expected += n * probability[k];
    seen += count[k], covered += probability[k];
    if (expected >= 10.0 && n * (1.0 - covered) >= 10.0) close();
  }
  found += n - seen, expected += n * (1.0 - covered);
  close();
  ASSERT_GT(cells, 2.0);
  EXPECT_LT(std::abs(chi_square_sigmas(chi_square, cells - 1.0)), sigmas) << chi_square << " of " << cells << " cells";
}

inline double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const double n = static_cast<double>(a.size());
  double ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) ma += a[i] / n, mb += b[i] / n;
  for (std::size_t i = 0; i < a.size(); ++i)
    aa += (a[i] - ma) * (a[i] - ma), bb += (b[i] - mb) * (b[i] - mb), ab += (a[i] - ma) * (b[i] - mb);
  return ab / std::sqrt(aa * bb);
}
// Of independent samples it is normal with standard deviation 1 / sqrt(n).
inline void expect_uncorrelated(const std::vector<double>& a, const std::vector<double>& b) {
  ASSERT_EQ(a.size(), b.size());
  EXPECT_NEAR(correlation(a, b), 0.0, sigmas / std::sqrt(static_cast<double>(a.size())));
}

inline double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

// log of n over k
inline double log_choose(double n, double k) {
  return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
}
inline double binomial(double n, double p, double k) {
  return std::exp(log_choose(n, k) + k * std::log(p) + (n - k) * std::log1p(-p));
}
inline double poisson(double mean, double k) { return std::exp(k * std::log(mean) - mean - std::lgamma(k + 1)); }

}  // namespace volley::test
