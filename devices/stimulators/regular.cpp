// SPDX-License-Identifier: Apache-2.0
// Regular spikes: every unit at first, first + period, first + 2 period, ...
#include <volley/stimulator.h>

#include <algorithm>

namespace {
using namespace volley;

struct Regular {
  static constexpr auto name = "regular";
  static constexpr Fidelity fidelity{Origin::ours, Origin::ours, "a device"};

  struct Parameters {
    double period, first;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::period, "period", required, "ms", "time between spikes, 1 ps or more", at_least(1e-9)},
      Field{&Parameters::first, "first", 0.0, "ms", "time of the first spike", non_negative});

  struct Unit {
    Time t;
    std::uint32_t unit;
    bool operator<(const Unit& o) const { return t != o.t ? t > o.t : unit > o.unit; }  // soonest on top
  };
  struct State {
    std::vector<Unit> heap;
    std::vector<std::int64_t> count;
  };

  // Multiples are taken of the period itself, so that no rounding accumulates.
  static Time at(const Parameters& p, std::int64_t k) {
    const double ms = p.first + static_cast<double>(k) * p.period;
    return ms < longest_ms ? from_ms(ms) : never;
  }
  static void begin(State& s, const Units& u) {
    s.count.assign(u.count, 0);
    for (std::uint32_t i = u.first; i < u.first + u.count; ++i)
      s.heap.push_back({at(u.get<Parameters>(i), 0), i});
    std::make_heap(s.heap.begin(), s.heap.end());
  }
  static Signal next(State& s, const Units& u) {
    std::pop_heap(s.heap.begin(), s.heap.end());
    Unit& last = s.heap.back();
    const Signal spike{last.t, last.unit};
    last.t = at(u.get<Parameters>(last.unit), ++s.count[last.unit - u.first]);
    std::push_heap(s.heap.begin(), s.heap.end());
    return spike;
  }
};
}  // namespace
VOLLEY_STIMULATOR(Regular)
