// SPDX-License-Identifier: Apache-2.0
// Neurons of the verbs form: the host itself, by a model made for this test, and the built-in ones.
#include "models.h"

#include <cmath>

namespace volley::test {
namespace {

// A ramp of 1 mV/ms that fires at 10 mV by itself; deaf for 2 ms, during which V climbs from 0 at half the slope.
struct Ramp {
  static constexpr auto name = "ramp";
  static constexpr Fidelity fidelity{Origin::ours, Origin::ours, "a test"};
  struct Parameters { double t_ref; };
  static constexpr auto parameters = fields(Field{&Parameters::t_ref, "t_ref", 2.0, "ms", "deafness"});
  struct State { double V; };
  static constexpr auto state = fields(Field{&State::V, "V", 4.0, "mV", "ramp"});
  static void flow(State& s, const Parameters&, double dt) { s.V += dt; }
  static void recover(State& s, const Parameters&, double dt) { s.V += dt / 2.0; }
  static void receive(State& s, const Parameters&, const Arrival& a) { s.V += a.w; }
  static bool fires(const State& s, const Parameters&) { return s.V >= 10.0; }
  static double reset(State& s, const Parameters& p) { s.V = 0.0; return p.t_ref; }
  static double predict(const State& s, const Parameters&) { return 10.0 - s.V; }
};

SingleNeuron ramp(double t_ref) {
  static const NeuronModel& model = detail::neuron_model<Ramp>(__FILE__);
  return SingleNeuron(model.make(parameters_of(model, {{"t_ref", t_ref}}), 1, 0, 1));
}
std::vector<Time> times(std::vector<double> ms) {
  std::vector<Time> t;
  for (const double x : ms) t.push_back(from_ms(x));
  return t;
}

TEST(VerbKernel, FiresByItself) {
  // 6 ms to the first spike; then 2 ms deaf (V reaches 1) and 9 ms more.
  EXPECT_EQ(ramp(2.0).run({}, 30.0), times({6.0, 17.0, 28.0}));
  EXPECT_EQ(ramp(0.0).run({}, 30.0), times({6.0, 16.0, 26.0}));
}

TEST(VerbKernel, ArrivalsMoveWhatIsDue) {
  EXPECT_EQ(ramp(2.0).run({{3.0, -2.0}}, 10.0), times({8.0}));             // postponed
  EXPECT_EQ(ramp(2.0).run({{3.0, 2.0}}, 10.0), times({4.0}));              // advanced; the first plan is stale
  EXPECT_EQ(ramp(2.0).run({{3.0, 2.0}, {3.5, -2.0}}, 10.0), times({6.0}));  // back to the first plan
  EXPECT_EQ(ramp(2.0).run({{6.0, -1.0}}, 10.0), times({7.0}));             // inhibition at the very instant
  EXPECT_EQ(ramp(2.0).run({{2.0, 9.0}, {2.0, -9.0}}, 10.0), times({6.0}));  // of one instant: summed first
}

TEST(VerbKernel, DeafUntilTheVeryEnd) {
  EXPECT_EQ(ramp(2.0).run({{7.0, 100.0}}, 18.0), times({6.0, 17.0}));
  EXPECT_EQ(ramp(2.0).run({{8.0, 100.0}}, 9.0), times({6.0, 8.0}));  // an arrival at the end counts
  SingleNeuron n = ramp(2.0);
  n.run({}, 7.0);
  EXPECT_DOUBLE_EQ(n.read("V", 7.0), 0.5);
  EXPECT_DOUBLE_EQ(n.read("V", 10.0), 3.0);
}

TEST(VerbKernel, FiresAtZero) {
  SingleNeuron n = ramp(2.0);
  n.set("V", 10.0);
  EXPECT_EQ(n.run({}, 1.0), times({0.0}));
}

TEST(LifHomeostatic, DecaysAndFires) {
  SingleNeuron n("lif_homeostatic", {});
  EXPECT_EQ(n.run({{1.0, 0.9}}, 1.0), times({}));
  EXPECT_DOUBLE_EQ(n.read("V", 6.0), 0.9 * std::exp(-0.5));
  const double th = 1.0 - 0.02 * 0.005 * 6.0;
  EXPECT_DOUBLE_EQ(n.read("V_th", 6.0), th);
  EXPECT_EQ(n.run({{6.0, 1.0}}, 6.0), times({6.0}));
  EXPECT_EQ(n.read("V", 6.0), 0.0);
  EXPECT_DOUBLE_EQ(n.read("V_th", 6.0), th + 0.02);
}

// Between arrivals nothing fires, and the threshold has a floor.
TEST(LifHomeostatic, ThresholdHasAFloor) {
  SingleNeuron n("lif_homeostatic", {{"V_th", 0.021}});
  EXPECT_EQ(n.run({{0.5, 0.0199}}, 1e6), times({}));
  EXPECT_EQ(n.read("V_th", 1e6), 0.02);
}

// N spikes in T move the threshold by V_th_step (N - f_target T), whatever the input: the rate converges to f_target.
TEST(LifHomeostatic, RateConverges) {
  std::vector<Event> input;
  for (int k = 0; k < 100000; ++k) input.push_back({1.0 + 4.0 * k, 0.15 + 0.1 * (k % 7)});
  SingleNeuron n("lif_homeostatic", {});
  const auto spikes = n.run(input, 400000.0);
  const auto count = static_cast<double>(spikes.size());
  EXPECT_NEAR(n.read("V_th", 400000.0), 1.0 + 0.02 * (count - 5.0 * 400.0), 1e-9);
  const auto late = std::count_if(spikes.begin(), spikes.end(), [](Time t) { return t > from_ms(200000.0); });
  EXPECT_NEAR(static_cast<double>(late) / 200.0, 5.0, 0.1);
}

TEST(LifHomeostatic, OnlyAnArrivalMayFireIt) {
  EXPECT_EQ(complaint(neuron("lif_homeostatic"), {{"f_target", 100.0}}),
            "");  // 0.02 mV = 0.02 * 0.1/ms * 10 ms: just allowed
  EXPECT_NE(complaint(neuron("lif_homeostatic"), {{"f_target", 101.0}}), "");
  EXPECT_NE(complaint(neuron("lif_homeostatic"), {{"V_th", 0.01}}), "");
}

TEST(Parrot, RepeatsInstants) {
  SingleNeuron n("parrot", {});
  EXPECT_EQ(n.run({{1.0, 1.0}, {1.0, -3.0}, {2.0, 0.0}, {2.5, 1.0}}, 10.0), times({1.0, 2.0, 2.5}));
}

}  // namespace
}  // namespace volley::test
