// SPDX-License-Identifier: Apache-2.0
// Correlated inputs: rates, correlation coefficients, jitter, groups, and that chunks agree on their mothers.
#include "statistics.h"
#include "stimulators.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace volley::test {
namespace {

constexpr Time second = 1000 * ps_per_ms;

// Counts in bins of 2 ms, [unit][bin].
std::vector<std::vector<double>> binned(const std::vector<Signal>& spikes, std::uint32_t size, Time duration) {
  std::vector<std::vector<double>> n(size, std::vector<double>(static_cast<std::size_t>(duration / (2 * ps_per_ms))));
  for (const Signal& s : spikes) ++n[s.unit][static_cast<std::size_t>(s.t / (2 * ps_per_ms))];
  return n;
}

TEST(Correlated, coefficient_is_c_squared_inside_a_group_and_zero_across) {
  Stimulation s{.model = "correlated", .size = 4,
                .values = {{"rate", 20.0}, {"c", 0.75}, {"groups", std::int64_t{2}}}};
  const auto spikes = s.run(2000 * second);
  EXPECT_NEAR(static_cast<double>(spikes.size()), 160'000.0, 4.5 * 2.0 * 400.0);
  const auto n = binned(spikes, 4, 2000 * second);
  // A common event is a rare point: the coefficient's spread is about 1 / sqrt(spikes of a unit).
  const double spread = 4.5 / std::sqrt(40'000.0);
  EXPECT_NEAR(correlation(n[0], n[1]), 0.5625, spread);
  EXPECT_NEAR(correlation(n[2], n[3]), 0.5625, spread);
  for (const std::size_t a : {0u, 1u})
    for (const std::size_t b : {2u, 3u}) EXPECT_NEAR(correlation(n[a], n[b]), 0.0, 4.5e-3);
}

// c = 1: no private part, every spike is a copy, and units differ by their jitter only.
TEST(Correlated, jitter_is_a_one_sided_normal_variable) {
  Stimulation s{.model = "correlated", .size = 2, .values = {{"rate", 0.1}, {"c", 1.0}, {"jitter", 5.0}}};
  Stimulation mother = s;
  mother.values["jitter"] = 0.0;
  std::vector<Time> of_mother;
  for (const Signal& k : mother.run(100'000 * second))
    if (k.unit == 0) of_mother.push_back(k.t);
  double sum = 0.0, squares = 0.0;
  std::vector<Time> of_unit;
  for (const Signal& k : s.run(100'000 * second))
    if (k.unit == 1) of_unit.push_back(k.t);
  const std::size_t n =
      std::min(of_unit.size(), of_mother.size());  // 10 s apart on average: order is kept but for a few
  for (std::size_t k = 0; k < n; ++k) {
    const double late = to_ms(of_unit[k] - of_mother[k]);
    sum += late;
    squares += late * late;
  }
  const double mean = sum / static_cast<double>(n);
  EXPECT_NEAR(mean, 5.0 * std::sqrt(2.0 / 3.141592653589793), 4.5 * 5.0 * 0.603 / 100.0);
  EXPECT_NEAR(squares / static_cast<double>(n), 25.0, 4.5 * 25.0 * std::sqrt(2.0) / 100.0);
}

TEST(Correlated, rate_and_coefficient_for_any_c) {
  for (const double c : {0.1, 0.3, 0.55, 0.9, 1.0}) {
    Stimulation s{.model = "correlated", .size = 2, .values = {{"rate", 20.0}, {"c", c}}, .seed = 3};
    const auto spikes = s.run(1000 * second);
    // Copies of one mother spike come together: the variance of the sum is 1 + c^2 times that of independent units.
    EXPECT_NEAR(static_cast<double>(spikes.size()), 40'000.0, sigmas * 200.0 * std::sqrt(1.0 + c * c)) << c;
    const auto n = binned(spikes, 2, 1000 * second);
    EXPECT_NEAR(correlation(n[0], n[1]), c * c, sigmas / std::sqrt(20'000.0)) << c;
  }
}

// Jitter moves spikes, each by itself: a unit is a Poisson process still.
TEST(Correlated, each_unit_is_poisson_with_jitter_too) {
  Stimulation s{.model = "correlated", .size = 3, .values = {{"rate", 30.0}, {"c", 0.6}, {"jitter", 5.0}}};
  std::vector<double> gaps;
  Time last = 0;
  for (const Signal& k : s.run(2000 * second)) {
    if (k.unit != 1) continue;
    if (last > 0) gaps.push_back(to_ms(k.t - last) * 30.0 / 1000.0);
    last = k.t;
  }
  EXPECT_NEAR(static_cast<double>(gaps.size()), 60'000.0, sigmas * std::sqrt(60'000.0));
  EXPECT_LT(kolmogorov(gaps, [](double gap) { return 1.0 - std::exp(-gap); }), kolmogorov_limit);
  expect_uncorrelated({gaps.begin() + 1, gaps.end()}, {gaps.begin(), gaps.end() - 1});
}

// Each unit copies by itself: of one mother spike a binomial number of the group's units.
TEST(Correlated, copies_of_a_mother_spike_are_binomial) {
  Stimulation s{.model = "correlated", .size = 20, .values = {{"rate", 5.0}, {"c", 0.3}}};
  std::map<Time, std::size_t> together;
  for (const Signal& k : s.run(10'000 * second)) ++together[k.t];
  std::vector<double> count, probability;
  double several = 0.0, of_mothers = 0.0;  // two private spikes of one picosecond do not occur
  for (std::size_t k = 2; k <= 20; ++k) {
    count.push_back(static_cast<double>(std::ranges::count_if(together, [k](const auto& x) { return x.second == k; })));
    probability.push_back(binomial(20, 0.3, static_cast<double>(k)));
    several += count.back(), of_mothers += probability.back();
  }
  EXPECT_NEAR(several, 50'000.0 * of_mothers, sigmas * std::sqrt(50'000.0 * of_mothers));
  for (double& p : probability) p /= of_mothers;
  expect_counts(count, probability, several);
}

// A mother that several chunks share: each chunk's units copy by themselves.
TEST(Correlated, chunks_copy_independently) {
  Stimulation s{.model = "correlated", .size = 2 * chunk_size, .values = {{"rate", 0.5}, {"c", 0.5}}};
  std::array<std::map<Time, double>, 2> copies;
  for (std::uint32_t chunk = 0; chunk < 2; ++chunk)
    for (const Signal& k : s.chunk(chunk, 200 * second)) ++copies[chunk][k.t];
  std::vector<double> first, second_chunk;
  for (const auto& [t, n] : copies[0])
    if (n > 1000) first.push_back(n), second_chunk.push_back(copies[1][t]);
  ASSERT_GT(first.size(), 50u);
  for (const auto* n : {&first, &second_chunk}) {
    double sum = 0.0, chi_square = 0.0;
    for (const double x : *n) sum += x, chi_square += (x - 2048.0) * (x - 2048.0) / 1024.0;
    const double mothers = static_cast<double>(n->size());
    EXPECT_NEAR(sum / mothers, 2048.0, sigmas * 32.0 / std::sqrt(mothers));
    EXPECT_LT(std::abs(chi_square_sigmas(chi_square, mothers)), sigmas);
  }
  expect_uncorrelated(first, second_chunk);
}

TEST(Correlated, uncorrelated_when_c_is_zero) {
  Stimulation s{.model = "correlated", .size = 2, .values = {{"rate", 50.0}, {"c", 0.0}}};
  const auto n = binned(s.run(1000 * second), 2, 1000 * second);
  EXPECT_NEAR(correlation(n[0], n[1]), 0.0, 4.5 / std::sqrt(500'000.0));
}

// One group over three chunks: with c = 1 and no jitter every unit fires with its mother, in whatever chunk it is.
TEST(Correlated, chunks_share_a_mother) {
  Stimulation s{.model = "correlated", .size = 2 * chunk_size + 100, .values = {{"rate", 3.0}, {"c", 1.0}}};
  std::set<Time> times;
  std::size_t spikes = 0;
  for (std::uint32_t c = 0; c < 3; ++c)
    for (const Signal& k : s.chunk(c, 2 * second)) times.insert(k.t), ++spikes;
  EXPECT_GT(times.size(), 0u);
  EXPECT_EQ(spikes, times.size() * s.size);
}

TEST(Correlated, refuses_what_units_of_one_mother_cannot_have) {
  Stimulation s{.model = "correlated", .size = 10,
                .values = {{"rate", 5.0}, {"c", 0.5}, {"groups", std::int64_t{3}}}};
  EXPECT_EQ(message_of([&] { s.run(second); }), "10 units do not fall into 3 equal groups");
  s.values = {{"c", 0.5}};
  s.per_unit = {{"rate", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}}};
  EXPECT_EQ(message_of([&] { s.run(second); }), "units that share a mother have one rate, not a distribution");
}

}  // namespace
}  // namespace volley::test
