// SPDX-License-Identifier: Apache-2.0
// A lower bound: targets and weights. Delays of their own and rules add to it.
#include <network/memory.h>

#include <network/connect.h>
#include <network/error.h>

#include <fmt/format.h>
#include <unistd.h>

namespace volley {
namespace {

constexpr double bytes_per_mb = 1e6;

double machine_mb() {
  return static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE)) / bytes_per_mb;
}

}  // namespace

void check_memory(const Experiment& e) {
  const double limit = e.engine.memory_limit_mb > 0.0 ? e.engine.memory_limit_mb : machine_mb();
  double total = 0.0, largest = 0.0, synapses = 0.0;
  const ProjectionSpec* of_largest = nullptr;
  for (std::size_t k = 0; k < e.projections.size(); ++k) {
    const ProjectionSpec& p = e.projections[k];
    const bool own_weights = p.rule || !p.weight.constant() || !p.connect.weight.empty();
    const double n = expected_synapses(e, k), mb = n * (own_weights ? 6.0 : 2.0) / bytes_per_mb;
    total += mb;
    if (mb <= largest) continue;
    largest = mb;
    synapses = n;
    of_largest = &p;
  }
  if (total <= limit) return;
  throw InputError(of_largest->where,
                   fmt::format("{:.4g} synapses need {:.4g} MB or more, all projections together {:.4g} MB; the limit is "
                               "{:.4g} MB ({})", synapses, largest, total, limit,
                               e.engine.memory_limit_mb > 0.0 ? "engine.memory_limit" : "this machine's memory"));
}

}  // namespace volley
