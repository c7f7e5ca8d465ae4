// SPDX-License-Identifier: Apache-2.0
// Plastic rows under pair STDP: an event is one synapse at a spike of its source, or of its target.
#include "meter.h"

#include <engine/plastic_rows.h>
#include <network/sample.h>

namespace {

using namespace volley;
using namespace volley::bench;

struct Plastic {
  Plastic() : rule(static_cast<const RuleModel&>(find_model(ModelKind::rule, "stdp"))) {
    const Synapses table = random_table();
    rows.sources = sources;
    for (std::size_t row = 0; row <= sources; ++row) rows.first.push_back(row * out_degree);
    rows.target.assign(table.target.begin(), table.target.end());
    rows.weight.assign(table.weight.begin(), table.weight.end());
    rows.classes = {from_ms(1.5)};
    ParameterSet defaults = make_parameters({&rule, {}, {}}, 1, "stdp", 0, 1, 1);
    plastic = std::make_unique<PlasticRows>(rows, rule, std::move(defaults), 0, neurons);
    for (std::uint32_t i = 0; i < neurons; ++i) post(i), pre(i);  // traces of everything are there
  }
  // Time passes as in a network of 25,000 spikes of 40 Hz a second: 2 us between them.
  Time tick() { return now += 2'000'000; }
  void pre(std::uint32_t row) { plastic->on_pre(tick(), std::uint64_t{row} * out_degree, out_degree, row, 1.0); }
  void post(std::uint32_t neuron) {
    plastic->fired(tick(), static_cast<Local>(neuron));
    plastic->run_due(now);
  }

  const RuleModel& rule;
  Rows rows;
  std::unique_ptr<PlasticRows> plastic;
  Time now = 0;
};

Plastic& network() {
  static Plastic made;
  return made;
}

// Targets and weights stream; a trace of each target.
void on_pre(benchmark::State& state) {
  Plastic& n = network();
  std::uint32_t row = 0;
  const Meter meter(state);
  for (auto _ : state) n.pre(row = next_row(row));
  meter.finish(out_degree, {.memory = 2 + 4, .cache = 8});
}
BENCHMARK(on_pre);

// A column's indices stream; each of its weights lies in a cache line of its own; a trace of each source.
void on_post(benchmark::State& state) {
  Plastic& n = network();
  std::uint32_t neuron = 0;
  const Meter meter(state);
  for (auto _ : state) n.post(neuron = next_row(neuron));
  meter.finish(static_cast<double>(n.rows.size()) / neurons, {.memory = 4 + 4 + 64, .cache = 8});
}
BENCHMARK(on_post);

}  // namespace
