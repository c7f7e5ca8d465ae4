// SPDX-License-Identifier: Apache-2.0
// Parrot: repeats what it receives.
//
//   one or more arrivals at t: a spike at t, whatever their weights
//
// Arrivals of one instant make one spike. A parrot gives many targets the same train, and records a stimulator.
#include <volley/neuron.h>

namespace {
using namespace volley;

struct Parrot {
  static constexpr auto name = "parrot";
  static constexpr Fidelity fidelity{Origin::published, Origin::ours,
                                     "no parameters; NEST's parrot_neuron repeats each arrival"};
  static constexpr auto ports = std::array{Port{"in", ""}};

  struct Parameters {};
  static constexpr auto parameters = fields();

  struct State {
    double heard;
  };
  static constexpr auto state = fields(Field{&State::heard, "heard", 0.0, "", "1 until an arrival is repeated"});

  static void flow(State&, const Parameters&, double) {}
  static void receive(State& s, const Parameters&, const Arrival&) { s.heard = 1.0; }
  static bool fires(const State& s, const Parameters&) { return s.heard > 0.0; }
  static double reset(State& s, const Parameters&) {
    s.heard = 0.0;
    return 0.0;
  }
};
}  // namespace
VOLLEY_NEURON(Parrot)
