// SPDX-License-Identifier: Apache-2.0
// What a kernel costs for each event, and the least that it could cost: the bytes that it must read, at the rates at
// which one thread reads in this run. Writing counts nothing, a scattered access in a cache only what it needs.
#pragma once

#include <volley/kernel.h>
#include <volley/model.h>

#include <benchmark/benchmark.h>

#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

namespace volley::bench {

// What an event reads: from memory what is too much for the caches; state from the second-level cache.
struct Bytes {
  double memory = 0.0, cache = 0.0;
};
// Bytes a second that one thread reads from 256 MiB and from 512 KiB, the best of several times.
const Bytes& bandwidth();

// Times the loop of one benchmark: counters ns_event, ns_limit and times_limit.
class Meter {
 public:
  enum class Clock : std::uint8_t { thread, wall };  // wall: other threads do the work
  explicit Meter(benchmark::State& state, Clock clock = Clock::thread)
      : state_(state), clock_(clock), start_(now()) {}
  void finish(double events_per_iteration, const Bytes& event) const;

 private:
  double now() const;

  benchmark::State& state_;
  Clock clock_;
  double start_;
};

// An enrolled model.
const Model& find_model(ModelKind kind, std::string_view name);

// A table of rows as a connection rule leaves it: `sources` rows of `out_degree` targets each, ascending.
struct Synapses {
  std::vector<Local> target;
  std::vector<float> weight;
};
inline constexpr std::uint32_t neurons = 12500, sources = 12500, out_degree = 1250;  // of the Brunel networks
Synapses random_table();

// Rows in an order in which spikes might come: each once, none near its predecessor.
inline std::uint32_t next_row(std::uint32_t row) { return (row + 4093) % sources; }

}  // namespace volley::bench
