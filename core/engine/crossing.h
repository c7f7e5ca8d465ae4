// SPDX-License-Identifier: Apache-2.0
// When a linear neuron reaches its threshold. D = (V - V_th)/gain of a neuron in its frame (core/engine/layout.h) is
// evaluated by one function, here, both to predict a crossing and to check it again.
#pragma once

#include <engine/layout.h>

#include <limits>

namespace volley {

constexpr double deaf = -std::numeric_limits<double>::infinity();  // the membrane element of a refractory neuron

// A neuron's state in its frame and c0 = (V_inf - V_th)/gain.
struct Framed {
  const Layout& layout;
  const double* z;
  double c0;
  Time frame;
};

inline double potential(const Layout& layout, const double* z, const Instant& a) {
  double v = a.v[0] * z[0];
  for (std::size_t c = 1; c < layout.used; ++c) v += a.v[c] * z[c];
  return v;
}

inline double distance(const Layout& layout, const double* z, double c0, const Instant& a) {
  double D = c0 + potential(layout, z, a);
  for (std::size_t c = 1; c < layout.used; ++c) D += a.theta[c] * z[c];
  return D;
}

// D = 0 by underflow alone is no crossing: with c0 <= 0 something must push upwards.
inline bool pushed(const Layout& layout, const double* z, double c0, const Instant& a) {
  if (c0 > 0.0) return true;
  for (std::size_t c = 0; c < layout.used; ++c)
    if ((a.v[c] + a.theta[c]) * z[c] > 0.0) return true;
  return false;
}

// First picosecond in (a, b] with D >= 0, given D(a) < 0; never if there is none. An interval whose bound of D is below
// -margin holds none (margin: more than the rounding of D). Throws InternalError when D is not a number.
Time first_crossing(const Framed&, Time a, Time b, double margin);

// A time after a, cheap to find, up to which there is no crossing, D(a) = D < 0; never if there is none before `end`.
Time no_crossing_before(const Framed&, double D, const Instant& a, Time end, double margin);

}  // namespace volley
