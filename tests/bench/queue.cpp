// SPDX-License-Identifier: Apache-2.0
// A block's calendar: an event is one volley, pushed in one window and taken in a later one.
#include "meter.h"

#include <engine/volley_queue.h>

namespace {

using namespace volley;
using namespace volley::bench;

// `window` in us; 700 volleys a window of 1.5 ms, as in brunel_delta, arrive one window later on average.
void push_and_take(benchmark::State& state) {
  const Time window = state.range(0) * 1'000'000;
  const auto count = static_cast<std::size_t>(state.range(1));
  VolleyQueue queue;
  queue.set_window(window);
  std::mt19937_64 random(1);
  std::vector<Volley> taken, volleys(4096);
  for (Volley& v : volleys) v = {.t = window + static_cast<Time>(random() % static_cast<std::uint64_t>(window))};
  std::size_t at = 0;
  Time now = 0;
  const Meter meter(state);
  for (auto _ : state) {
    for (std::size_t k = 0; k < count; ++k, at = (at + 1) % volleys.size()) {
      Volley v = volleys[at];
      v.t += now;
      queue.push(v);
    }
    now += window;
    taken.clear();
    queue.take(now, taken);
    benchmark::DoNotOptimize(taken.data());
  }
  meter.finish(static_cast<double>(count), {.cache = sizeof(Volley)});
}
BENCHMARK(push_and_take)->ArgNames({"window_us", "volleys"})->Args({1500, 700})->Args({100, 40})->Args({100, 4});

}  // namespace
