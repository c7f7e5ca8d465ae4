// SPDX-License-Identifier: Apache-2.0
// Delivery: rows of synapses and superposed streams into linear neurons of one, two and three elements.
#include "meter.h"

#include <engine/pass_loops.h>

#include <algorithm>

namespace {

using namespace volley;
using namespace volley::bench;

const Synapses& table() {
  static const Synapses made = random_table();
  return made;
}

// Neurons so far below threshold that no test marks one, with a bound that has every term of its layout.
struct Neurons {
  explicit Neurons(int elements) : n(elements), Z(static_cast<std::size_t>(n) * neurons, -1.0) {
    for (int c = 0; c < n; ++c) bound.end[c] = 0.9, bound.negative[c] = c > 0 ? 0.01 : 0.0;
    bound.grow = 1.01;
    bound.margin = 1e-9;
  }
  loops::Test test(int kind) const { return {kind, kind == 1 ? &high : &low, loops::all_alike, 1.0, &bound}; }

  int n;
  std::vector<double> Z;
  loops::Bound bound;
  double high = 1e6, low = -1e6;
};

// The start of the next row is fetched ahead, as a block does.
void fetch(std::uint32_t row, bool own) {
  const std::size_t first = std::size_t{row} * out_degree;
  for (std::size_t k = 0; k < 256; k += 32) __builtin_prefetch(&table().target[first + k]);
  if (own)
    for (std::size_t k = 0; k < 256; k += 16) __builtin_prefetch(&table().weight[first + k]);
}

void deliver_rows(benchmark::State& state) {
  Neurons cells(static_cast<int>(state.range(0)));
  const bool own = state.range(1) != 0;
  const loops::Test test = cells.test(static_cast<int>(state.range(2)));
  const loops::Jump jump{.count = cells.n == 1 ? 1 : 2, .component = {0, 1, 0}, .coefficient = {1e-9, 1e-9, 0.0}};
  std::vector<Local> marked(out_degree + 8);
  std::uint32_t row = 0;
  fetch(row, own);  // the table is made before the clock runs
  const Meter meter(state);
  for (auto _ : state) {
    const std::size_t first = std::size_t{row} * out_degree;
    row = next_row(row);
    fetch(row, own);
    const Slice slice{&table().target[first], own ? &table().weight[first] : nullptr, 0.1f, out_degree};
    benchmark::DoNotOptimize(loops::add(cells.Z.data(), cells.n, jump, slice, test, marked.data()));
  }
  const int elements = test.kind == 0 ? jump.count : cells.n;  // those that change, and all for a test
  meter.finish(out_degree, {.memory = own ? 6.0 : 2.0, .cache = 8.0 * elements});
}

// Test 1 serves one element alone.
void rows(benchmark::internal::Benchmark* b) {
  b->ArgNames({"elements", "own_weights", "test"});
  for (const int n : {1, 2, 3})
    for (const int own : {0, 1})
      for (const int kind : {0, 1, 2})
        if (kind != 1 || n == 1) b->Args({n, own, kind});
}
BENCHMARK(deliver_rows)->Apply(rows);

// Batches as DirectStream draws them: targets, coefficients and state are all in the caches.
void deliver_stream(benchmark::State& state) {
  constexpr std::size_t events = 256;
  Neurons cells(static_cast<int>(state.range(0)));
  const bool own = state.range(1) != 0;
  const loops::Test test = cells.test(static_cast<int>(state.range(2)));
  const std::vector<double> coefficient(events, 1e-9), scale(events + loops::spare, 1.0);
  const std::vector<float> weight(events, 0.1f);
  std::vector<Time> t(events);
  for (std::size_t k = 0; k < events; ++k) t[k] = static_cast<Time>(4000 * k);
  std::vector<Local> target(events * 64);
  std::mt19937 random(1);
  for (Local& i : target) i = static_cast<Local>(std::uniform_int_distribution<std::uint32_t>(0, neurons - 1)(random));
  std::uint8_t marks[loops::stretch];
  std::size_t at = 0;
  const Meter meter(state);
  for (auto _ : state) {
    for (std::size_t done = 0; done < events;) {
      loops::StreamJump jump{.count = cells.n == 1 ? 1 : 2, .component = {0, 1, 0}};
      for (int j = 0; j < jump.count; ++j) jump.coefficient[j] = coefficient.data() + done;
      const Stream stream{&t[done], &target[at + done], own ? &weight[done] : nullptr, 0.1f, events - done};
      done += loops::add_stream(cells.Z.data(), cells.n, jump, stream, test, scale.data() + done, marks).taken;
    }
    at = (at + events) % target.size();
  }
  const int changed = std::min(cells.n, 2), elements = test.kind == 0 ? changed : cells.n;
  meter.finish(events, {.cache = 8.0 * (changed + elements) + (own ? 6.0 : 2.0)});
}
BENCHMARK(deliver_stream)->Apply(rows);

// The pass over all neurons of a block at the start of a horizon, and the move of the frame. An event is a neuron.
void scan(benchmark::State& state) {
  Neurons cells(static_cast<int>(state.range(0)));
  const double now[loops::max_components] = {1.0, 0.1, 0.1}, kappa[loops::max_components] = {0.0, 0.1, 0.1};
  std::vector<Local> marked(neurons + 8);
  bool awake = false;
  const Meter meter(state);
  for (auto _ : state)
    benchmark::DoNotOptimize(loops::scan(cells.Z.data(), cells.n, neurons, &cells.low, true, cells.bound, now, kappa,
                                         marked.data(), awake));
  meter.finish(neurons, {.cache = 8.0 * cells.n});
}
BENCHMARK(scan)->ArgName("elements")->DenseRange(1, 3);

void move_frame(benchmark::State& state) {
  Neurons cells(static_cast<int>(state.range(0)));
  loops::Move move;
  move.membrane[0] = 1.0, move.membrane[1] = 1e-9;
  for (int c = 0; c < cells.n; ++c) move.decay[c] = 1.0;  // nothing decays away, however often it is moved
  const Meter meter(state);
  for (auto _ : state) benchmark::DoNotOptimize(loops::move(cells.Z.data(), cells.n, neurons, move));
  meter.finish(neurons, {.cache = 8.0 * cells.n});
}
BENCHMARK(move_frame)->ArgName("elements")->DenseRange(1, 3);

}  // namespace
