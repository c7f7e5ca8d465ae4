// SPDX-License-Identifier: Apache-2.0
// The kernel of neurons that have frames of their own: the same as the shared frame where both exist, streams in one
// call as one by one, sleep, and what neurons may differ in.
#include <engine/build.h>
#include <engine/individual_kernel.h>
#include <engine/mode_kernel.h>
#include <reference/build.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>
#include <tuple>
#include <typeinfo>

namespace {

using namespace volley;

struct Arrival {
  Time t;
  int port;
  Local target;
  float w;
};
struct Course {
  std::vector<std::pair<Time, Local>> spikes;
  bool asleep = false;
  std::size_t passes = 0;
};

// Passes, own events and arrivals in order of time, as a block takes them.
class Driver {
 public:
  Driver(Kernel& kernel, const std::vector<Arrival>& arrivals) : kernel_(kernel), arrivals_(arrivals) {
    kernel.start();
  }

  Course one_by_one(Time end) {
    for (Time t = 0; t < end; t = std::min(own(), arrival())) instant(t);
    out_.asleep = own() == never;
    return out_;
  }
  // Stretches of arrivals, all of one port, in one call.
  Course in_streams(Time end) {
    instant(0);
    while (std::min(own(), arrival()) < end) {
      if (arrival() >= own()) {
        instant(own());
        continue;
      }
      if (pass_ == never) pass_ = kernel_.horizon(arrival());
      const Time limit =
          std::min({end, pass_ == never ? kernel_.wake() : pass_, kernel_.next_event(), kernel_.reach(arrival())});
      std::vector<Time> t;
      std::vector<Local> target;
      std::vector<float> w;
      for (std::size_t k = next_; k < arrivals_.size() && arrivals_[k].t < limit; ++k) {
        t.push_back(arrivals_[k].t);
        target.push_back(arrivals_[k].target);
        w.push_back(arrivals_[k].w);
      }
      std::vector<Spiked> fired;
      next_ += kernel_.receive_stream(arrivals_[next_].port, 1.0, {t.data(), target.data(), w.data(), 0.0f, t.size()},
                                      fired);
      for (const Spiked& s : fired) out_.spikes.emplace_back(s.t, s.neuron);
      if (pass_ == never) pass_ = kernel_.wake();
    }
    return out_;
  }

 private:
  Time arrival() const { return next_ < arrivals_.size() ? arrivals_[next_].t : never; }
  Time own() const { return std::min(pass_, kernel_.next_event()); }
  void instant(Time t) {
    if (t >= pass_ || pass_ == never) pass_ = kernel_.horizon(t), ++out_.passes;
    const bool reached = kernel_.next_event() <= t || arrival() <= t;
    kernel_.begin(t);
    for (; arrival() == t; ++next_)
      kernel_.receive(t, arrivals_[next_].port, 1.0, {&arrivals_[next_].target, &arrivals_[next_].w, 0.0f, 1});
    std::vector<Local> fired;
    kernel_.settle(t, fired);
    for (const Local i : fired) out_.spikes.emplace_back(t, i);
    if (reached && pass_ == never) pass_ = kernel_.wake();
  }

  Kernel& kernel_;
  const std::vector<Arrival>& arrivals_;
  std::size_t next_ = 0;
  Time pass_ = 0;
  Course out_;
};

Membrane membrane(double tau_m) {
  return {.tau_m = tau_m,
          .R = tau_m / 250.0,
          .rest = -70.0,
          .threshold = -50.0,
          .reset = -65.0,
          .refractory = 1.7,
          .start = -70.0};
}
Membrane adaptive(double tau_m, double tau_syn) {
  Membrane m = membrane(tau_m);
  m.alpha_port("A", "I_A", tau_syn).current_port("I", "I_syn", 2.0 * tau_syn).spike_current("I_adapt", 80.0, -20.0);
  return m.spike_threshold("theta", 30.0, 2.0);
}

std::vector<Arrival> random_arrivals(std::size_t neurons, double scale, int ports, double gap_ms = 0.2) {
  std::mt19937_64 random(3);
  const auto u = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };
  std::vector<Arrival> a;
  for (Time t = 0; t < 300 * ps_per_ms; t += 1 + static_cast<Time>(u() * gap_ms * 1e9))
    a.push_back({t, u() * ports < 1.0 ? 0 : 1, static_cast<Local>(random() % neurons),
                 static_cast<float>(scale * (u() < 0.3 ? -u() : 1.5 * u()))});
  return a;
}

