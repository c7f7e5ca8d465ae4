// SPDX-License-Identifier: Apache-2.0
#include <engine/layout.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace volley {
namespace {

// int_0^s u exp(delta u) du. Where the closed form would cancel, a series: sum_k x^k / (k! (k + 2)); 16 terms are exact to rounding for |x| < 0.5.
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

}  // namespace

Layout::Layout(const Membrane& m) : membrane(m) {
  using Kind = Membrane::Kind;
  const auto element = [this](double tau, Kind kind, bool rise) {
    tau_.push_back(tau);
    kind_.push_back(kind);
    rise_.push_back(rise);
  };
  element(m.tau_m, Kind::current, false);
  fastest = m.tau_m;
  for (const auto& c : m.components) {
    if (c.kind == Kind::alpha) element(c.tau, c.kind, true);
    element(c.tau, c.kind, false);
    last_.push_back(tau_.size() - 1);
    has_current |= c.kind != Kind::threshold;
    fastest = std::min(fastest, c.tau);
  }
  used = tau_.size();
  for (const double tau : tau_) delta_.push_back(1.0 / tau_[0] - 1.0 / tau);
  if (used > static_cast<std::size_t>(loops::max_components))
    throw std::invalid_argument("a membrane of more than 8 components");
  stride = used <= 4 ? used : static_cast<std::size_t>(loops::max_components);
  H = std::max<Time>(1, from_ms((used == 1 ? 20.0 : 4.0) * fastest));

  const Instant h = at(H, 0);
  for (std::size_t c = 0; c < used; ++c) {
    move.membrane[c] = h.v[c];
    move.decay[c] = h.down[c];
    if (c > 0 && is_alpha(c) && !rise_[c]) move.feed[c] = h.down[c] * h.s;
    if (c > 0 && !is_threshold(c)) kappa[c] = rise_[c] ? tau_[c] * tau_[c] : std::min(tau_[c], m.tau_m);
  }
}

void Layout::at(Time t, Time frame, Instant& a) const {
  constexpr std::size_t most = loops::max_components;
  a.t = t;
  a.frame = frame;
  a.s = to_ms(t - frame);
  double x[2 * most], d[most];
  for (std::size_t c = 0; c < used; ++c) {
    x[c] = -a.s / tau_[c];
    x[used + c] = a.s / tau_[c];
    d[c] = delta_[c] * a.s;
  }
  loops::exp(x, x, 2 * used);
  if (has_current) loops::expm1(d, d, used);
  for (std::size_t c = 0; c < used; ++c) {
    a.down[c] = x[c];
    a.up[c] = x[used + c];
    if (c == 0) {
      a.v[0] = a.down[0];
    } else if (is_threshold(c)) {
      a.theta[c] = -a.down[c];
    } else {
      a.E[c] = delta_[c] == 0.0 ? a.s : d[c] / delta_[c];
      if (is_alpha(c)) a.E2[c] = moment(a.s, delta_[c], a.E[c]);
      a.v[c] = a.down[0] * (rise_[c] ? a.E2[c] : a.E[c]);
    }
  }
}

loops::Jump Layout::current_jump(std::size_t c, double factor, const Instant& a) const {
  const int k = static_cast<int>(c);
  if (!is_alpha(c))
    return {2, {k, 0, 0}, {factor * a.up[c], (factor * -a.E[c]) * a.up[c], 0.0}};
  const double w = factor * (std::numbers::e / tau_[c]);  // so that the weight is the current's peak
  return {3, {k - 1, k, 0},
          {w * a.up[c], (w * -a.s) * a.up[c], (w * (a.s * a.E[c] - a.E2[c])) * a.up[c]}};
}

loops::Jump Layout::port_jump(int port, double factor, double gain, const Instant& a) const {
  const int component = membrane.ports[static_cast<std::size_t>(port)].component;
  if (component >= 0) return current_jump(last_[static_cast<std::size_t>(component)], factor, a);
  return {1, {0, 0, 0}, {(factor / gain) * a.up[0], 0.0, 0.0}};
}

loops::StreamJump Layout::stream_jump(int port, double factor, double gain, const Stream& stream, Time frame,
                                      StreamRoom& room) const {
  const std::size_t n = stream.count;
  const int component = membrane.ports[static_cast<std::size_t>(port)].component;
  const std::size_t c = component >= 0 ? last_[static_cast<std::size_t>(component)] : 0;
  auto& [s, up, E, out] = room;
  loops::rise(stream.t, frame, tau_[c], s, up, n);
  const int element = static_cast<int>(c);
  if (component < 0) {
    for (std::size_t k = 0; k < n; ++k) out[0][k] = (factor / gain) * up[k];
    return {1, {0, 0, 0}, {out[0], nullptr, nullptr}};
  }
  const double delta = delta_[c];
  for (std::size_t k = 0; k < n; ++k) E[k] = delta * s[k];
  loops::expm1(E, E, n);
  for (std::size_t k = 0; k < n; ++k) E[k] = delta == 0.0 ? s[k] : E[k] / delta;
  if (!is_alpha(c)) {
    for (std::size_t k = 0; k < n; ++k) out[0][k] = factor * up[k], out[1][k] = (factor * -E[k]) * up[k];
    return {2, {element, 0, 0}, {out[0], out[1], nullptr}};
  }
  const double w = factor * (std::numbers::e / tau_[c]);
  for (std::size_t k = 0; k < n; ++k) {
    out[0][k] = w * up[k];
    out[1][k] = (w * -s[k]) * up[k];
    out[2][k] = (w * (s[k] * E[k] - moment(s[k], delta, E[k]))) * up[k];
  }
  return {3, {element - 1, element, 0}, {out[0], out[1], out[2]}};
}

}  // namespace volley
