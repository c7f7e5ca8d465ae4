// SPDX-License-Identifier: Apache-2.0
// The reference's closed forms against brute-force quadrature: every spike at the same picosecond.
#include <physics/oracle.h>
#include <reference/cell.h>

#include <gtest/gtest.h>

#include <random>

namespace volley::test {
namespace {

TEST(Cell, AgreesWithQuadrature) {
  std::mt19937_64 random(3);
  const auto u = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };
  std::size_t spikes = 0;
  for (int c = 0; c < 40; ++c) {
    SCOPED_TRACE(c);
    const double tau_m = 5 + 15 * u();
    const double tau_syn = c % 4 == 0 ? tau_m : c % 4 == 1 ? tau_m * (1 + 1e-12 * (u() - 0.5)) : 0.3 + 20 * u();
    const bool alpha = c % 3 == 0, adapts = c % 3 == 1;
    const double I_e = c % 2 ? 0 : 6000 / tau_m;
    Membrane m{.tau_m = tau_m, .R = tau_m / 250, .rest = -70 + tau_m / 250 * I_e, .threshold = -50, .reset = -70,
               .refractory = c % 5 ? 1.5 : 0.0, .start = -70};
    if (alpha) m.alpha_port("I", "I_syn", tau_syn);
    else m.current_port("I", "I_syn", tau_syn);
    if (adapts) m.spike_current("I_adapt", 50, -30).spike_threshold("theta", 15, 1.5);

    Oracle o;
    o.tau_m = tau_m;
    o.R = m.R;
    o.V_inf = m.rest;
    o.t_ref = from_ms(m.refractory);
    if (adapts) {
      o.currents = {{50, -30}};
      o.thresholds = {{15, 1.5}};
    }
    for (double t = 0.5; t < 50; t += u() > 0.2 ? 1e-3 * std::floor(2000 * u()) : 0.0) {
      const auto w = static_cast<float>((u() < 0.33 ? -1 : 1) * 2000 / tau_syn * u());
      o.arrivals.push_back({from_ms(t), w, alpha ? Oracle::Shape::alpha : Oracle::Shape::exponential, tau_syn});
    }
    const Time end = from_ms(60);
    o.run(end);

    MembraneCell cell(m);
    std::vector<Time> found;
    std::size_t next = 0;
    while (true) {
      const Time arrival = next < o.arrivals.size() ? o.arrivals[next].t : never;
      const Time t = std::min(arrival, cell.next_event(end - 1));
      if (t >= end) break;
      cell.begin(t);
      for (; next < o.arrivals.size() && o.arrivals[next].t == t; ++next)
        cell.receive(t, 0, 1.0, static_cast<float>(o.arrivals[next].w));
      if (cell.fires(t)) found.push_back(t);
    }
    EXPECT_EQ(found, o.spikes);
    spikes += found.size();
  }
  EXPECT_GT(spikes, 100u);
}

}  // namespace
}  // namespace volley::test
