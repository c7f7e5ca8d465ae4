// SPDX-License-Identifier: Apache-2.0
// Closed forms of a linear neuron, and a search for its threshold crossing that cannot miss one.
#include <reference/cell.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace volley::test {

namespace {

using Real = long double;

Real ms(Time t) { return static_cast<Real>(t) / 1e9L; }

// Response of V to a unit of (R/tau_m) times an exponential current of tau, after s: e^(-s/tau_m) E(s).
Real exponential_response(Real tau_m, Real tau, Real s) {
  const Real delta = 1 / tau_m - 1 / tau, x = delta * s;
  if (std::abs(x) < 0.5L) return std::exp(-s / tau_m) * (delta == 0 ? s : std::expm1(x) / delta);
  return (std::exp(-s / tau) - std::exp(-s / tau_m)) / delta;
}

// The same of a current s e^(-s/tau): e^(-s/tau_m) times the integral of u e^(delta u).
Real alpha_response(Real tau_m, Real tau, Real s) {
  const Real delta = 1 / tau_m - 1 / tau, x = delta * s;
  if (std::abs(x) < 1) {  // (x e^x - expm1 x) / x^2 = sum of (n+1)/(n+2)! x^n
    Real sum = 0, term = 0.5L;
    for (int n = 0; n < 40; ++n) {
      sum += term;
      term *= x * static_cast<Real>(n + 2) / (static_cast<Real>(n + 1) * static_cast<Real>(n + 3));
    }
    return std::exp(-s / tau_m) * s * s * sum;
  }
  const Real slow = std::exp(-s / tau);
  return (x * slow - (slow - std::exp(-s / tau_m))) / (delta * delta);
}

}  // namespace

MembraneCell::MembraneCell(Membrane m) : m_(std::move(m)), equilibrium_(m_.rest) {
  z_.v = m_.start - equilibrium_;
  z_.z.resize(m_.components.size());
}

MembraneCell::State MembraneCell::after(const State& z, Time dt) const {
  if (dt == 0) return z;
  const Real s = ms(dt), tau_m = m_.tau_m, g = m_.R / tau_m;
  State out = z;
  out.v = z.v * std::exp(-s / tau_m);
  for (std::size_t j = 0; j < z.z.size(); ++j) {
    const Real tau = m_.components[j].tau, decay = std::exp(-s / tau);
    const Component& c = z.z[j];
    out.z[j].x = (c.x + c.feed * s) * decay;
    out.z[j].feed = c.feed * decay;
    if (m_.components[j].kind == Membrane::Kind::threshold) continue;
    if (c.x != 0) out.v += g * c.x * exponential_response(tau_m, tau, s);
    if (c.feed != 0) out.v += g * c.feed * alpha_response(tau_m, tau, s);
  }
  return out;
}

MembraneCell::Real MembraneCell::distance(const State& z) const {
  Real d = (equilibrium_ - m_.threshold) + z.v;
  for (std::size_t j = 0; j < z.z.size(); ++j)
    if (m_.components[j].kind == Membrane::Kind::threshold) d -= z.z[j].x;
  return d;
}

MembraneCell::Real MembraneCell::slope(const State& z) const {
  Real d = -z.v / m_.tau_m;
  for (std::size_t j = 0; j < z.z.size(); ++j) {
    if (m_.components[j].kind == Membrane::Kind::threshold) d += z.z[j].x / m_.components[j].tau;
    else d += z.z[j].x * m_.R / m_.tau_m;
  }
  return d;
}

MembraneCell::Real MembraneCell::bound(const State& z, Time dt) const {
  const Real s = ms(dt), gain = m_.R * std::min<Real>(1, s / m_.tau_m);
  Real d = (equilibrium_ - m_.threshold) + std::max(z.v, z.v * std::exp(-s / m_.tau_m));
  for (std::size_t j = 0; j < z.z.size(); ++j) {
    const Real tau = m_.components[j].tau, x = z.z[j].x;
    if (m_.components[j].kind == Membrane::Kind::threshold) d += std::max(-x, -x * std::exp(-s / tau));
    else d += gain * (std::max<Real>(0, x) + std::max<Real>(0, z.z[j].feed) * std::min(s, tau));
  }
  return d;
}

MembraneCell::Real MembraneCell::curvature(const State& z) const {
  Real current = 0, change = 0, threshold = 0;
  for (std::size_t j = 0; j < z.z.size(); ++j) {
    const Real tau = m_.components[j].tau, feed = std::abs(z.z[j].feed);
    const Real most = std::abs(z.z[j].x) + feed * tau;
    if (m_.components[j].kind == Membrane::Kind::threshold) {
      threshold += most / (tau * tau);
    } else {
      current += most;
      change += most / tau + feed;
    }
  }
  const Real tau_m = m_.tau_m, v = std::max(std::abs(z.v), m_.R * current);
  return (v + m_.R * current) / (tau_m * tau_m) + change * m_.R / tau_m + threshold;
}