TEST(IndividualKernel, AgreesWithTheSharedFrameWhereAllAreAlike) {
  const Time end = 400 * ps_per_ms;
  for (const double tau_syn : {0.5, 3.0, 20.0, 20.0 * (1 + 1e-12)}) {
    SCOPED_TRACE(tau_syn);
    const std::vector<Membrane> all(9, adaptive(20.0, tau_syn));
    const auto arrivals = random_arrivals(all.size(), 9000.0 / (tau_syn + 1.0), 2);
    const auto own = make_individual_kernel(all), shared = make_mode_kernel(all, all.size());
    const Course a = Driver(*own, arrivals).one_by_one(end), b = Driver(*shared, arrivals).one_by_one(end);
    EXPECT_GT(a.spikes.size(), 100u);
    ASSERT_EQ(a.spikes.size(), b.spikes.size());
    for (std::size_t k = 0; k < a.spikes.size(); ++k) {
      EXPECT_NEAR(static_cast<double>(a.spikes[k].first), static_cast<double>(b.spikes[k].first), 1.0);
      EXPECT_EQ(a.spikes[k].second, b.spikes[k].second);
    }
    for (std::size_t variable = 0; variable < own->variables().size(); ++variable)
      for (Local i = 0; i < all.size(); ++i)
        EXPECT_NEAR(own->read(variable, i, end), shared->read(variable, i, end), 1e-9)
            << own->variables()[variable].name;
  }
}

// Many arrivals a call, several of them onto one neuron, and calls that end at a spike or before a return.
TEST(IndividualKernel, TakesAStreamAsItTakesArrivalsOneByOne) {
  const Time end = 300 * ps_per_ms;
  for (const auto& [t_ref, gap_ms, scale] :
       {std::tuple{0.0, 0.2, 6000.0}, {0.01, 0.2, 6000.0}, {1.7, 0.2, 6000.0}, {1.7, 0.004, 130.0}}) {
    std::vector<Membrane> all;
    for (int i = 0; i < 5; ++i) all.push_back(adaptive(10.0 + i, 3.0 + i));
    for (Membrane& m : all) m.refractory = t_ref;
    const auto arrivals = random_arrivals(all.size(), scale, 1, gap_ms);
    const auto a = make_individual_kernel(all), b = make_individual_kernel(all);
    const Course one = Driver(*a, arrivals).one_by_one(end), many = Driver(*b, arrivals).in_streams(end);
    EXPECT_GT(one.spikes.size(), 100u);
    EXPECT_EQ(one.spikes, many.spikes);
    for (std::size_t variable = 0; variable < a->variables().size(); ++variable)
      for (Local i = 0; i < all.size(); ++i) EXPECT_EQ(a->read(variable, i, end), b->read(variable, i, end));
  }
}

TEST(IndividualKernel, SleepsWhenNothingCanReachThreshold) {
  std::vector<Membrane> all{adaptive(10.0, 2.0), adaptive(20.0, 5.0), adaptive(30.0, 30.0)};
  all[1].rest = all[1].threshold;  // c0 = 0: D approaches 0 and never reaches it
  const std::vector<Arrival> weak{
      {5 * ps_per_ms, 1, 0, 10.0f}, {6 * ps_per_ms, 1, 1, -10.0f}, {7 * ps_per_ms, 0, 2, -10.0f}};
  const auto kernel = make_individual_kernel(all);
  const Course r = Driver(*kernel, weak).one_by_one(1000 * ps_per_ms);
  EXPECT_TRUE(r.spikes.empty());
  EXPECT_TRUE(r.asleep);
  EXPECT_LT(r.passes, 10u);
}

