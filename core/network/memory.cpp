// SPDX-License-Identifier: Apache-2.0
// A lower bound: the state of neurons, the start of each source's row, targets and weights. Delays of their own and
// rules add to it. Of learning: weights, and what trials keep for the way back.
#include <network/memory.h>

#include <network/connect.h>
#include <network/error.h>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

namespace volley {
namespace {

constexpr double bytes_per_mb = 1e6;

double machine_mb() {
  return static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE)) / bytes_per_mb;
}

}  // namespace

double memory_limit_mb(const Experiment& e) {
  return e.engine.memory_limit_mb > 0.0 ? e.engine.memory_limit_mb : machine_mb();
}
const char* limit_name(const Experiment& e) {
  return e.engine.memory_limit_mb > 0.0 ? "engine.memory_limit" : "this machine's memory";
}

namespace {

// Of learning: a drawn weight, the weights at the start and now, transposed, and a gradient.
constexpr double bytes_a_weight = sizeof(double) + 4 * sizeof(float);
// A unit keeps its output, state and inputs of every tick of every lane, and derivatives of all but the state.
double bytes_a_tick(const PopulationSpec& p) {
  if (p.stimulator) return sizeof(float);
  const UnitModel& u = *p.neuron().unit;
  return static_cast<double>(2 + u.states + 2 * u.ports) * sizeof(float);
}
// The most that any phase holds at once: of inputs whole trials, of units under a rule of windows those alone.
double lanes_times_ticks(const Experiment& e, bool units) {
  double most = 0.0;
  for (const PhaseSpec& phase : e.phases) {
    if (!phase.trials) continue;
    const TrialSpec& t = *phase.trials;
    const Dataset& d = *e.datasets[t.dataset];
    std::size_t longest = t.ticks;
    for (const std::uint32_t sample : d.splits.at(t.split)) longest = std::max(longest, d.steps(sample));
    const std::size_t lanes = std::min(t.lanes * t.accumulate, d.splits.at(t.split).size());
    const LearningSpec* l = learning_of(e, phase);
    if (units && t.train && l && l->in_windows()) longest = std::min(longest, l->longest_window());
    most = std::max(most, static_cast<double>(lanes) * static_cast<double>(longest));
  }
  return most;
}

}  // namespace

void check_memory(const Experiment& e) {
  struct Part {
    const Where* where;
    double count;
    const char* what;
    double mb;
  };
  std::vector<Part> parts;
  const double wide = e.engine.double_precision ? 2.0 : 1.0;
  const double of_inputs = lanes_times_ticks(e, false), of_units = lanes_times_ticks(e, true);
  for (const PopulationSpec& p : e.populations) {
    if (e.learns()) {
      parts.push_back(
          {&p.where, static_cast<double>(p.size), "units",
           p.size * (p.stimulator ? of_inputs : of_units) * bytes_a_tick(p) * wide / bytes_per_mb});
      continue;
    }
    const double bytes = p.stimulator ? 4.0 : p.neuron().form == NeuronForm::membrane ? 100.0 : 16.0;
    parts.push_back({&p.where, static_cast<double>(p.size), "units", p.size * bytes / bytes_per_mb});
  }
  for (std::size_t k = 0; k < e.projections.size(); ++k) {
    const ProjectionSpec& p = e.projections[k];
    if (e.learns()) {
      if (p.connect.rule == Connect::Rule::pool) continue;
      const auto& c = p.connect.patches;
      const double n = c ? static_cast<double>(c->channels) * static_cast<double>(c->places())
                         : static_cast<double>(p.from.count) * p.to.count;
      parts.push_back({&p.where, n, "weights", n * bytes_a_weight * wide / bytes_per_mb});
      continue;
    }
    const bool own_weights = p.rule || !p.weight.constant() || !p.connect.weight.empty();
    const double n = expected_synapses(e, k), bytes = n * (own_weights ? 6.0 : 2.0);
    parts.push_back({&p.where, n, "synapses", bytes / bytes_per_mb});
    parts.push_back({&p.where, static_cast<double>(p.from.count), "rows", p.from.count * 8.0 / bytes_per_mb});
  }
  double total = 0.0;
  for (const Part& p : parts) total += p.mb;
  const double limit = memory_limit_mb(e);
  if (total <= limit) return;
  const Part& largest = *std::ranges::max_element(parts, {}, &Part::mb);
  throw InputError(
      *largest.where,
      fmt::format("{:.4g} {} need {:.4g} MB or more, the whole network {:.4g} MB; the limit is {:.4g} MB ({})",
                  largest.count, largest.what, largest.mb, total, limit, limit_name(e)));
}

}  // namespace volley
