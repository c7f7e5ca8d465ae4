// my_model: a synapse that tires with use and recovers. Change it into your own.
//
//   between spikes   dx/dt = (1 - x) / tau_rec
//   at a spike       the weight is transmitted times x, then x -= U x
#include <volley/synapse.h>

namespace {
using namespace volley;

struct MyModel {
  static constexpr auto name = "my_model";
  static constexpr Fidelity fidelity{Origin::ours, Origin::ours, "say here what the equations and numbers rest on"};

  struct Parameters {
    double U, tau_rec;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::U, "U", 0.5, "", "share of x that a spike uses up", fraction},
      Field{&Parameters::tau_rec, "tau_rec", 200.0, "ms", "time constant of recovery", positive});

  struct State {
    double x = 1.0;
  };
  static constexpr auto state = fields(Field{&State::x, "x", 1.0, "", "what is left to transmit"});

  // dt: ms since the source's last spike, infinite at the first.
  static Transmission transmit(State& s, const Parameters& p, double dt) {
    s.x = 1.0 - (1.0 - s.x) * std::exp(-dt / p.tau_rec);
    const double x = s.x;
    s.x -= p.U * x;
    return {.weight = x, .e = x};
  }
};
}  // namespace
VOLLEY_SYNAPSE(MyModel)
