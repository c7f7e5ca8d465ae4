// SPDX-License-Identifier: Apache-2.0
#include "meter.h"

#include <network/isa.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <stdexcept>
#include <string>

namespace volley::bench {
namespace {

double thread_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

double read_bandwidth(std::size_t bytes) {
  const std::vector<std::uint64_t> array(bytes / sizeof(std::uint64_t), 1);
  const std::size_t passes = std::max<std::size_t>(1, (std::size_t{1} << 26) / bytes);
  double best = 0.0;
  for (int k = 0; k < 10; ++k) {
    const double start = thread_seconds();
    for (std::size_t pass = 0; pass < passes; ++pass) {
      std::uint64_t sum = 0;
      for (const std::uint64_t x : array) sum += x;
      benchmark::DoNotOptimize(sum);
    }
    best = std::max(best, static_cast<double>(passes * bytes) / (thread_seconds() - start));
  }
  return best;
}

}  // namespace

const Bytes& bandwidth() {
  static const Bytes measured{.memory = read_bandwidth(std::size_t{1} << 28),
                              .cache = read_bandwidth(std::size_t{1} << 19)};
  return measured;
}

double Meter::now() const {
  if (clock_ == Clock::thread) return thread_seconds();
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void Meter::finish(double events_per_iteration, const Bytes& read) const {
  const double event = 1e9 * (now() - start_) / (events_per_iteration * static_cast<double>(state_.iterations()));
  const double limit = 1e9 * (read.memory / bandwidth().memory + read.cache / bandwidth().cache);
  state_.counters["ns_event"] = event;
  state_.counters["ns_limit"] = limit;
  state_.counters["times_limit"] = event / limit;
}

const Model& find_model(ModelKind kind, std::string_view name) {
  for (const Enrolment* e = enrolled; e; e = e->next)
    if (e->model->kind == kind && e->model->name == name) return *e->model;
  throw std::runtime_error("no model " + std::string(name));
}

Synapses random_table() {
  std::mt19937 random(1);
  std::uniform_int_distribution<std::uint32_t> any(0, neurons - 1);
  Synapses table;
  table.target.resize(std::size_t{sources} * out_degree);
  for (Local& i : table.target) i = static_cast<Local>(any(random));
  for (auto row = table.target.begin(); row != table.target.end(); row += out_degree) std::sort(row, row + out_degree);
  table.weight.assign(table.target.size(), 0.1f);
  return table;
}

}  // namespace volley::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::AddCustomContext("vector level", volley::active_isa());
  const volley::bench::Bytes& measured = volley::bench::bandwidth();
  benchmark::AddCustomContext("memory bandwidth, GB/s", std::to_string(measured.memory / 1e9));
  benchmark::AddCustomContext("cache bandwidth, GB/s", std::to_string(measured.cache / 1e9));
  benchmark::RunSpecifiedBenchmarks();
}
