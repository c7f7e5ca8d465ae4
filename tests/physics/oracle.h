// SPDX-License-Identifier: Apache-2.0
// One neuron by brute force in long double: the membrane equation integrated with Gauss-Legendre quadrature, which
// knows no closed form of the synaptic response, and the threshold found by bisection. Spike times are rounded as the
// engine promises: the first picosecond at or above threshold.
#pragma once

#include <volley/time.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace volley::test {

struct Oracle {
  using Real = long double;
  enum class Shape { delta, exponential, alpha };
  struct Arrival {
    Time t;
    Real w;
    Shape shape;
    Real tau;
  };
  struct OwnJump {  // by each spike of its own
    Real tau, jump;
  };

  Real tau_m = 20, R = 0.08L, V_inf = -70, V_th = -50, V_reset = -70, V0 = -70;
  Time t_ref = 2 * ps_per_ms;
  std::vector<Arrival> arrivals{};
  std::vector<OwnJump> currents{}, thresholds{};
  std::vector<Time> spikes{};

  // All spikes before `end`.
  const std::vector<Time>& run(Time end) {
    std::stable_sort(arrivals.begin(), arrivals.end(), [](const Arrival& a, const Arrival& b) { return a.t < b.t; });
    Time t = 0, deaf_until = 0;
    Real V = V0;
    std::size_t next = 0;
    while (t < end) {
      if (t == deaf_until && !spikes.empty()) V = V_reset;
      for (; next < arrivals.size() && arrivals[next].t == t; ++next)
        if (arrivals[next].shape == Shape::delta && t >= deaf_until) V += arrivals[next].w;
      if (t >= deaf_until && V >= threshold(t)) {
        spikes.push_back(t);
        deaf_until = t + t_ref;
        V = V_reset;
      }
      Time to = std::min(end, t + step);
      if (next < arrivals.size()) to = std::min(to, arrivals[next].t);
      if (t < deaf_until) {
        t = std::min(to, deaf_until);
        continue;
      }
      if (potential(t, V, to) >= threshold(to)) {
        Time low = t, high = to;
        while (high - low > 1) {
          const Time middle = low + (high - low) / 2;
          (potential(t, V, middle) >= threshold(middle) ? high : low) = middle;
        }
        to = high;
      }
      V = potential(t, V, to);
      t = to;
    }
    return spikes;
  }

  // V at `to` from V at `from`; no arrival of a delta synapse between.
  Real potential(Time from, Real V, Time to) const {
    static constexpr std::array<Real, 5> x{0.1488743389816312108848L, 0.4333953941292471907993L,
                                           0.6794095682990244062343L, 0.8650633666889845107321L,
                                           0.9739065285171717200779L};
    static constexpr std::array<Real, 5> weight{0.2955242247147528701739L, 0.2692667193099963550912L,
                                                0.2190863625159820439955L, 0.1494513491505805931458L,
                                                0.0666713443086881375936L};
    const Real a = ms(from), h = ms(to - from) / 2;
    Real integral = 0;
    for (std::size_t k = 0; k < 5; ++k)
      for (const Real sign : {-1.0L, 1.0L}) {
        const Real u = h * (1 + sign * x[k]);
        integral += weight[k] * h * std::exp(-(2 * h - u) / tau_m) * current(from, a + u);
      }
    return V_inf + (V - V_inf) * std::exp(-2 * h / tau_m) + R / tau_m * integral;
  }

  // Synaptic and adaptation current at u >= after, of what happened at or before `after`.
  Real current(Time after, Real u) const {
    Real I = 0;
    for (const Arrival& a : arrivals) {
      if (a.t > after || a.shape == Shape::delta) continue;
      const Real s = (u - ms(a.t)) / a.tau;
      I += a.w * std::exp(-s) * (a.shape == Shape::alpha ? std::exp(1.0L) * s : 1);
    }
    for (const OwnJump& c : currents)
      for (const Time t : spikes) I += c.jump * std::exp(-(u - ms(t)) / c.tau);
    return I;
  }
  Real threshold(Time t) const {
    Real level = V_th;
    for (const OwnJump& c : thresholds)
      for (const Time s : spikes) level += c.jump * std::exp(-ms(t - s) / c.tau);
    return level;
  }

 private:
  static constexpr Time step = ps_per_ms / 20;
  static Real ms(Time t) { return static_cast<Real>(t) / 1e9L; }
};

}  // namespace volley::test
