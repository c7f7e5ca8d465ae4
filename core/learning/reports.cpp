// SPDX-License-Identifier: Apache-2.0
#include <learning/reports.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace volley::learning {

std::vector<const Checkpoint::Epoch*> epochs_of(const Checkpoint& c, std::size_t phase) {
  std::vector<const Checkpoint::Epoch*> out;
  for (const Checkpoint::Epoch& e : c.epochs)
    if (e.phase == phase) out.push_back(&e);
  return out;
}

BestEpoch best_epoch(const TrialSpec& t, const Checkpoint& c, std::size_t phase) {
  const auto& metrics = t.validate->metrics;
  const auto at = static_cast<std::size_t>(std::find(metrics.begin(), metrics.end(), t.keep->best) - metrics.begin());
  BestEpoch best;
  for (const Checkpoint::Epoch* e : epochs_of(c, phase)) {
    if (e->result.epoch % t.validate->every != 0) continue;
    const double value = e->result.validated[at];
    if (std::isnan(best.value) || (larger_is_better(t.keep->best) ? value > best.value : value < best.value))
      best = {e->result.epoch, value};
  }
  return best;
}

std::string exploding_gradient(const Checkpoint& c, std::size_t phase) {
  const auto epochs = epochs_of(c, phase);
  if (epochs.size() < 2) return {};
  const double first = epochs.front()->result.gradient_norm, last = epochs.back()->result.gradient_norm;
  if (first <= 0.0 || last < 1000.0 * first) return {};
  return fmt::format("the gradient's norm grew from {:.3g} to {:.3g}; a smaller rate or `clip` may help", first, last);
}

PhaseReport report_of(const Experiment& e, const Checkpoint& c, std::size_t phase) {
  const TrialSpec& t = *e.phases[phase].trials;
  PhaseReport r{.name = e.phases[phase].name};
  const auto add = [&](const std::vector<double>& values) {
    for (std::size_t k = 0; k < t.metrics.size(); ++k)
      if (t.metrics[k] != Metric::confusion) r.values.emplace_back(name_of(t.metrics[k]), values[k]);
  };
  if (!t.train) {
    for (const Checkpoint::Evaluated& x : c.evaluations)
      if (x.phase == phase) add(x.result.values), r.samples = x.result.samples;
    return r;
  }
  const auto epochs = epochs_of(c, phase);
  r.epochs = epochs.size();
  r.samples = r.epochs * e.datasets[t.dataset]->splits.at(t.split).size();
  for (const Checkpoint::Epoch* x : epochs) r.seconds += x->result.seconds;
  if (!epochs.empty()) add(epochs.back()->result.trained);
  if (t.keep) {
    const BestEpoch best = best_epoch(t, c, phase);
    r.best_epoch = best.epoch;
    r.values.emplace_back(fmt::format("best {}", name_of(t.keep->best)), best.value);
    r.stopped_early = t.keep->patience > 0 && r.epochs < t.epochs && r.epochs - best.epoch >= t.keep->patience;
  }
  return r;
}

}  // namespace volley::learning
