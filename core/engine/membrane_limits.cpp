// SPDX-License-Identifier: Apache-2.0
#include <engine/membrane_limits.h>

#include <volley/time.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace volley {
namespace {

constexpr double shortest_tau = 1e-6;  // ms: a thousand times the resolution of time
constexpr double picosecond = 1e-9;    // ms

// From reset to threshold without an arrival; infinite when the drive does not reach it.
double interval(const Membrane& m) {
  if (m.rest <= m.threshold) return HUGE_VAL;
  return m.refractory + m.tau_m * std::log1p((m.threshold - m.reset) / (m.rest - m.threshold));
}

}  // namespace

std::string beyond_limits(const Membrane& m) {
  double tau = m.tau_m;
  bool current = false;
  for (const Membrane::Component& c : m.components) {
    tau = std::min(tau, c.tau);
    current |= c.kind != Membrane::Kind::threshold;
  }
  if (tau < shortest_tau)
    return fmt::format("a time constant of {} ms; the shortest that can be simulated is {} ms", tau, shortest_tau);
  // Currents count V in units of R / tau_m.
  const double unit = current ? m.R / m.tau_m : 1.0;
  for (const double v : {m.rest, m.threshold, m.reset})
    if (!std::isfinite(v / unit) || !std::isfinite(unit))
      return fmt::format("a potential of {} mV with a resistance of {} GOhm; these numbers are too far apart", v, m.R);
  if (interval(m) < picosecond)
    return fmt::format("a drive to {} mV, which makes it fire more often than once a picosecond; a smaller drive or a "
                       "longer refractory time would do", m.rest);
  return {};
}

}  // namespace volley