// A threshold below V_th that rises more slowly than V recovers: V_inf < V_th, no current, and yet a spike.
TEST(IndividualKernel, StaysAwakeWhileItsThresholdIsLowered) {
  Membrane m{
      .tau_m = 5.0, .R = 0.02, .rest = -70.0, .threshold = -50.0, .reset = -90.0, .refractory = 2.0, .start = -85.0};
  m.current_port("I", "I_syn", 2.0).spike_threshold("theta", 500.0, 60.0);
  const auto kernel = make_individual_kernel({m});
  kernel->initialise(2, 0, -25.0);
  const Course r = Driver(*kernel, {}).one_by_one(1000 * ps_per_ms);
  long double low = 0, high = 20;  // -20 - 15 exp(-t/5) + 25 exp(-t/500)
  for (int k = 0; k < 80; ++k) {
    const long double t = (low + high) / 2;
    (-20 - 15 * std::exp(-t / 5) + 25 * std::exp(-t / 500) >= 0 ? high : low) = t;
  }
  ASSERT_EQ(r.spikes.size(), 1u);
  EXPECT_EQ(r.spikes[0].first, static_cast<Time>(std::ceil(high * 1e9L)));
  EXPECT_TRUE(r.asleep);
}

// A jump of V is in mV whatever R is; the shared frame stores V in units of one R/tau_m and takes no other.
TEST(IndividualKernel, JumpsVBesideCurrentsForAnyR) {
  std::vector<Membrane> all;
  for (const double R : {0.02, 0.08, 0.5}) {
    Membrane m = membrane(20.0);
    m.R = R;
    all.push_back(m.voltage_port("V").current_port("I", "I_syn", 3.0));
  }
  EXPECT_THROW(make_mode_kernel(all, all.size()), std::invalid_argument);
  const auto kernel = make_individual_kernel(all);
  std::vector<Arrival> jumps;
  for (Local i = 0; i < 3; ++i) jumps.push_back({ps_per_ms, 0, i, 4.0f});
  Driver(*kernel, jumps).one_by_one(2 * ps_per_ms);
  for (Local i = 0; i < 3; ++i) EXPECT_NEAR(kernel->read(0, i, ps_per_ms), -66.0, 1e-12);
}

// Neurons that a block finds alike by chance have frames of their own all the same: the cut changes no bit.
TEST(IndividualKernel, IsChosenForAPopulationWhateverItsBlocks) {
  test::Builder b;
  b.neurons("differ", "lif_exp", 6, {{"tau_m", test::one_each({10, 10, 10, 20, 20, 20})}});
  b.neurons("alike", "lif_exp", 6,
            {{"tau_m", test::one_each({10, 10, 10, 10, 10, 10})}, {"t_ref", test::uniform(0, 2)}});
  Experiment x = b.done(1.0);
  for (const std::uint32_t block_size : {0u, 1u, 3u, 4u}) {
    x.engine.block_size = block_size;
    const BuiltNetwork n = build(x, test::NoFiles(), 2);
    const auto individual = make_individual_kernel({membrane(10.0)}), shared = make_mode_kernel({membrane(10.0)}, 1);
    for (std::size_t k = 0; k < n.blocks.size(); ++k) {
      const Kernel& found = *n.blocks[k]->kernel;
      const Kernel& expected = n.placement.of_block[k].front().population == 0 ? *individual : *shared;
      EXPECT_TRUE(typeid(found) == typeid(expected)) << "block " << k << " of at most " << block_size;
    }
  }
}

TEST(IndividualKernel, WantsTheSameComponentsOfAll) {
  std::vector<Membrane> all{membrane(10.0), membrane(20.0)};
  all[0].current_port("I", "I_syn", 3.0);
  all[1].alpha_port("I", "I_syn", 3.0);
  EXPECT_THROW(make_individual_kernel(all), std::invalid_argument);
}

}  // namespace
