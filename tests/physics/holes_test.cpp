// SPDX-License-Identifier: Apache-2.0
// Cases that an engine without care gets wrong: late crossings, postponed crossings, ends of refractoriness,
// coincidences, extreme times and delays.
#include <physics/oracle.h>
#include <physics/single_neuron.h>

#include <network/error.h>

namespace volley::test {
namespace {

// Each once with time constants in common and once with time constants of the neuron's own.
class Holes : public testing::TestWithParam<bool> {
 protected:
  static MemoryResults run(Builder b, double ms) {
    return run_engine((GetParam() ? in_company(std::move(b)) : b).done(ms));
  }
  static std::vector<Time> run(std::string_view model, const Values& v, const std::vector<Input>& inputs, double ms) {
    return spike_times(run(neuron_with(model, v, inputs), ms));
  }
};
INSTANTIATE_TEST_SUITE_P(TimeConstants, Holes, testing::Bool(),
                         [](const auto& p) { return p.param ? "individual" : "common"; });

std::vector<Time> at_ms(std::initializer_list<double> ms) {
  std::vector<Time> t;
  for (const double x : ms) t.push_back(from_ms(x));
  return t;
}

TEST_P(Holes, CrossingManyWindowsAfterTheLastArrival) {
  Builder b = neuron_with("lif_exp", {{"tau_syn", 15.0}}, {{1.0, 850.0}});
  b.x.engine.window = from_ms(0.01);
  Oracle o;
  o.arrivals = {{from_ms(1), 850, Oracle::Shape::exponential, 15}};
  const auto& expected = o.run(from_ms(60));
  ASSERT_FALSE(expected.empty());
  EXPECT_GT(expected[0], from_ms(10));
  expect_times(spike_times(run(b, 60)), expected);
}

TEST_P(Holes, InhibitionOnlyPostponesACrossing) {
  Oracle alone;
  alone.arrivals = {{from_ms(1), 2000, Oracle::Shape::exponential, 5}};
  const Time candidate = alone.run(from_ms(20)).at(0);
  Oracle o;  // just before the candidate
  o.arrivals = {{from_ms(1), 2000, Oracle::Shape::exponential, 5},
                {candidate - 1000, -300, Oracle::Shape::exponential, 5}};
  const auto expected = o.run(from_ms(20));
  ASSERT_GT(expected.at(0), candidate);
  expect_times(run("lif_exp", {{"tau_syn", 5.0}}, {{1.0, 2000.0}, {to_ms(candidate - 1000), -300.0}}, 20), expected);
}

TEST_P(Holes, InhibitionCancelsACrossing) {
  EXPECT_EQ(run("lif_exp", {{"tau_syn", 5.0}}, {{1.0, 2000.0}}, 100).size(), 1u);
  EXPECT_TRUE(run("lif_exp", {{"tau_syn", 5.0}}, {{1.0, 2000.0}, {2.0, -1800.0}}, 100).empty());
}

TEST_P(Holes, CrossingRightAfterRefractoriness) {
  const Values v{{"tau_syn", 50.0}, {"V_reset", -50.0001}, {"t_ref", 1.5}};
  Oracle o;
  o.V_reset = -50.0001;
  o.t_ref = from_ms(1.5);
  o.arrivals = {{from_ms(1), 3000, Oracle::Shape::exponential, 50}};
  const auto& expected = o.run(from_ms(20));
  ASSERT_GT(expected.size(), 5u);
  EXPECT_LT(expected[1] - expected[0], from_ms(1.5001));
  expect_times(run("lif_exp", v, {{1.0, 3000.0}}, 20), expected);
}

TEST_P(Holes, ArrivalsAroundTheEndOfRefractoriness) {  // deaf on [t_s, t_s + t_ref)
  EXPECT_EQ(run("lif", {}, {{1.0, 25.0}, {3.0, 25.0}}, 10), at_ms({1.0, 3.0}));
  EXPECT_EQ(run("lif", {}, {{1.0, 25.0}, {3.0 - 1e-9, 25.0}}, 10), at_ms({1.0}));
  EXPECT_EQ(run("lif", {}, {{1.0, 25.0}, {3.0 + 1e-9, 25.0}}, 10), at_ms({1.0, 3.0 + 1e-9}));
}

TEST_P(Holes, ExcitationAndInhibitionOfOneInstantAreAddedFirst) {
  for (const bool inhibition_first : {false, true}) {
    std::vector<Input> both{{1.0, 25.0}, {1.0, -25.0}};
    if (inhibition_first) std::swap(both[0], both[1]);
    EXPECT_TRUE(run("lif", {}, both, 10).empty());
    both[inhibition_first ? 1 : 0].w = 50.0;
    EXPECT_EQ(run("lif", {}, both, 10), at_ms({1.0}));
  }
}

TEST_P(Holes, NoRefractoriness) {
  const Values v{{"t_ref", 0.0}};
  EXPECT_EQ(run("lif", v, {{1.0, 50.0}, {1.0, 50.0}}, 10), at_ms({1.0}));  // one spike an instant
  EXPECT_EQ(run("lif", v, {{1.0, 25.0}, {1.0 + 1e-9, 25.0}, {1.0 + 2e-9, 25.0}}, 10),
            at_ms({1.0, 1.0 + 1e-9, 1.0 + 2e-9}));
  Oracle o;
  o.t_ref = 0;
  o.V_inf = -20;
  const auto expected = o.run(from_ms(200));
  expect_times(run("lif", {{"t_ref", 0.0}, {"I_e", 625.0}}, {}, 200), expected);
  Oracle e;
  e.t_ref = 0;
  e.arrivals = {{from_ms(1), 5000, Oracle::Shape::exponential, 5}};
  expect_times(run("lif_exp", {{"t_ref", 0.0}, {"tau_syn", 5.0}}, {{1.0, 5000.0}}, 40), e.run(from_ms(40)));
}

TEST_P(Holes, RefractorinessFromADistribution) {
  const std::vector<double> t_ref{3.0, 0.5, 0.0, 1.0};
  for (const char* model : {"lif", "lif_exp"}) {
    const MemoryResults r = run(neuron_with(model, {{"I_e", 500.0}, {"t_ref", one_each(t_ref)}}, {}, 4), 100);
    for (std::uint32_t i = 0; i < 4; ++i) {
      Oracle o;
      o.V_inf = -30;
      o.t_ref = from_ms(t_ref[i]);
      expect_times(spike_times(r, i), o.run(from_ms(100)));
    }
  }
}

TEST_P(Holes, BillionMilliseconds) {
  const std::vector<Input> inputs{{0.5, 5000.0}, {1e6, 5000.0}, {5e8 + 0.25, 5000.0}, {999'999'980.0, 5000.0}};
  for (const char* model : {"lif_exp", "lif_alpha", "lif_adaptive"}) {
    SCOPED_TRACE(model);
    const bool alpha = std::string_view(model) == "lif_alpha";
    const auto t = run(model, {{"t_ref", 15.0}}, inputs, 1e9);
    Oracle o;  // each arrival finds the neuron at rest again
    o.t_ref = from_ms(15.0);
    o.arrivals = {{0, 5000, alpha ? Oracle::Shape::alpha : Oracle::Shape::exponential, 2}};
    const Time lag = o.run(from_ms(20)).at(0);
    std::vector<Time> expected;
    for (const Input& i : inputs) expected.push_back(from_ms(i.t_ms) + lag);
    expect_times(t, expected);
  }
  EXPECT_EQ(run("lif", {}, {{0.5, 25.0}, {999'999'999.5, 25.0}}, 1e9), at_ms({0.5, 999'999'999.5}));
}

TEST_P(Holes, DelaysOfOnePicosecond) {
  for (const char* model : {"lif", "lif_homeostatic"}) {
    Builder b;
    const std::size_t n = b.neurons("N", model, 20), s = b.spikes("S", {{1.0}});
    ProjectionSpec& chain = b.connect(n, n, Connect::Rule::list, constant(30.0), constant(1e-9));
    for (std::uint32_t i = 0; i + 1 < 20; ++i) {
      chain.connect.source.push_back(i);
      chain.connect.target.push_back(i + 1);
    }
    ProjectionSpec& first = b.connect(s, n, Connect::Rule::list, constant(30.0), constant(0.0));
    first.connect.source = {0};
    first.connect.target = {0};
    const MemoryResults r = run(b, 1000);
    ASSERT_EQ(r.spikes_of[0].size(), 20u);
    for (std::uint32_t i = 0; i < 20; ++i) EXPECT_EQ(r.spikes_of[0][i], (Spike{from_ms(1.0) + i, n, i}));
  }
}

TEST_P(Holes, MinusInfinityIsNeverSeen) {
  struct Case {
    const char* model;
    std::vector<std::string> variables;
  };
  for (const Case& c : {Case{"lif", {"V"}}, Case{"lif_exp", {"V", "I_syn"}}, Case{"lif_exp2", {"V", "I_exc", "I_inh"}},
                        Case{"lif_alpha", {"V", "I_syn"}}, Case{"lif_adaptive", {"V", "I_syn", "I_adapt", "theta"}}}) {
    SCOPED_TRACE(c.model);
    const Values v{{"I_e", 400.0}, {"t_ref", 30.0}, {"V_reset", -65.0}};
    Builder b = neuron_with(c.model, v, {{0.5, 100.0}, {12.0, 100.0}}, 3);
    b.record_states(0, c.variables, 0.5);
    const MemoryResults r = run(b, 2000);
    ASSERT_GT(r.states_of[0].size(), 3000u);
    const auto t = spike_times(r);
    ASSERT_FALSE(t.empty());
    std::size_t refractory = 0;
    for (const StateSample& s : r.states_of[0]) {
      for (const float value : s.values) ASSERT_TRUE(std::isfinite(value));
      ASSERT_GT(s.values[0], -80.0f);
      for (const Time spike : t)
        if (s.t >= spike && s.t < spike + from_ms(30.0)) {
          ASSERT_EQ(s.values[0], -65.0f);
          ++refractory;
        }
    }
    EXPECT_GT(refractory, 1000u);
  }
}

TEST_P(Holes, StartAtOrAboveThresholdFiresAtZero) {
  for (const char* model : {"lif", "lif_exp", "lif_exp2", "lif_alpha", "lif_adaptive"}) {
    SCOPED_TRACE(model);
    Builder b = neuron_with(model, {}, {}, 3);
    b.init(0, "V", one_each({-50.0, -45.0, -50.0000001}));
    const MemoryResults r = run(b, 20);
    EXPECT_EQ(spike_times(r, 0), at_ms({0.0}));
    EXPECT_EQ(spike_times(r, 1), at_ms({0.0}));
    EXPECT_TRUE(spike_times(r, 2).empty());
  }
}

TEST_P(Holes, EquilibriumAtThresholdDoesNotFire) {  // R I_e = 20 mV exactly
  for (const char* model : {"lif", "lif_exp", "lif_exp2", "lif_alpha", "lif_adaptive"}) {
    SCOPED_TRACE(model);
    EXPECT_TRUE(run(model, {{"I_e", 250.0}}, {}, 1e5).empty());
    EXPECT_TRUE(run(model, {{"I_e", 250.0}}, {{3.0, -100.0}}, 1e5).empty());
  }
}

TEST_P(Holes, EquilibriumJustAboveThresholdFires) {
  const auto t = run("lif", {{"I_e", 250.0 * (1 + 1e-9)}}, {}, 2000);
  const double V_inf = -70.0 + 20.0 / 250.0 * (250.0 * (1 + 1e-9));
  ASSERT_FALSE(t.empty());
  EXPECT_NEAR(to_ms(t[0]), 20.0 * std::log((V_inf + 70.0) / (V_inf + 50.0)), 1e-3);
}

// V_inf rises above threshold at 10 ms; the crossing comes 140 ms and many windows later, and nothing arrives.
TEST_P(Holes, CrossingLongAfterAStepOfDrive) {
  for (const char* model : {"lif", "lif_exp"}) {
    for (const double window_ms : {0.0, 0.01}) {
      SCOPED_TRACE(model);
      Builder b;
      const std::size_t n = b.neurons("N", model, 3);
      const std::size_t step = b.stimulator("step", "current_step", 1, {{"times", std::vector{10.0, 170.0}},
                                                                        {"currents", std::vector{250.25, 0.0}}});
      ProjectionSpec& p = b.connect(step, n, Connect::Rule::list, constant(1.0), constant(0.0));
      p.connect.source = {0};
      p.connect.target = {1};
      b.x.engine.window = from_ms(window_ms);
      const MemoryResults r = run(b, 400);
      const long double V_inf = -70.0L + 0.08L * 250.25L;
      const auto first = from_ms(10) + static_cast<Time>(std::ceil(20e9L * std::log((V_inf + 70) / (V_inf + 50))));
      expect_times(spike_times(r, 1), {first});
      EXPECT_TRUE(spike_times(r, 0).empty());
      EXPECT_TRUE(spike_times(r, 2).empty());
    }
  }
}

TEST_P(Holes, ResetAtThresholdIsAnError) {
  for (const char* model : {"lif", "lif_exp", "lif_exp2", "lif_alpha", "lif_adaptive"})
    EXPECT_THROW(run(model, {{"V_reset", -50.0}}, {}, 1), InputError) << model;
}

}  // namespace
}  // namespace volley::test
