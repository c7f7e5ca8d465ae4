// SPDX-License-Identifier: Apache-2.0
// Gaussian noise current for clocked models: every unit draws mean + sd N(0, 1) at each tick and holds it for the tick.
// (Its power depends on the tick: white noise of a given density needs sd in proportion to 1 / sqrt(tick).)
#include <volley/stimulator.h>

namespace {
using namespace volley;

struct Noise {
  static constexpr auto name = "noise";
  static constexpr Fidelity fidelity{Origin::ours, Origin::ours, "a device"};
  static constexpr Emits emits = Emits::current;

  struct Parameters {
    double mean, sd;
  };
  static constexpr auto parameters =
      fields(Field{&Parameters::mean, "mean", 0.0, "pA", "mean of the current"},
             Field{&Parameters::sd, "sd", required, "pA", "its standard deviation", non_negative});

  struct State {
    Time t = 0;
    std::uint32_t unit = 0;  // within the chunk
  };

  static void begin(State&, const Units& u) {
    if (u.tick <= 0) throw BadParameter("sd", "noise is drawn anew at every tick, and this experiment has no `tick`");
  }
  static Signal next(State& s, const Units& u) {
    const std::uint32_t unit = u.first + s.unit;
    const auto& p = u.get<Parameters>(unit);
    const Signal change{s.t, unit, p.mean + p.sd * u.random.normal()};
    if (++s.unit == u.count) s.unit = 0, s.t += u.tick;
    return change;
  }
};
}  // namespace
VOLLEY_STIMULATOR(Noise)