bool MembraneCell::hopeless(const State& z) const {
  if (equilibrium_ > m_.threshold || z.v > 0) return false;
  for (std::size_t j = 0; j < z.z.size(); ++j) {
    if (m_.components[j].kind == Membrane::Kind::threshold ? z.z[j].x < 0 : z.z[j].x > 0) return false;
    if (z.z[j].feed > 0) return false;
  }
  return true;
}

// First picosecond in (a, b] (counted from the state `from`) with D >= 0. An interval is given up when a bound says
// that D stays below 0, solved when D is monotonic there, and halved otherwise.
Time MembraneCell::first_crossing(const State& from, Time a, Time b) const {
  const State za = after(from, a);
  if (bound(za, b - a) < 0) return never;
  const auto reached = [&](Time t) { return distance(after(from, t)) >= 0; };
  if (b - a == 1) return reached(b) ? b : never;
  const Time m = a + (b - a) / 2;
  const State zm = after(from, m);
  const Real half = ms(b - m), bend = curvature(za) * half, rate = slope(zm);
  if (distance(zm) + (std::abs(rate) + bend / 2) * half < 0) return never;
  if (rate > bend) {
    if (!reached(b)) return never;
    Time low = a, high = b;
    while (high - low > 1) {
      const Time middle = low + (high - low) / 2;
      (reached(middle) ? high : low) = middle;
    }
    return high;
  }
  if (rate < -bend) return reached(a + 1) ? a + 1 : never;
  const Time left = first_crossing(from, a, m);
  return left != never ? left : first_crossing(from, m, b);
}

void MembraneCell::advance(Time t) {
  z_ = after(z_, t - at_);
  at_ = t;
}

void MembraneCell::drive(Time t, double delta) {
  advance(t);
  const Real step = static_cast<Real>(m_.R) * delta;
  equilibrium_ += step;
  z_.v -= step;
}

void MembraneCell::begin(Time t) {
  advance(t);
  if (!deaf_ || t < deaf_until_) return;
  deaf_ = false;
  z_.v = m_.reset - equilibrium_;
}

void MembraneCell::receive(Time t, int port, double factor, float weight) {
  begin(t);
  const double w = static_cast<double>(weight) * factor;
  const int j = m_.ports[static_cast<std::size_t>(port)].component;
  if (j < 0) {
    z_.v += w;
    return;
  }
  Component& c = z_.z[static_cast<std::size_t>(j)];
  const Membrane::Component& declared = m_.components[static_cast<std::size_t>(j)];
  if (declared.kind == Membrane::Kind::alpha) c.feed += w * std::exp(1.0L) / declared.tau;
  else c.x += w;
}

bool MembraneCell::fires(Time t) {
  begin(t);
  if (deaf_ || distance(z_) < 0) return false;
  for (std::size_t j = 0; j < z_.z.size(); ++j) z_.z[j].x += m_.components[j].on_spike;
  deaf_ = true;
  deaf_until_ = t + from_ms(m_.refractory);
  begin(t);  // t_ref = 0: back at once
  return true;
}

Time MembraneCell::next_event(Time limit) {
  if (deaf_) return deaf_until_;
  if (limit <= at_ || hopeless(z_)) return never;
  const Time dt = first_crossing(z_, 0, limit - at_);
  return dt == never ? never : at_ + dt;
}

double MembraneCell::read(const std::string& variable, Time t) const {
  const State z = after(z_, t - at_);
  if (variable == "V")
    return deaf_ && t < deaf_until_ ? m_.reset : static_cast<double>(equilibrium_ + z.v);
  for (std::size_t j = 0; j < z.z.size(); ++j)
    if (m_.components[j].name == variable) return static_cast<double>(z.z[j].x);
  throw std::invalid_argument("no variable " + variable);
}

void MembraneCell::initialise(const std::string& variable, double value) {
  if (variable == "V") z_.v = value - equilibrium_;
  for (std::size_t j = 0; j < z_.z.size(); ++j)
    if (m_.components[j].name == variable) z_.z[j].x = value;
}

VerbCell::VerbCell(const NeuronModel& model, ParameterSet p) : kernel_(model.make(std::move(p), 1, 0, 1)) {}

void VerbCell::receive(Time t, int port, double factor, float weight) {
  const Local zero = 0;
  kernel_->receive(t, port, factor, Slice{&zero, &weight, 0.0f, 1});
}

bool VerbCell::fires(Time t) {
  if (!started_) kernel_->start();
  started_ = true;
  std::vector<Local> fired;
  kernel_->settle(t, fired);
  return !fired.empty();
}

Time VerbCell::next_event(Time limit) {
  const Time t = kernel_->next_event();
  return t <= limit ? t : never;
}

double VerbCell::read(const std::string& variable, Time t) const { return kernel_->read(index(variable), 0, t); }

void VerbCell::initialise(const std::string& variable, double value) { kernel_->initialise(index(variable), 0, value); }

std::size_t VerbCell::index(const std::string& variable) const {
  for (std::size_t k = 0; k < kernel_->variables().size(); ++k)
    if (kernel_->variables()[k].name == variable) return k;
  throw std::invalid_argument("no variable " + variable);
}

}  // namespace volley::test
