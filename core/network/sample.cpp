// SPDX-License-Identifier: Apache-2.0
// Distributions: one value at a time or many. Bounds first (redraw or clip), then the quantum.
#include <network/sample.h>

#include <network/error.h>
#include <network/random_streams.h>
#include <network/vector_log.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace volley {
namespace {

constexpr int max_redraws = 10'000;

// Gamma of scale 1 (Marsaglia & Tsang 2000, doi:10.1145/358407.358414); below shape 1 by way of shape + 1.
double gamma(Random& random, double shape) {
  if (shape < 1.0) {
    const double boost = std::exp(-random.exponential() / shape);
    return gamma(random, shape + 1.0) * boost;
  }
  const double d = shape - 1.0 / 3.0, c = 1.0 / std::sqrt(9.0 * d);
  for (;;) {
    const double x = random.normal(), t = 1.0 + c * x, v = t * t * t;
    if (v > 0.0 && -random.exponential() < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
  }
}

// A distribution without its bounds: a function of standard deviates.
class Shape {
 public:
  explicit Shape(const Distribution& d) : kind_(d.kind), a_(d.a), b_(d.b) {
    if (kind_ == Kind::truncated_normal) kind_ = Kind::normal;
    if (kind_ == Kind::lognormal) {
      const double ratio = d.b / d.a, variance = std::log1p(ratio * ratio);
      a_ = std::log(d.a) - 0.5 * variance;
      b_ = std::sqrt(variance);
    }
  }

  double one(Random& random) const {
    switch (kind_) {
      case Kind::uniform: return scale(random.uniform());
      case Kind::exponential: return scale(random.exponential());
      case Kind::gamma: return scale(gamma(random, a_));
      default: return scale(random.normal());
    }
  }

  void many(Random& random, std::span<double> out) const {
    std::array<std::uint64_t, 1024> words;
    for (std::size_t done = 0; done < out.size();) {
      const std::size_t n = std::min(out.size() - done, words.size() / 2);
      const std::span<double> part = out.subspan(done, n);
      if (kind_ == Kind::gamma) {
        for (double& x : part) x = gamma(random, a_);
      } else if (kind_ == Kind::uniform || kind_ == Kind::exponential) {
        random.fill(std::span(words).first(n + n % 2));
        if (kind_ == Kind::exponential) minus_log(std::span(words).first(n), part);
        else for (std::size_t i = 0; i < n; ++i) part[i] = static_cast<double>(words[i] >> 11) * 0x1p-53;
      } else {
        random.fill(std::span(words).first(2 * n));
        normals(std::span(words).first(2 * n), part);
      }
      for (double& x : part) x = scale(x);
      done += n;
    }
  }

 private:
  using Kind = Distribution::Kind;
  double scale(double x) const {
    switch (kind_) {
      case Kind::uniform: return a_ + (b_ - a_) * x;
      case Kind::exponential: return a_ * x;
      case Kind::gamma: return b_ * x;
      case Kind::lognormal: return std::exp(a_ + b_ * x);
      default: return a_ + b_ * x;
    }
  }
  Kind kind_;
  double a_, b_;
};

double element(const Distribution& d, std::size_t index) {
  if (index < d.values.size()) return d.values[index];
  throw InputError(d.where, fmt::format("has {} values; element {} needs one too", d.values.size(), index));
}

// The user's bounds and quantum applied to a raw draw.
double settle(const Distribution& d, const Shape& shape, Random& random, double x) {
  if (!(x >= d.min && x <= d.max)) {
    if (d.clip) {
      x = std::min(std::max(x, d.min), d.max);
    } else {
      int tries = 0;
      do {
        if (++tries == max_redraws)
          throw InputError(d.where, fmt::format("10,000 draws in a row fell outside {} to {}; widen `min` and `max`, "
                                                "or write `outside: clip`", d.min, d.max));
        x = shape.one(random);
      } while (!(x >= d.min && x <= d.max));
    }
  }
  if (d.quantise > 0.0) x = std::copysign(std::max(1.0, std::round(std::abs(x) / d.quantise)) * d.quantise, x);
  return x;
}

}  // namespace

double draw(const Distribution& d, Random& random, std::size_t index) {
  if (d.constant()) return d.a;
  if (d.kind == Distribution::Kind::values) return element(d, index);
  const Shape shape(d);
  return settle(d, shape, random, shape.one(random));
}

void draw_many(const Distribution& d, Random& random, std::size_t index, std::span<double> out) {
  if (d.constant()) return std::fill(out.begin(), out.end(), d.a);
  if (d.kind == Distribution::Kind::values) {
    for (double& x : out) x = element(d, index++);
    return;
  }
  const Shape shape(d);
  shape.many(random, out);
  for (double& x : out) x = settle(d, shape, random, x);
}

// Ahrens & Dieter 1974 (doi:10.1007/BF02293108): the i-th smallest of n uniforms is a beta deviate, and tells on which
// side of p the i uniforms up to it, or the n - i from it on, lie. The rest is a binomial of half as many trials.
std::uint64_t draw_binomial(Random& random, std::uint64_t n, double p) {
  std::uint64_t successes = 0;
  while (n > 16) {
    if (p <= 0.0) return successes;
    if (p >= 1.0) return successes + n;
    const std::uint64_t i = n / 2 + 1;
    const double x = gamma(random, static_cast<double>(i)), y = gamma(random, static_cast<double>(n + 1 - i));
    const double ith = x / (x + y);
    if (ith <= p) {
      successes += i;
      n -= i;
      p = (p - ith) / (1.0 - ith);
    } else {
      n = i - 1;
      p /= ith;
    }
  }
  for (; n > 0; --n) successes += random.uniform() < p;
  return successes;
}

std::vector<double> draw_initial(const Distribution& d, std::uint64_t seed, const std::string& population,
                                 const std::string& variable, std::uint32_t first, std::uint32_t count) {
  const RandomKey key = random_key(seed, Purpose::initial, population + "." + variable);
  std::vector<double> values(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    Random random(&random_source(), key, first + i);
    values[i] = draw(d, random, first + i);
  }
  return values;
}

}  // namespace volley
