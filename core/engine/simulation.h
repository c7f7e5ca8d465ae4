// SPDX-License-Identifier: Apache-2.0
// Builds and runs an experiment: build() once, then run() each phase in order.
#pragma once

#include <network/description.h>
#include <network/results.h>

#include <atomic>
#include <functional>
#include <memory>

namespace volley {

struct Progress {
  std::size_t phase;
  double done;          // 0..1 of this phase
  double spikes_per_s;  // of biological time, over the phase so far
};

class Simulation {
 public:
  // Throws InputError for what only the built network can tell (impossible degrees, zero delays, ...).
  Simulation(const Experiment&, const Files&);
  ~Simulation();

  // What `volley check` prints; filled by construction.
  const RunCounts& counts() const;
  const std::vector<std::string>& warnings() const;

  // Runs all phases. `stop` may be set at any time: the window at hand is dropped and the run ends early (returns
  // false).
  bool run(Results&, const std::atomic<bool>& stop, const std::function<void(const Progress&)>& progress);

  // Events sent == delivered + pending; throws InternalError otherwise.
  void check_conservation() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace volley
