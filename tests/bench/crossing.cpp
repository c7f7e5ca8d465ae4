// SPDX-License-Identifier: Apache-2.0
// The slow path: what a neuron costs that may cross between arrivals. An event is one look at one neuron.
#include "meter.h"

#include <engine/crossing.h>

namespace {

using namespace volley;
using namespace volley::bench;

// A drive above threshold, as in brunel_dc and cuba: without currents, and with two.
Membrane driven(bool currents) {
  Membrane m{.tau_m = 20.0, .R = 0.1, .rest = 1.0, .threshold = 0.0, .reset = -10.0};
  if (!currents) return m.voltage_port("V");
  return m.current_port("exc", "I_exc", 5.0).current_port("inh", "I_inh", 10.0);
}

// Neurons at different places below threshold, all of which cross before `end`.
struct Below {
  explicit Below(bool currents) : layout(driven(currents)), z(count * layout.stride, 0.0) {
    for (std::size_t i = 0; i < count; ++i) {
      z[i * layout.stride] = -c0 - 1e-3 * static_cast<double>(i + 1);
      for (std::size_t c = 1; c < layout.used; ++c) z[i * layout.stride + c] = c == 1 ? 20.0 : -10.0;
    }
  }
  Framed framed(std::size_t i) const { return {layout, &z[i * layout.stride], c0, 0}; }

  static constexpr std::size_t count = 256;
  static constexpr double c0 = 1.0;
  Layout layout;
  std::vector<double> z;
};

void first_crossing(benchmark::State& state) {
  const Below cells(state.range(0) != 0);
  const Time end = cells.layout.H - 1;
  for (std::size_t i = 0; i < Below::count; ++i)
    if (volley::first_crossing(cells.framed(i), 0, end, 1e-9) == never) state.SkipWithError("no crossing");
  const Meter meter(state);
  for (auto _ : state)
    for (std::size_t i = 0; i < Below::count; ++i)
      benchmark::DoNotOptimize(volley::first_crossing(cells.framed(i), 0, end, 1e-9));
  meter.finish(Below::count, {.cache = 8.0 * static_cast<double>(cells.layout.stride)});
}
BENCHMARK(first_crossing)->ArgName("currents")->Arg(0)->Arg(1);

void no_crossing_before(benchmark::State& state) {
  const Below cells(state.range(0) != 0);
  const Instant now = cells.layout.at(0, 0), end = cells.layout.at(ps_per_ms / 10, 0);
  const Meter meter(state);
  for (auto _ : state)
    for (std::size_t i = 0; i < Below::count; ++i) {
      const Framed f = cells.framed(i);
      benchmark::DoNotOptimize(volley::no_crossing_before(f, distance(f.layout, f.z, f.c0, now), now, end.t, 1e-9));
    }
  meter.finish(Below::count, {.cache = 8.0 * static_cast<double>(cells.layout.stride)});
}
BENCHMARK(no_crossing_before)->ArgName("currents")->Arg(0)->Arg(1);

}  // namespace
