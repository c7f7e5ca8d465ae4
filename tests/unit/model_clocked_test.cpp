// SPDX-License-Identifier: Apache-2.0
// Clocked neurons against a converged reference: classical Runge-Kutta in long double at 0.5 us, with conductances in
// closed form, spikes looked for where the model looks for them.
#include "models.h"

#include <cmath>
#include <functional>
#include <random>

namespace volley::test {
namespace {

using Real = long double;
constexpr double tick = 0.1;
constexpr int fine = 200;  // reference steps in a tick

// Two variables and two conductances that decay; `slope` gives the derivatives of the variables.
struct Reference {
  Real x = 0, y = 0, g_exc = 0, g_inh = 0, tau_exc = 5, tau_inh = 10;
  std::function<std::pair<Real, Real>(Real x, Real y, Real g_exc, Real g_inh)> slope;
  std::function<bool(Reference&)> spike = [](Reference&) { return false; };  // resets; asked after each fine step
  Real deaf = 0;  // ms for which x stands still

  bool advance(Real dt) {
    bool spiked = false;
    for (int k = 0; k < fine; ++k) {
      const Real step = dt / fine, still = std::min(deaf, step);
      if (still > 0) y += still * slope(x, y, g_exc, g_inh).second;
      deaf -= still;
      const Real before_exc = std::exp(-still / tau_exc), before_inh = std::exp(-still / tau_inh);
      const Real h = step - still;
      const Real half_exc = std::exp(-h / 2 / tau_exc), half_inh = std::exp(-h / 2 / tau_inh);
      const Real e0 = g_exc * before_exc, e1 = e0 * half_exc, e2 = e1 * half_exc;
      const Real i0 = g_inh * before_inh, i1 = i0 * half_inh, i2 = i1 * half_inh;
      const auto a = slope(x, y, e0, i0), b = slope(x + h / 2 * a.first, y + h / 2 * a.second, e1, i1);
      const auto c = slope(x + h / 2 * b.first, y + h / 2 * b.second, e1, i1);
      const auto d = slope(x + h * c.first, y + h * c.second, e2, i2);
      x += h / 6 * (a.first + 2 * b.first + 2 * c.first + d.first);
      y += h / 6 * (a.second + 2 * b.second + 2 * c.second + d.second);
      g_exc = e2, g_inh = i2;
      spiked |= spike(*this);
    }
    return spiked;
  }
};

std::vector<Event> random_input(double duration, double rate_exc, double rate_inh, double w_exc, double w_inh) {
  std::mt19937_64 random(5);
  std::vector<Event> events;
  std::bernoulli_distribution exc(rate_exc * tick), inh(rate_inh * tick);
  for (int k = 1; k * tick < duration; ++k) {  // on tick boundaries, where arrivals enter at once
    if (exc(random)) events.push_back({k * tick, w_exc, 0});
    if (inh(random)) events.push_back({k * tick, w_inh, 1});
  }
  return events;
}

// Runs both tick by tick; `compare` sees the model at every tick's end.
void side_by_side(SingleNeuron& n, Reference& r, const std::vector<Event>& events, double duration,
                  const std::function<void(double ms, bool spiked, bool expected)>& compare) {
  std::size_t e = 0;
  for (int k = 1; k * tick <= duration + 1e-9; ++k) {
    const double start = (k - 1) * tick;
    for (; e < events.size() && events[e].ms < start + 1e-6; ++e)
      (events[e].port == 0 ? r.g_exc : r.g_inh) += events[e].w;
    std::vector<Event> here;
    for (std::size_t j = e; j < events.size() && events[j].ms < start + tick + 1e-6; ++j) here.push_back(events[j]);
    const bool spiked = !n.run(here, k * tick).empty();
    compare(k * tick, spiked, r.advance(tick));
  }
}

Reference cond_reference() {
  Reference r;
  r.x = -60;
  r.slope = [](Real V, Real, Real e, Real i) -> std::pair<Real, Real> {
    return {(-10 * (V + 60) - e * V - i * (V + 80) + 200) / 200, 0};
  };
  return r;
}
const Settings cond{{"C_m", 200.0}, {"g_L", 10.0}, {"E_L", -60.0}, {"V_reset", -60.0}, {"I_e", 200.0}};

TEST(LifCond, SubthresholdAgreesWithConvergedSteps) {
  Settings s = cond;
  s.push_back({"V_th", 100.0});
  SingleNeuron n("lif_cond", s, tick);
  Reference r = cond_reference();
  double worst = 0.0;
  side_by_side(n, r, random_input(200.0, 0.8, 0.2, 4.0, 51.0), 200.0, [&](double ms, bool, bool) {
    worst = std::max(worst, std::abs(n.read("V", ms) - static_cast<double>(r.x)));
    ASSERT_NEAR(n.read("g_inh", ms), static_cast<double>(r.g_inh), 1e-9);
  });
  EXPECT_LT(worst, 2e-6);  // with up to 400 nS of inhibition
}

// Spikes at the ticks that the reference says, with a t_ref that is no multiple of the tick.
TEST(LifCond, RefractorinessEndsInsideATick) {
  for (const double t_ref : {0.0, 0.04, 1.23, 5.0}) {
    Settings s = cond;
    s.push_back({"t_ref", t_ref});
    SingleNeuron n("lif_cond", s, tick);
    Reference r = cond_reference();
    const std::vector<Event> input = random_input(300.0, 1.5, 0.1, 6.0, 51.0);
    int spikes = 0;
    side_by_side(n, r, input, 300.0, [&](double ms, bool spiked, bool) {
      const bool expected = r.deaf <= 1e-12L && r.x >= -50;
      if (expected) r.x = -60, r.deaf = t_ref;
      ASSERT_EQ(spiked, expected) << ms;
      ASSERT_NEAR(n.read("V", ms), static_cast<double>(r.x), 2e-6) << ms;
      spikes += spiked;
    });
    EXPECT_GT(spikes, 10);
  }
}

// No step is too long for a huge conductance: V goes to its reversal potential and stays finite.
TEST(LifCond, StableAtAnyConductance) {
  SingleNeuron n("lif_cond", {{"V_th", 1000.0}}, tick);
  n.run({{1.0, 1e6, 1}}, 30.0);
  EXPECT_NEAR(n.read("V", 30.0), -80.0, 0.1);
}

TEST(LifCond, SubstepsConverge) {
  SingleNeuron one("lif_cond", cond, tick), many("lif_cond", cond, tick, 16);
  one.run({{1.0, 20.0, 0}, {3.0, 30.0, 1}}, 8.0);
  many.run({{1.0, 20.0, 0}, {3.0, 30.0, 1}}, 8.0);
  EXPECT_NEAR(one.read("V", 8.0), many.read("V", 8.0), 1e-8);
}

Reference adex_reference(double I, double t_ref) {
  Reference r;
  r.x = -70.6L;
  r.slope = [I](Real V, Real w, Real e, Real i) -> std::pair<Real, Real> {
    const Real v = std::min<Real>(V, 0);
    return {(-30 * (v + 70.6L) + 60 * std::exp((v + 50.4L) / 2) - w - e * v - i * (v + 80) + I) / 281,
            (4 * (v + 70.6L) - w) / 144};
  };
  r.spike = [t_ref](Reference& self) {
    if (self.x < 0) return false;
    self.x = -70.6L, self.y += 80.5L, self.deaf = t_ref;
    return true;
  };
  return r;
}

TEST(Adex, SubthresholdAgreesWithConvergedSteps) {
  SingleNeuron n("adex", {{"I_e", 200.0}}, tick);
  Reference r = adex_reference(200.0, 0.0);
  side_by_side(n, r, random_input(200.0, 0.3, 0.1, 3.0, 6.0), 200.0, [&](double ms, bool spiked, bool expected) {
    ASSERT_FALSE(spiked || expected);
    ASSERT_NEAR(n.read("V", ms), static_cast<double>(r.x), 1e-7);
    ASSERT_NEAR(n.read("w", ms), static_cast<double>(r.y), 1e-7);
  });
}

// Spike times of the model against a reference, whose own are known to a fine step: within `tolerance` ms each.
void same_train(SingleNeuron n, Reference r, double duration, double tolerance, std::size_t at_least) {
  std::vector<double> expected, found;
  side_by_side(n, r, {}, duration, [&](double ms, bool spiked, bool due) {
    if (spiked) found.push_back(ms);
    if (due) expected.push_back(ms);
  });
  ASSERT_EQ(found.size(), expected.size());
  EXPECT_GE(found.size(), at_least);
  for (std::size_t k = 0; k < found.size(); ++k) EXPECT_NEAR(found[k], expected[k], tolerance) << k;
}

TEST(Adex, SpikesConvergeWithSubsteps) {
  for (const double t_ref : {0.0, 2.05}) {
    const Settings s{{"I_e", 800.0}, {"t_ref", t_ref}};
    same_train(SingleNeuron("adex", s, tick, 200), adex_reference(800.0, t_ref), 300.0, tick + 1e-6, 5);
    same_train(SingleNeuron("adex", s, tick, 1), adex_reference(800.0, t_ref), 100.0, 1.0, 2);
  }
}

TEST(Adex, ExponentialStaysFinite) {
  SingleNeuron n("adex", {{"V_peak", 20.0}, {"I_e", 1e5}}, tick);
  EXPECT_GT(n.run({{1.0, 1e4, 0}}, 20.0).size(), 10u);
  EXPECT_TRUE(std::isfinite(n.read("V", 20.0)) && std::isfinite(n.read("w", 20.0)));
}

Reference izhikevich_reference(double I) {
  Reference r;
  r.x = -65, r.y = -13;
  r.slope = [I](Real V, Real u, Real, Real) -> std::pair<Real, Real> {
    const Real v = std::min<Real>(V, 30);
    return {0.04L * v * v + 5 * v + 140 - u + I, 0.02L * (0.2L * v - u)};
  };
  r.spike = [](Reference& self) {
    if (self.x < 30) return false;
    self.x = -65, self.y += 8;
    return true;
  };
  return r;
}

TEST(Izhikevich, SubthresholdAgreesWithConvergedSteps) {
  SingleNeuron n("izhikevich", {{"I_e", 3.0}}, tick);
  Reference r = izhikevich_reference(3.0);
  side_by_side(n, r, {}, 100.0, [&](double ms, bool spiked, bool) {
    ASSERT_FALSE(spiked);
    ASSERT_NEAR(n.read("V", ms), static_cast<double>(r.x), 1e-6);
    ASSERT_NEAR(n.read("u", ms), static_cast<double>(r.y), 1e-6);
  });
}

TEST(Izhikevich, SpikesConvergeWithSubsteps) {
  same_train(SingleNeuron("izhikevich", {{"I_e", 10.0}}, tick, 200), izhikevich_reference(10.0), 300.0, tick + 1e-6, 5);
  same_train(SingleNeuron("izhikevich", {{"I_e", 10.0}}, tick, 1), izhikevich_reference(10.0), 100.0, 1.0, 2);
}

TEST(Izhikevich, AnArrivalJumpsV) {
  SingleNeuron a("izhikevich", {}, tick), b("izhikevich", {}, tick);
  b.set("V", -60.0);
  a.run({{0.0, 5.0, 0}}, 1.0);
  b.run({}, 1.0);
  EXPECT_DOUBLE_EQ(a.read("V", 1.0), b.read("V", 1.0));
}

// What arrives inside a tick enters at the next one's start; on a boundary, in the tick that begins there.
TEST(StepKernel, ArrivalsEnterTicks) {
  const Settings plain{{"V_th", 1000.0}};
  const auto g = [&](double at, double ms) {
    SingleNeuron n("lif_cond", plain, tick);
    n.run({{at, 1.0, 0}}, ms);
    return n.read("g_exc", ms);
  };
  const double one = std::exp(-tick / 5.0);
  EXPECT_EQ(g(0.25, 0.3), 0.0);
  EXPECT_DOUBLE_EQ(g(0.25, 0.4), one);
  EXPECT_DOUBLE_EQ(g(0.3, 0.4), one);
  EXPECT_DOUBLE_EQ(g(0.0, 0.1), one);
}

}  // namespace
}  // namespace volley::test
