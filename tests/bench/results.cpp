// SPDX-License-Identifier: Apache-2.0
// The result file: an event is one recorded spike on its way through the buffer and the writer thread to the disk, and
// the cost of one is what the engine's own thread spends on it, or the time until all is in the file. Next to it, the
// time in which the same bytes are merely written to a file.
#include "meter.h"

#include <output/hdf5_results.h>
#include <volley/neuron.h>

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

namespace {

using namespace volley;
using namespace volley::bench;
namespace fs = std::filesystem;

constexpr std::size_t batch = 1000, batches = 4000;  // spikes; what a window of a busy network gives
constexpr double stored = 16.0;                      // bytes of one: a time and an id

struct Scratch {
  fs::path path = fs::temp_directory_path() / ("volley_bench_" + std::to_string(getpid()));
  ~Scratch() {
    std::error_code ignored;
    fs::remove(path, ignored);
  }
};

Experiment experiment() {
  Experiment e;
  e.file = e.name = "bench";
  e.source = e.resolved = "volley: 1\n";
  PopulationSpec& p = e.populations.emplace_back();
  p.name = "E";
  p.model.model = &find_model(ModelKind::neuron, "lif");
  p.size = neurons;
  e.phases = {{"simulate", from_ms(1000.0)}};
  e.record.spikes = {{{0, 0, neurons}, {}}};
  return e;
}

void spikes(benchmark::State& state) {
  const bool whole = state.range(0) != 0;
  const Scratch file;
  const Experiment e = experiment();
  std::vector<Time> t(batch);
  std::vector<std::uint32_t> id(batch);
  for (std::size_t k = 0; k < batch; ++k) {
    t[k] = static_cast<Time>(k);
    id[k] = static_cast<std::uint32_t>(k * 7 % neurons);
  }
  const Meter meter(state, whole ? Meter::Clock::wall : Meter::Clock::thread);
  for (auto _ : state) {
    const auto results = make_hdf5_results({.file = file.path, .overwrite = true});
    results->open(e, {});
    results->begin_phase(0, 0);
    for (std::size_t k = 0; k < batches; ++k) {
      for (Time& x : t) x += static_cast<Time>(batch);
      results->spikes(0, t, id);
    }
    results->end_phase(0, {});
    results->close({}, true, {});
  }
  meter.finish(batch * batches, {.memory = stored});
}
BENCHMARK(spikes)->ArgName("until_written")->Arg(0)->Arg(1)->UseRealTime()->Unit(benchmark::kMillisecond);

void plain_file(benchmark::State& state) {
  const Scratch file;
  const std::vector<char> bytes(static_cast<std::size_t>(stored) * batch, 'x');
  const Meter meter(state, Meter::Clock::wall);
  for (auto _ : state) {
    const int f = open(file.path.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    for (std::size_t k = 0; k < batches; ++k)
      if (write(f, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) state.SkipWithError("disk full");
    close(f);
  }
  meter.finish(batch * batches, {.memory = stored});
}
BENCHMARK(plain_file)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
