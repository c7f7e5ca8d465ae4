// SPDX-License-Identifier: Apache-2.0
// What is random about a network, as distributions: pairs, degrees, repeated pairs, weights and delays.
#include <unit/network_fixture.h>
#include <unit/statistics.h>

#include <functional>
#include <set>

namespace volley::test {
namespace {

using Kind = Distribution::Kind;
using Rule = Connect::Rule;

Net two(std::uint32_t a, std::uint32_t b, Rule rule, std::uint64_t number = 0, double p = 0.0) {
  Net net;
  net.population("A", a);
  net.population("B", b);
  net.connect(0, 1, rule, number).connect.p = p;
  return net;
}

// Every source is as likely for every target: counts in 20 x 20 fields of the matrix.
TEST(Statistics, PairsFallEvenlyOnTheMatrix) {
  struct Case { Rule rule; std::uint64_t number; bool multapses; };
  for (const Case& c : {Case{Rule::fixed_indegree, 100, true}, {Rule::fixed_indegree, 100, false},
                        {Rule::fixed_outdegree, 100, true}, {Rule::fixed_outdegree, 100, false},
                        {Rule::fixed_total_number, 40'000, true}, {Rule::fixed_total_number, 40'000, false},
                        {Rule::pairwise_bernoulli, 0, true}}) {
    Net net = two(400, 400, c.rule, c.number, 0.25);
    net.projections[0].connect.allow_multapses = c.multapses;
    std::vector<double> field(400);
    const auto all = expand(net);
    for (const Synapse& s : all) ++field[s.source / 20 * 20 + s.target / 20];
    double chi_square = 0.0;
    for (const double n : field) chi_square += (n - 100.0) * (n - 100.0) / 100.0;
    // Pairs that are drawn once only, or with a probability, spread less; fixed degrees take 20 degrees of freedom.
    const bool degrees = c.rule == Rule::fixed_indegree || c.rule == Rule::fixed_outdegree;
    const double once = c.rule == Rule::pairwise_bernoulli || !c.multapses ? 1.0 - 0.25 : 1.0;
    const double freedom = c.rule == Rule::pairwise_bernoulli ? 400.0 : degrees ? 380.0 : 399.0;
    EXPECT_LT(std::abs(chi_square_sigmas(chi_square / once, freedom)), sigmas)
        << static_cast<int>(c.rule) << c.multapses;
  }
}

// Number of different cells that k draws of n cells hit.
struct Occupied {
  double mean, variance;
  Occupied(double n, double k) {
    const double empty = std::pow(1.0 - 1.0 / n, k);
    mean = n * (1.0 - empty);
    variance = n * (n - 1.0) * std::pow(1.0 - 2.0 / n, k) + n * empty - n * n * empty * empty;
  }
};

TEST(Statistics, PairsRepeatAsOftenAsChanceHasIt) {
  struct Case { Rule rule; std::uint64_t number; double times; Occupied expected; };
  for (const Case& c : {Case{Rule::fixed_indegree, 100, 500, {400, 100}}, {Rule::fixed_outdegree, 100, 400, {500, 100}},
                        {Rule::fixed_total_number, 150'000, 1, {200'000, 150'000}}}) {
    const Net net = two(400, 500, c.rule, c.number);
    std::set<std::pair<std::uint32_t, std::uint32_t>> pairs;
    for (const Synapse& s : expand(net)) pairs.emplace(s.source, s.target);
    EXPECT_NEAR(static_cast<double>(pairs.size()), c.times * c.expected.mean,
                sigmas * std::sqrt(c.times * c.expected.variance)) << static_cast<int>(c.rule);
  }
}

// An autapse is one pair of N: their number over many seeds is binomial.
TEST(Statistics, AutapsesAreBinomial) {
  constexpr int networks = 2000;
  for (const Rule rule :
       {Rule::fixed_indegree, Rule::fixed_outdegree, Rule::fixed_total_number, Rule::pairwise_bernoulli}) {
    std::vector<double> count(20), probability(20);
    for (std::uint64_t seed = 1; seed <= networks; ++seed) {
      Net net(seed);
      net.population("A", 30);
      net.connect(0, 0, rule, rule == Rule::fixed_total_number ? 150 : 5).connect.p = 1.0 / 6.0;
      std::size_t n = 0;
      for (const Synapse& s : expand(net)) n += s.source == s.target;
      if (n < 20) ++count[n];
    }
    const bool pairs =
        rule == Rule::pairwise_bernoulli;  // 30 pairs on the diagonal; else 150 synapses, one in 30 there
    for (std::size_t k = 0; k < 20; ++k)
      probability[k] = binomial(pairs ? 30 : 150, pairs ? 1.0 / 6.0 : 1.0 / 30.0, static_cast<double>(k));
    expect_counts(count, probability, networks);
  }
}

TEST(Statistics, DegreesAreBinomial) {
  struct Case { Rule rule; std::uint64_t number; std::uint32_t Synapse::*side; double n, p; };
  for (const Case& c : {Case{Rule::pairwise_bernoulli, 0, &Synapse::source, 3000, 0.01},
                        {Rule::pairwise_bernoulli, 0, &Synapse::target, 3000, 0.01},
                        {Rule::fixed_indegree, 30, &Synapse::source, 90'000, 1.0 / 3000},
                        {Rule::fixed_outdegree, 30, &Synapse::target, 90'000, 1.0 / 3000},
                        {Rule::fixed_total_number, 90'000, &Synapse::source, 90'000, 1.0 / 3000},
                        {Rule::fixed_total_number, 90'000, &Synapse::target, 90'000, 1.0 / 3000}}) {
    const Net net = two(3000, 3000, c.rule, c.number, 0.01);
    std::vector<double> count(100), probability(100);
    for (const std::uint64_t d : degrees(expand(net), c.side, 3000)) ++count.at(d);
    for (std::size_t k = 0; k < 100; ++k) probability[k] = binomial(c.n, c.p, static_cast<double>(k));
    expect_counts(count, probability, 3000);
  }
}

// Streams are keyed by target (or source): what neighbours draw has nothing in common but chance.
TEST(Statistics, NeighboursShareSourcesByChance) {
  const Net net = [] {
    Net n = two(400, 1000, Rule::fixed_indegree, 100);
    n.projections[0].connect.allow_multapses = false;
    return n;
  }();
  std::vector<std::set<std::uint32_t>> sources(1000);
  for (const Synapse& s : expand(net)) sources[s.target].insert(s.source);
  double shared = 0.0;
  for (std::size_t i = 0; i < 1000; i += 2)
    for (const std::uint32_t s : sources[i]) shared += static_cast<double>(sources[i + 1].count(s));
  const double variance = 100.0 * 0.25 * 0.75 * 300.0 / 399.0;  // hypergeometric
  EXPECT_NEAR(shared / 500.0, 25.0, sigmas * std::sqrt(variance / 500.0));
}

struct Shape {
  const char* name;
  Distribution distribution;
  std::function<double(double)> cdf;
};
std::vector<Shape> shapes() {
  const double log_sd = std::sqrt(std::log(1.25)), log_mean = std::log(2.0) - 0.5 * std::log(1.25);  // mean 2, sd 1
  const double low = normal_cdf(-1.0), high = normal_cdf(0.5);
  return {
      {"uniform", {.kind = Kind::uniform, .a = 0.5, .b = 3.5}, [](double x) { return (x - 0.5) / 3.0; }},
      {"normal", {.kind = Kind::normal, .a = 20.0, .b = 2.0}, [](double x) { return normal_cdf((x - 20.0) / 2.0); }},
      {"lognormal", {.kind = Kind::lognormal, .a = 2.0, .b = 1.0},
       [=](double x) { return normal_cdf((std::log(x) - log_mean) / log_sd); }},
      {"exponential", {.kind = Kind::exponential, .a = 2.0}, [](double x) { return -std::expm1(-x / 2.0); }},
      {"gamma, shape 2", {.kind = Kind::gamma, .a = 2.0, .b = 1.5},
       [](double x) { return 1.0 - std::exp(-x / 1.5) * (1.0 + x / 1.5); }},
      {"gamma, shape 1/2", {.kind = Kind::gamma, .a = 0.5, .b = 2.0},
       [](double x) { return std::erf(std::sqrt(x / 2.0)); }},
      {"truncated normal", {.kind = Kind::truncated_normal, .a = 2.0, .b = 1.0, .min = 1.0, .max = 2.5},
       [=](double x) { return (normal_cdf(x - 2.0) - low) / (high - low); }},
      {"exponential, redrawn", {.kind = Kind::exponential, .a = 2.0, .min = 1.0, .max = 4.0},
       [](double x) { return (std::exp(-0.5) - std::exp(-x / 2.0)) / (std::exp(-0.5) - std::exp(-2.0)); }},
  };
}

// Each distribution as weights of 100,000 synapses and as their delays, which have nothing to do with each other, nor
// with those of the next synapse of the row or of the same target.
TEST(Statistics, WeightsAndDelaysHaveTheirDistributionsAndAreIndependent) {
  for (const Rule rule : {Rule::fixed_indegree, Rule::pairwise_bernoulli}) {
    for (const Shape& shape : shapes()) {
      SCOPED_TRACE(shape.name);
      Net net = two(1000, 1000, rule, 100, 0.1);
      net.projections[0].weight = net.projections[0].delay = shape.distribution;
      auto all = expand(net);
      std::vector<double> weights, delays;
      const auto read = [&] {
        weights.clear(), delays.clear();
        for (const Synapse& s : all) weights.push_back(static_cast<double>(s.weight)), delays.push_back(to_ms(s.delay));
      };
      const auto neighbours = [&](std::vector<double> x) {
        expect_uncorrelated({x.begin() + 1, x.end()}, {x.begin(), x.end() - 1});
      };
      read();  // by target
      EXPECT_LT(kolmogorov(weights, shape.cdf), kolmogorov_limit);
      EXPECT_LT(kolmogorov(delays, shape.cdf), kolmogorov_limit);
      expect_uncorrelated(weights, delays);
      neighbours(weights), neighbours(delays);
      std::sort(all.begin(), all.end(), [](const Synapse& a, const Synapse& b) {
        return std::tie(a.source, a.target, a.tie) < std::tie(b.source, b.target, b.tie);
      });
      read();  // by source
      neighbours(weights), neighbours(delays);
    }
  }
}

TEST(Statistics, QuantisedDelaysAreRoundedShares) {
  Net net = two(1000, 1000, Rule::fixed_indegree, 100);
  net.projections[0].delay = {.kind = Kind::normal, .a = 1.5, .b = 0.75, .min = 0.05, .quantise = 0.1};
  std::vector<double> count(60), probability(60);
  for (const Synapse& s : expand(net)) {
    const auto step = static_cast<std::size_t>(s.delay / 100'000'000);
    ASSERT_GE(step, 1u);
    if (step < 60) ++count[step];
  }
  const double kept = 1.0 - normal_cdf((0.05 - 1.5) / 0.75);
  for (std::size_t k = 1; k < 60; ++k) {
    const double centre = 0.1 * static_cast<double>(k);
    probability[k] = (normal_cdf((centre + 0.05 - 1.5) / 0.75) - normal_cdf((centre - 0.05 - 1.5) / 0.75)) / kept;
  }
  expect_counts(count, probability, 100'000);
}

}  // namespace
}  // namespace volley::test
