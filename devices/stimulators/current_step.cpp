// SPDX-License-Identifier: Apache-2.0
// A drive that changes in steps: currents[k] from times[k] on, 0 before times[0], the last one lasts.
#include <volley/stimulator.h>

namespace {
using namespace volley;

struct CurrentStep {
  static constexpr auto name = "current_step";
  static constexpr Fidelity fidelity{Origin::ours, Origin::ours, "a device"};
  static constexpr Emits emits = Emits::current;

  struct Parameters {
    std::vector<double> times, currents;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::times, "times", required, "ms", "when the drive changes, ascending", non_negative},
      Field{&Parameters::currents, "currents", required, "pA", "the drive from then on"});

  struct State {
    std::size_t step = 0;
    std::uint32_t unit = 0;  // within the chunk
  };

  static void check(const Parameters& p) {
    if (p.times.size() != p.currents.size())
      throw BadParameter("currents", std::to_string(p.currents.size()) + " currents; there are " +
                                         std::to_string(p.times.size()) + " times");
    for (std::size_t k = 1; k < p.times.size(); ++k)
      if (from_ms(p.times[k]) <= from_ms(p.times[k - 1]))
        throw BadParameter("times", "times ascend; number " + std::to_string(k + 1) + " does not");
  }

  static void begin(State&, const Units&) {}
  static Signal next(State& s, const Units& u) {
    const auto& p = u.get<Parameters>(u.first);
    if (s.step == p.times.size()) return Signal::end();
    const Signal change{from_ms(p.times[s.step]), u.first + s.unit, p.currents[s.step]};
    if (++s.unit == u.count) s.unit = 0, ++s.step;
    return change;
  }
};
}  // namespace
VOLLEY_STIMULATOR(CurrentStep)
