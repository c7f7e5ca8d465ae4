// SPDX-License-Identifier: Apache-2.0
// The superposed stream of a Poisson stimulator's chunk: an event is one spike.
#include "meter.h"

#include <network/random_streams.h>
#include <network/sample.h>
#include <volley/stimulator.h>

#include <algorithm>

namespace {

using namespace volley;
using namespace volley::bench;

std::unique_ptr<Source> make_chunk(const ParameterSet& parameters, std::uint32_t units) {
  const auto& model = static_cast<const StimulatorModel&>(find_model(ModelKind::stimulator, "poisson"));
  return model.make({.first = 0, .count = units, .size = units, .parameters = &parameters,
                     .random = random_stream(1, Purpose::stimulator, "drive", 0)});
}

// Equal rates, or one of each unit's own (an alias table).
void poisson(benchmark::State& state) {
  constexpr std::uint32_t units = chunk_size;
  const Model& model = find_model(ModelKind::stimulator, "poisson");
  Distribution rate{.kind = Distribution::Kind::constant, .a = 20000.0};
  if (state.range(0) != 0) rate = {.kind = Distribution::Kind::uniform, .a = 10000.0, .b = 30000.0};
  const auto field = std::ranges::find(model.parameters, "rate", &FieldInfo::name);
  const ParameterSet parameters = make_parameters({&model, {{&*field, rate, {}}}, {}}, 1, "drive", 0, units, units);
  const std::unique_ptr<Source> source = make_chunk(parameters, units);
  std::vector<Time> t(256);
  std::vector<std::uint32_t> unit(256);
  double events = 0.0;
  const Meter meter(state);
  for (auto _ : state) events += static_cast<double>(source->spikes(never, t, unit));
  meter.finish(events / static_cast<double>(state.iterations()), {.cache = sizeof(Time) + sizeof(std::uint32_t)});
}
BENCHMARK(poisson)->ArgName("own_rates")->Arg(0)->Arg(1);

}  // namespace
