// SPDX-License-Identifier: Apache-2.0
#include <engine/layout.h>

#include <engine/exponentials.h>

#include <algorithm>
#include <numbers>
#include <stdexcept>
#include <utility>

namespace volley {

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

void Layout::tabulate() { responses_ = Responses::shared({tau_, used}, {delta_, used}, H); }

void Layout::at(Time t, Time frame, Instant& a) const {
  a.t = t;
  a.frame = frame;
  a.s = to_ms(t - frame);
  if (!responses_ || !responses_->cover(t - frame)) return compute(a);
  for (std::size_t c = 0; c < used; ++c) {
    const Responses::Value x = responses_->at(t - frame, c);
    a.down[c] = x.down, a.up[c] = x.up;
    if (!is_threshold(c)) a.E[c] = x.E;
    if (is_alpha(c)) a.E2[c] = responses_->moment(t - frame, c);
  }
  finish(a);
}

void Layout::compute(Instant& a) const {
  constexpr std::size_t most = loops::max_components;
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
    if (c == 0 || is_threshold(c)) continue;
    a.E[c] = response(a.s, delta_[c], d[c]);
    if (is_alpha(c)) a.E2[c] = moment(a.s, delta_[c], a.E[c]);
  }
  finish(a);
}

void Layout::finish(Instant& a) const {
  a.v[0] = a.down[0];
  for (std::size_t c = 1; c < used; ++c) {
    if (is_threshold(c)) a.theta[c] = -a.down[c];
    else a.v[c] = a.down[0] * (rise_[c] ? a.E2[c] : a.E[c]);
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
  auto& [up, out, jump] = room;
  const int element = static_cast<int>(c);
  if (component < 0) {
    loops::respond(t, n, frame, responses_->cells(0), factor / gain, up, out[0], nullptr);
    jump = {1, {0, 0, 0}, {out[0], nullptr, nullptr}};
  } else if (!is_alpha(c)) {
    loops::respond(t, n, frame, responses_->cells(c), factor, up, out[0], out[1]);
    jump = {2, {element, 0, 0}, {out[0], out[1], nullptr}};
  } else {
    for (std::size_t k = 0; k < n; ++k) {
      const loops::Jump one = current_jump(c, factor, at(t[k], frame));
      for (std::size_t j = 0; j < 3; ++j) out[j][k] = one.coefficient[j];
    }
    jump = {3, {element - 1, element, 0}, {out[0], out[1], out[2]}};
  }
}

}  // namespace volley
