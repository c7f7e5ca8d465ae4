// SPDX-License-Identifier: Apache-2.0
#include <engine/responses.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <map>
#include <mutex>
#include <utility>

namespace volley {
namespace {

namespace series = loops::series;

// E(u) for a part of a cell.
double short_response(double u, double delta) {
  const double y = delta * u;
  return u * (series::sum(series::E_even, y * y) + y * series::sum(series::E_odd, y * y));
}

}  // namespace

// Where the closed form would cancel, a series: sum_k x^k / (k! (k + 2)); 16 terms are exact to rounding for |x| < 0.5.
double moment(double s, double delta, double E) {
  static constexpr std::array<double, 16> coefficient = [] {
    std::array<double, 16> c{};
    double factorial = 1.0;
    for (std::size_t k = 0; k < c.size(); ++k) {
      c[k] = 1.0 / (factorial * (static_cast<double>(k) + 2.0));
      factorial *= static_cast<double>(k) + 1.0;
    }
    return c;
  }();
  const double x = delta * s, square = x * x;
  if (std::fabs(x) > 0.5) return (s * (1.0 + delta * E) - E) / delta;
  double even = 0.0, odd = 0.0;
  for (std::size_t k = coefficient.size(); k > 0; k -= 2) {
    even = even * square + coefficient[k - 2];
    odd = odd * square + coefficient[k - 1];
  }
  return s * s * (even + x * odd);
}

Responses::Responses(std::span<const double> tau, std::span<const double> delta, Time reach)
    : elements_(tau.size()), delta_(delta.begin(), delta.end()) {
  const double fastest = *std::min_element(tau.begin(), tau.end());
  shift_ = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(std::max<Time>(1, from_ms(fastest / 64.0))))) - 1;
  const auto cells = static_cast<std::size_t>(reach >> shift_) + 1;
  end_ = static_cast<Time>(cells) << shift_;
  for (const double t : tau) per_ms_.push_back(1.0 / t);
  cell_.resize(cells * elements_);
  moment_.resize(cell_.size());
  for (std::size_t k = 0; k < cell_.size(); ++k) {
    const std::size_t c = k % elements_;
    const double s = to_ms(static_cast<Time>(k / elements_) << shift_), x = s / tau[c], y = delta_[c] * s;
    const double E = response(s, delta_[c], std::expm1(y));
    cell_[k] = {std::exp(x), std::exp(-x), E, std::exp(y)};
    moment_[k] = volley::moment(s, delta_[c], E);
  }
}

std::shared_ptr<const Responses> Responses::shared(std::span<const double> tau, std::span<const double> delta,
                                                   Time reach) {
  static std::mutex mutex;
  static std::map<std::pair<std::vector<double>, Time>, std::weak_ptr<const Responses>> made;  // delta follows from tau
  const std::lock_guard lock(mutex);
  auto& known = made[{{tau.begin(), tau.end()}, reach}];
  std::shared_ptr<const Responses> responses = known.lock();
  if (!responses) known = responses = std::make_shared<const Responses>(tau, delta, reach);
  return responses;
}

Responses::Value Responses::at(Time s, std::size_t c) const {
  const Time k = s >> shift_;
  const loops::Cell& cell = cell_[static_cast<std::size_t>(k) * elements_ + c];
  const double u = static_cast<double>(s - (k << shift_)) * 1e-9;  // ms
  const double x = u * per_ms_[c];
  const double even = series::sum(series::exp_even, x * x), odd = x * series::sum(series::exp_odd, x * x);
  return {cell.up * (even + odd), cell.down * (even - odd), cell.E + cell.ratio * short_response(u, delta_[c])};
}

double Responses::moment(Time s, std::size_t c) const {
  const Time k = s >> shift_;
  const std::size_t place = static_cast<std::size_t>(k) * elements_ + c;
  const double start = to_ms(k << shift_), u = to_ms(s) - start, E = short_response(u, delta_[c]);
  return moment_[place] + cell_[place].ratio * (start * E + volley::moment(u, delta_[c], E));
}

}  // namespace volley
