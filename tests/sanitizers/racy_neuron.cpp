// SPDX-License-Identifier: Apache-2.0
// A neuron that counts its arrivals; `together`: those of all neurons in one variable, which blocks that run side by
// side write at once. The thread sanitizer must report that, and nothing else.
#include <volley/neuron.h>

namespace {
using namespace volley;

long arrivals_of_all = 0;

struct RacyNeuron {
  static constexpr auto name = "racy_neuron";
  static constexpr Fidelity fidelity{Origin::ours, Origin::ours, "a mistake for the tests"};

  struct Parameters {
    bool together;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::together, "together", false, "", "whether all neurons count in one variable"});

  struct State {
    double arrivals;
  };
  static constexpr auto state = fields(Field{&State::arrivals, "arrivals", 0.0, "", "number of arrivals"});

  static void flow(State&, const Parameters&, double) {}
  static void receive(State& s, const Parameters& p, const Arrival&) {
    s.arrivals += 1.0;
    if (p.together) ++arrivals_of_all;
  }
  static bool fires(const State&, const Parameters&) { return false; }
  static double reset(State&, const Parameters&) { return 0.0; }
};
}  // namespace
VOLLEY_NEURON(RacyNeuron)
