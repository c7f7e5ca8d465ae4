// SPDX-License-Identifier: Apache-2.0
#include <engine/propagators.h>

#include <engine/exponentials.h>

#include <cmath>
#include <limits>

namespace volley {
namespace {

// A row: tau_m and the decay of V within the reach; then for each component tau, delta and its rise soon and ever (of a
// threshold part: its decay within the reach), for an alpha current also those of its rising element.
enum Number : std::size_t { tau, delta, soon, ever, rise_soon, rise_ever };

// A choice without a branch, unlike std::max of references.
double above_0(double x) { return x > 0.0 ? x : 0.0; }
double flushed(double x) { return std::fabs(x) < 1e-30 ? 0.0 : x; }

}  // namespace

Propagators::Propagators(const Layout& like) {
  for (std::size_t k = 0; k < like.membrane->components.size(); ++k) {
    const std::size_t c = like.element(k);
    components_.push_back({c, width_, like.is_threshold(c), like.is_alpha(c)});
    width_ += like.is_alpha(c) ? 6 : 4;
    ++exps_;
    expm1s_ += like.is_threshold(c) ? 0 : 1;
  }
}

void Propagators::add(const Layout& layout, Time reach) {
  const Instant a = layout.at(reach, 0);
  numbers_.resize(numbers_.size() + width_);
  double* row = numbers_.data() + numbers_.size() - width_;
  row[0] = layout.tau(0);
  row[1] = a.down[0];
  for (const Component& p : components_) {
    double* n = row + p.at;
    const std::size_t c = p.element;
    n[tau] = layout.tau(c);
    n[delta] = layout.delta(c);
    n[soon] = p.threshold ? a.down[c] : a.v[c];
    n[ever] = layout.kappa[c];
    if (p.alpha) n[rise_soon] = a.v[c - 1], n[rise_ever] = layout.kappa[c - 1];
  }
}

void Propagators::start(Moves& m, std::size_t count) const {
  m.count_ = count;
  if (m.s_.size() < count) m.s_.resize(count), m.x_.resize(count * exps_), m.d_.resize(count * expm1s_);
}

void Propagators::ask(Moves& m, std::size_t k, std::size_t neuron, Time by) const {
  const double* row = &numbers_[neuron * width_];
  const double s = to_ms(by);
  double* x = &m.x_[k * exps_];
  double* d = m.d_.data() + k * expm1s_;
  m.s_[k] = s;
  *x++ = -s / row[0];
  for (const Component& p : components_) {
    *x++ = -s / row[p.at + tau];
    if (!p.threshold) *d++ = row[p.at + delta] * s;
  }
}

void Propagators::take(Moves& m) const {
  loops::exp(m.x_.data(), m.x_.data(), m.count_ * exps_);
  if (expm1s_ > 0) loops::expm1(m.d_.data(), m.d_.data(), m.count_ * expm1s_);
}

void Propagators::apply(const Moves& m, std::size_t k, std::size_t neuron, double* z) const {
  const double s = m.s_[k];
  if (s == 0.0) return;
  const double* row = &numbers_[neuron * width_];
  const double* x = &m.x_[k * exps_];
  const double* d = m.d_.data() + k * expm1s_;
  const double down_m = *x++;
  double v = down_m * z[0];
  for (const Component& p : components_) {
    const double down = *x++;
    double* y = z + p.element;
    double moved = down * y[0];
    if (!p.threshold) {
      const double E = response(s, row[p.at + delta], *d++);
      if (p.alpha) {
        v += down_m * moment(s, row[p.at + delta], E) * y[-1];
        moved += down * s * y[-1];
        y[-1] = flushed(down * y[-1]);
      }
      v += down_m * E * y[0];
    }
    y[0] = flushed(moved);
  }
  if (z[0] != -std::numeric_limits<double>::infinity()) z[0] = flushed(v);  // a refractory neuron stays one
}

// Responses to currents rise until the reach; what pushes downwards is left out.
Propagators::Rise Propagators::rise(std::size_t neuron, const double* z) const {
  const double* row = &numbers_[neuron * width_];
  const double v = z[0], later = v * row[1];
  double within = v > later ? v : later, always = above_0(v);
  for (const Component& p : components_) {
    const double* n = row + p.at;
    const double y = z[p.element];
    if (p.threshold) {
      const double d = -y, decayed = d * n[soon];
      within += d > decayed ? d : decayed;
      always += above_0(d);
      continue;
    }
    within += above_0(y) * n[soon];
    always += above_0(y) * n[ever];
    if (!p.alpha) continue;
    within += above_0(z[p.element - 1]) * n[rise_soon];
    always += above_0(z[p.element - 1]) * n[rise_ever];
  }
  return {within, always};
}

}  // namespace volley
