// SPDX-License-Identifier: Apache-2.0
// Independent Poisson spikes, one train a unit.
//
//   P(gap > t) = exp(-rate t)
//
// The trains of a chunk of units are drawn as one superposed train; a unit of another rate costs no more.
#include <volley/poisson.h>

namespace {
using namespace volley;

struct Poisson {
  static constexpr auto name = "poisson";
  static constexpr Fidelity fidelity{Origin::published, Origin::ours, "the textbook process"};

  struct Parameters {
    double rate;
  };
  static constexpr auto parameters =
      fields(Field{&Parameters::rate, "rate", required, "Hz", "mean rate of each unit", poisson_rate});

  using State = PoissonStream;

  static void begin(State& s, const Units& u) {
    if (u.parameters->uniform()) return s.start(0, u.first, u.count, u.get<Parameters>(u.first).rate);
    std::vector<double> rates(u.count);
    for (std::uint32_t i = 0; i < u.count; ++i) rates[i] = u.get<Parameters>(u.first + i).rate;
    s.start(0, u.first, rates);
  }
  static Signal next(State& s, const Units& u) { return s.next(u.random); }
  static std::size_t take(State& s, const Units& u, Time until, std::span<Time> t, std::span<std::uint32_t> unit) {
    return s.take(u.random, until, t, unit);
  }
};
}  // namespace
VOLLEY_STIMULATOR(Poisson)
