// SPDX-License-Identifier: Apache-2.0
// Poisson streams: rates, gaps, independence and exactness, with bounds that a correct build misses once in 10^5 runs
// (the seeds are fixed: a failure is a change).
#include "statistics.h"
#include "stimulators.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

namespace volley::test {
namespace {

constexpr Time second = 1000 * ps_per_ms;

std::vector<double> counts(const std::vector<Signal>& spikes, std::uint32_t size) {
  std::vector<double> n(size);
  for (const Signal& s : spikes) ++n[s.unit];
  return n;
}

TEST(Poisson, rate_and_dispersion_of_counts) {
  Stimulation s{.model = "poisson", .size = 5000, .values = {{"rate", 20.0}}};
  const auto n = counts(s.run(10 * second), 5000);
  double sum = 0.0, squares = 0.0;
  for (const double x : n) sum += x;
  EXPECT_NEAR(sum, 1e6, 4.5 * 1e3);
  for (const double x : n) squares += (x - sum / 5000) * (x - sum / 5000);
  EXPECT_NEAR(squares / 4999 / (sum / 5000), 1.0, 4.5 * std::sqrt(2.0 / 4999));  // variance = mean
}

TEST(Poisson, counts_have_the_poisson_distribution) {
  Stimulation s{.model = "poisson", .size = 2000, .values = {{"rate", 20.0}}};
  std::vector<double> window(2000 * 100), count(15), probability(15);  // of 100 ms: 2 spikes
  for (const Signal& k : s.run(10 * second)) ++window[k.unit * 100 + static_cast<std::size_t>(k.t / (100 * ps_per_ms))];
  for (const double n : window)
    if (n < 15) ++count[static_cast<std::size_t>(n)];
  for (std::size_t k = 0; k < 15; ++k) probability[k] = poisson(2.0, static_cast<double>(k));
  expect_counts(count, probability, static_cast<double>(window.size()));
}

TEST(Poisson, gaps_of_one_unit_are_exponential) {
  Stimulation s{.model = "poisson", .size = 100, .values = {{"rate", 50.0}}};
  std::vector<double> gaps;
  Time last = 0;
  for (const Signal& k : s.run(1000 * second))
    if (k.unit == 42) {
      gaps.push_back(to_ms(k.t - last) * 50.0 / 1000.0);
      last = k.t;
    }
  ASSERT_GT(gaps.size(), 45000u);
  EXPECT_LT(kolmogorov(gaps, [](double gap) { return 1.0 - std::exp(-gap); }), kolmogorov_limit);
  double serial = 0.0;
  for (std::size_t i = 1; i < gaps.size(); ++i) serial += (gaps[i] - 1.0) * (gaps[i - 1] - 1.0);
  EXPECT_NEAR(serial / static_cast<double>(gaps.size()), 0.0, 4.5 / std::sqrt(static_cast<double>(gaps.size())));
}

TEST(Poisson, units_are_independent) {
  Stimulation s{.model = "poisson", .size = 2, .values = {{"rate", 100.0}}};
  constexpr int bins = 100'000;  // of 10 ms
  std::vector<double> a(bins), b(bins);
  for (const Signal& k : s.run(bins * 10 * ps_per_ms))
    ++(k.unit ? b : a)[static_cast<std::size_t>(k.t / (10 * ps_per_ms))];
  double covariance = 0.0;
  for (int i = 0; i < bins; ++i) covariance += (a[i] - 1.0) * (b[i] - 1.0);
  EXPECT_NEAR(covariance / bins, 0.0, 4.5 / std::sqrt(bins));
}

// Superposed streams: which unit fires next depends neither on the one before nor on the gap.
TEST(Poisson, the_next_unit_is_any) {
  for (const bool equal : {true, false}) {
    Stimulation s{.model = "poisson", .size = 1000};
    if (equal) s.values = {{"rate", 10.0}};
    else s.per_unit = {{"rate", std::vector<double>(1000, 10.0)}}, s.per_unit["rate"][999] = 20.0;
    const auto spikes = s.run(100 * second);
    const double n = static_cast<double>(spikes.size());
    std::vector<double> follows(64), unit, gap;
    const auto share = [equal](std::size_t eighth) {
      return equal ? 0.125 : eighth == 7 ? 126.0 / 1001.0 : 125.0 / 1001.0;
    };
    for (std::size_t k = 1; k < spikes.size(); ++k) {
      ++follows[spikes[k - 1].unit / 125 * 8 + spikes[k].unit / 125];
      unit.push_back(spikes[k].unit), gap.push_back(to_ms(spikes[k].t - spikes[k - 1].t));
    }
    std::vector<double> probability;
    for (std::size_t a = 0; a < 8; ++a)
      for (std::size_t b = 0; b < 8; ++b)
        probability.push_back(share(a) * share(b));
    expect_counts(follows, probability, n - 1);
    expect_uncorrelated(unit, gap);
  }
}

// Chunks of one stimulator, and stimulators of other names or seeds.
TEST(Poisson, streams_are_independent) {
  Stimulation s{.model = "poisson", .size = 2 * chunk_size, .values = {{"rate", 1.0}}};
  Stimulation other_name = s, other_seed = s;
  other_name.name = "drive_2";
  other_seed.seed = 2;
  const auto bins = [](const std::vector<Signal>& spikes) {
    std::vector<double> n(10'000);  // of 5 ms: 20 spikes of the chunk
    for (const Signal& k : spikes) ++n[static_cast<std::size_t>(k.t / (5 * ps_per_ms))];
    return n;
  };
  const auto first = bins(s.chunk(0, 50 * second));
  expect_uncorrelated(first, bins(s.chunk(1, 50 * second)));
  expect_uncorrelated(first, bins(other_name.chunk(0, 50 * second)));
  expect_uncorrelated(first, bins(other_seed.chunk(0, 50 * second)));
}

TEST(Poisson, unequal_rates_and_silence) {
  std::vector<double> rate(300);
  for (std::size_t i = 0; i < rate.size(); ++i) rate[i] = i % 3 == 0 ? 0.0 : 0.1 * static_cast<double>(i);
  Stimulation s{.model = "poisson", .size = 300, .per_unit = {{"rate", rate}}};
  const auto n = counts(s.run(500 * second), 300);
  double chi = 0.0;
  for (std::size_t i = 0; i < rate.size(); ++i) {
    const double expected = 500.0 * rate[i];
    if (expected == 0.0) EXPECT_EQ(n[i], 0.0) << i;
    else chi += (n[i] - expected) * (n[i] - expected) / expected;
  }
  EXPECT_NEAR(chi, 200.0, 4.5 * std::sqrt(2.0 * 200.0));

  Stimulation silent{.model = "poisson", .size = 10, .values = {{"rate", 0.0}}};
  EXPECT_TRUE(silent.run(never).empty());
  Stimulation rare{.model = "poisson", .size = 1, .values = {{"rate", 1e-12}}};  // beyond the range of time
  EXPECT_TRUE(rare.run(never).empty());
}

// At the highest rate every picosecond holds more spikes than a batch of draws; `chunk` checks their order.
TEST(Poisson, spikes_of_one_picosecond_come_in_order_of_units) {
  for (const double rate : {1e10, 1e12, 1e13}) {
    Stimulation s{.model = "poisson", .size = 100, .values = {{"rate", rate}}};
    const auto n = static_cast<double>(s.run(1000).size());
    EXPECT_NEAR(n, 1e-7 * rate, 4.5 * std::sqrt(1e-7 * rate));
  }
}

// At 1 THz a gap is 1 ps: without the carried fraction half of it would be lost.
TEST(Poisson, whole_picoseconds_do_not_shift_the_rate) {
  Stimulation s{.model = "poisson", .size = 1, .values = {{"rate", 1e12}}};
  EXPECT_NEAR(static_cast<double>(s.run(1'000'000).size()), 1e6, 4.5e3);
}

TEST(Poisson, depends_on_seed_name_and_chunk_only) {
  Stimulation s{.model = "poisson", .size = 3 * chunk_size, .values = {{"rate", 5.0}}};
  const auto same = [](const std::vector<Signal>& a, const std::vector<Signal>& b) {
    return std::ranges::equal(a, b, [](const Signal& x, const Signal& y) { return x.t == y.t && x.unit == y.unit; });
  };
  const auto reference = s.chunk(1, second);
  EXPECT_TRUE(same(reference, s.chunk(1, second, 1)));  // another size of buffer
  Stimulation smaller = s;
  smaller.size = 2 * chunk_size;
  EXPECT_TRUE(same(reference, smaller.chunk(1, second)));
  Stimulation other_seed = s, other_name = s;
  other_seed.seed = 2;
  other_name.name = "noise";
  EXPECT_FALSE(same(reference, other_seed.chunk(1, second)));
  EXPECT_FALSE(same(reference, other_name.chunk(1, second)));
}

TEST(PoissonInhomogeneous, follows_its_steps) {
  Stimulation s{.model = "poisson_inhomogeneous", .size = 1000,
                .values = {{"times", std::vector{100.0, 600.0, 700.0}}, {"rates", std::vector{10.0, 0.0, 40.0}}}};
  const auto spikes = s.run(1200 * ps_per_ms);
  std::array<double, 4> n{};
  for (const Signal& k : spikes)
    ++n[k.t < 100 * ps_per_ms ? 0 : k.t < 600 * ps_per_ms ? 1 : k.t < 700 * ps_per_ms ? 2 : 3];
  EXPECT_EQ(n[0], 0.0);
  EXPECT_NEAR(n[1], 5000.0, 4.5 * std::sqrt(5000.0));
  EXPECT_EQ(n[2], 0.0);
  EXPECT_NEAR(n[3], 20000.0, 4.5 * std::sqrt(20000.0));
}

// Steps much shorter than a gap: were the gap kept at a change, or counted from the last spike, the rate would be off.
TEST(PoissonInhomogeneous, a_change_restarts_the_gap) {
  std::vector<double> times, rates;
  for (int k = 0; k < 20'000; ++k) times.push_back(k), rates.push_back(k % 2 ? 10.0 : 190.0);
  Stimulation s{.model = "poisson_inhomogeneous", .size = 1, .values = {{"times", times}, {"rates", rates}}};
  std::array<double, 2> n{};
  for (const Signal& k : s.run(20 * second)) ++n[static_cast<std::size_t>(k.t / ps_per_ms % 2)];
  EXPECT_NEAR(n[0], 1900.0, 4.5 * std::sqrt(1900.0));
  EXPECT_NEAR(n[1], 100.0, 4.5 * 10.0);
}

TEST(PoissonInhomogeneous, reads_one_column_a_unit) {
  const TemporaryFile f("rates.csv", "time,a,b\n0,10,0\n1000,0,20\n");
  Stimulation s{.model = "poisson_inhomogeneous", .size = 2, .values = {{"file", f.path()}}};
  std::array<double, 2> n{};
  for (const Signal& k : s.run(200 * second)) {
    EXPECT_EQ(k.unit == 0, k.t < second);
    ++n[k.unit];
  }
  EXPECT_NEAR(n[0], 10.0, 15.0);
  EXPECT_NEAR(n[1], 3980.0, 4.5 * std::sqrt(3980.0));

  s.size = 3;
  EXPECT_THAT(message_of([&] { s.run(second); }), testing::HasSubstr("rates.csv:1:1: 3 columns"));
  const TemporaryFile back("back.csv", "time,rate\n5,1\n5,2\n");
  s.values["file"] = back.path();
  EXPECT_THAT(message_of([&] { s.run(second); }),
              testing::HasSubstr("back.csv:3:1: times start at 0 or later and ascend"));
}

TEST(PoissonInhomogeneous, refuses_half_a_description) {
  Stimulation s{.model = "poisson_inhomogeneous",
                .values = {{"times", std::vector{1.0, 2.0}}, {"rates", std::vector{1.0}}}};
  EXPECT_EQ(message_of([&] { s.run(second); }), "1 rates; there are 2 times");
  s.values = {{"times", std::vector{2.0, 1.0}}, {"rates", std::vector{1.0, 1.0}}};
  EXPECT_EQ(message_of([&] { s.run(second); }), "times ascend; number 2 does not");
  s.values.clear();
  EXPECT_EQ(message_of([&] { s.run(second); }), "either `times` and `rates`, or `file`");
}

}  // namespace
}  // namespace volley::test
