// SPDX-License-Identifier: Apache-2.0
#include <engine/layout.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <utility>

namespace volley {

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

bool same_components(const Membrane& a, const Membrane& b) {
  return std::equal(a.components.begin(), a.components.end(), b.components.begin(), b.components.end(),
                    [](const auto& x, const auto& y) { return x.kind == y.kind && x.name == y.name; }) &&
         std::equal(a.ports.begin(), a.ports.end(), b.ports.begin(), b.ports.end(),
                    [](const auto& x, const auto& y) { return x.component == y.component && x.name == y.name; });
}

void Layout::add(double tau, Membrane::Kind kind, bool rise) {
  if (used == static_cast<std::size_t>(loops::max_components))
    throw std::invalid_argument("a membrane of more than 8 components");
  tau_[used] = tau;
  kind_[used] = kind;
  rise_[used] = rise;
  ++used;
}

Layout::Layout(std::shared_ptr<const Membrane> declared, const Membrane& m)
    : membrane(std::move(declared)), fastest(m.tau_m) {
  using Kind = Membrane::Kind;
  add(m.tau_m, Kind::current, false);
  for (std::size_t j = 0; j < m.components.size(); ++j) {
    const auto& c = m.components[j];
    if (c.kind == Kind::alpha) add(c.tau, c.kind, true);
    add(c.tau, c.kind, false);
    last_[j] = static_cast<std::uint8_t>(used - 1);
    has_current |= c.kind != Kind::threshold;
    fastest = std::min(fastest, c.tau);
  }
  stride = used <= 4 ? used : static_cast<std::size_t>(loops::max_components);
  H = std::max<Time>(1, from_ms((used == 1 ? 20.0 : 4.0) * fastest));

  for (std::size_t c = 0; c < used; ++c) delta_[c] = 1.0 / tau_[0] - 1.0 / tau_[c];
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
      a.E[c] = response(a.s, delta_[c], d[c]);
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
  const int component = membrane->ports[static_cast<std::size_t>(port)].component;
  if (component >= 0) return current_jump(last_[static_cast<std::size_t>(component)], factor, a);
  return {1, {0, 0, 0}, {(factor / gain) * a.up[0], 0.0, 0.0}};
}

void Layout::stream_jump(int port, double factor, double gain, const Time* t, std::size_t n, Time frame,
                         StreamRoom& room) const {
  const int component = membrane->ports[static_cast<std::size_t>(port)].component;
  const std::size_t c = component >= 0 ? last_[static_cast<std::size_t>(component)] : 0;
  auto& [s, up, E, out, jump] = room;
  loops::growth(t, frame, tau_[c], s, up, n);
  const int element = static_cast<int>(c);
  if (component < 0) {
    for (std::size_t k = 0; k < n; ++k) out[0][k] = (factor / gain) * up[k];
    jump = {1, {0, 0, 0}, {out[0], nullptr, nullptr}};
    return;
  }
  const double delta = delta_[c];
  for (std::size_t k = 0; k < n; ++k) E[k] = delta * s[k];
  loops::expm1(E, E, n);
  for (std::size_t k = 0; k < n; ++k) E[k] = response(s[k], delta, E[k]);
  if (!is_alpha(c)) {
    for (std::size_t k = 0; k < n; ++k) out[0][k] = factor * up[k], out[1][k] = (factor * -E[k]) * up[k];
    jump = {2, {element, 0, 0}, {out[0], out[1], nullptr}};
    return;
  }
  const double w = factor * (std::numbers::e / tau_[c]);
  for (std::size_t k = 0; k < n; ++k) {
    out[0][k] = w * up[k];
    out[1][k] = (w * -s[k]) * up[k];
    out[2][k] = (w * (s[k] * E[k] - moment(s[k], delta, E[k]))) * up[k];
  }
  jump = {3, {element - 1, element, 0}, {out[0], out[1], out[2]}};
}

}  // namespace volley
