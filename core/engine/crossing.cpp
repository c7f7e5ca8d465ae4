// SPDX-License-Identifier: Apache-2.0
#include <engine/crossing.h>

#include <network/error.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace volley {
namespace {

// NaN compares false with everything: the search would halve for ever.
double checked(double D, Time t) {
  if (std::isnan(D)) throw InternalError("the membrane potential is not a number at " + std::to_string(t) + " ps");
  return D;
}

double distance_at(const Framed& n, Time t) {
  return checked(distance(n.layout, n.z, n.c0, n.layout.at(t, n.frame)), t);
}

// D(low) < 0 <= D(high), D rising: the first picosecond at or above 0 (false position with the Illinois rule).
Time bracket(const Framed& n, Time low, Time high, double D_low, double D_high) {
  int side = 0;
  for (int k = 1; high - low > 1; ++k) {
    const double share = D_low / (D_low - D_high);
    Time middle = low + static_cast<Time>(share * static_cast<double>(high - low));
    if (k % 8 == 0) middle = low + (high - low) / 2;
    middle = std::clamp(middle, low + 1, high - 1);
    const double D = distance_at(n, middle);
    if (D >= 0.0) {
      high = middle, D_high = D;
      if (side > 0) D_low *= 0.5;
      side = 1;
    } else {
      low = middle, D_low = D;
      if (side < 0) D_high *= 0.5;
      side = -1;
    }
  }
  return high;
}

// Bounds of dD/dt, per ms, in the h ms from x on.
struct Slopes {
  double high, low;
};
Slopes slopes(const Framed& n, const Instant& x, double h) {
  const Layout& layout = n.layout;
  const double* z = n.z;
  double I_high = 0.0, I_low = 0.0, d_high = 0.0, d_low = 0.0;
  for (std::size_t c = 1; c < layout.used; ++c) {
    const double keep = std::max(0.0, 1.0 - h / layout.tau(c));
    if (layout.is_threshold(c)) {
      const double slope = -x.theta[c] * z[c] / layout.tau(c);
      d_high += slope > 0.0 ? slope : slope * keep;
      d_low += slope > 0.0 ? slope * keep : slope;
    } else if (!layout.is_rise(c)) {
      const double I = x.down[c] * (layout.is_alpha(c) ? z[c] + x.s * z[c - 1] : z[c]);
      const double rise = layout.is_alpha(c) ? x.down[c] * z[c - 1] * h : 0.0;
      I_high += (I > 0.0 ? I : I * keep) + std::max(0.0, rise);
      I_low += (I > 0.0 ? I * keep : I) + std::min(0.0, rise);
    }
  }
  const double tau = layout.tau(0), v = potential(layout, z, x), keep = std::max(0.0, 1.0 - h / tau);
  const double v_high = (v >= 0.0 ? v : v * keep) + std::max(0.0, I_high) * h;
  const double v_low = (v >= 0.0 ? v * keep : v) + std::min(0.0, I_low) * h;
  return {I_high - v_low / tau + d_high, I_low - v_high / tau + d_low};
}

}  // namespace

Time no_crossing_before(const Framed& n, double D, const Instant& a, Time end, double margin) {
  const double h = to_ms(end - a.t), rise = h * slopes(n, a, h).high;
  if (D + std::max(0.0, rise) < -margin) return never;
  const double share = rise > 0.0 ? std::max(0.0, (-D - margin) / rise) * (1.0 - 1e-9) : 0.0;
  const Time t = a.t + std::max<Time>(1, static_cast<Time>(share * static_cast<double>(end - a.t)));
  return t < end ? t : never;
}

// An interval is dropped when an upper bound of D is below 0 there, searched when D rises throughout, else halved.
Time first_crossing(const Framed& n, Time a, Time b, double margin) {
  if (b <= a) return never;
  const Instant x = n.layout.at(a, n.frame);
  const double h = to_ms(b - a), D = checked(distance(n.layout, n.z, n.c0, x), a);
  const Slopes slope = slopes(n, x, h);
  if (D + h * std::max(0.0, slope.high) < -margin) return never;
  if (b - a == 1 || slope.low >= 0.0) {
    const double at_b = distance_at(n, b);
    return at_b >= 0.0 ? bracket(n, a, b, D, at_b) : never;
  }
  const Time middle = a + (b - a) / 2;
  const Time first = first_crossing(n, a, middle, margin);
  return first != never ? first : first_crossing(n, middle, b, margin);
}

}  // namespace volley
