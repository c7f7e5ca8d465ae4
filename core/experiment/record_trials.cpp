// SPDX-License-Identifier: Apache-2.0
// `record` of experiments that learn: spikes of evaluations, and weights.
#include <experiment/chosen.h>
#include <experiment/sections.h>

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace volley {
namespace {

constexpr double most_trials = 1e6;  // of one record

bool sends_spikes(const Experiment& e, const PopulationSpec& p) {
  if (!p.stimulator) return p.neuron().unit && p.neuron().unit->binary;
  return p.source().binary || e.datasets[p.dataset]->fields.at(p.field).binary;
}

std::vector<std::size_t> read_evaluations(const Experiment& e, const Node* n) {
  std::vector<std::size_t> out;
  std::vector<std::string> names;
  for (std::size_t k = 0; k < e.phases.size(); ++k)
    if (!e.phases[k].trials->train) {
      names.push_back(e.phases[k].name);
      if (!n || n->text == "all") out.push_back(k);
    }
  if (!n || n->text == "all") return out;
  for (const Node* name : scalars(*n, "the name of a phase that evaluates, a list of names, or all")) {
    if (std::find(names.begin(), names.end(), name->text) == names.end())
      unknown(name->where, name->text, "a phase that evaluates", names);
    for (std::size_t k = 0; k < e.phases.size(); ++k)
      if (e.phases[k].name == name->text) out.push_back(k);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

void read_spikes(Scope& scope, const Node& n, Node& resolved) {
  Experiment& e = scope.experiment;
  std::vector<std::string> all;
  for (const PopulationSpec& p : e.populations)
    if (sends_spikes(e, p)) all.push_back(p.name);
  std::set<std::size_t> taken;
  for (const Chosen& w : choose(n, "spikes", all)) {
    const Node none;
    const Keys keys(w.options ? *w.options : none, "spikes", {"phases", "samples"});
    for (const std::size_t p : find_populations(scope, w.name, w.where)) {
      if (!sends_spikes(e, e.populations[p]))
        throw InputError(w.where, fmt::format("{} sends graded values and no spikes", e.populations[p].name));
      if (!taken.insert(p).second)
        throw InputError(w.where, fmt::format("spikes of {} are recorded twice", e.populations[p].name));
      Node& out = resolved[e.populations[p].name];
      TrialRecord r{.population = p, .phases = read_evaluations(e, keys.find("phases"))};
      if (r.phases.empty())
        throw InputError(w.where, "spikes of trials are recorded while a phase evaluates; none does");
      out["phases"] = keys.find("phases") ? *keys.find("phases") : Node::of("all");
      std::size_t fewest = SIZE_MAX;
      for (const std::size_t k : r.phases) {
        const TrialSpec& t = *e.phases[k].trials;
        fewest = std::min(fewest, e.datasets[t.dataset]->splits.at(t.split).size());
      }
      const Node* samples = keys.find("samples");
      if (samples && samples->text != "all") r.samples = read_indices(*samples, static_cast<std::uint32_t>(fewest));
      if (static_cast<double>(r.samples.empty() ? fewest : r.samples.size()) > most_trials)
        throw InputError(w.where, "more than a million trials; `samples` takes fewer");
      out["samples"] = samples ? *samples : Node::of("all");
      e.record.trials.push_back(std::move(r));
    }
  }
}

// Weights are in /trained in any case; what is asked for must be there.
void read_weights(const Scope& scope, const Node& n, Node& resolved) {
  const Experiment& e = scope.experiment;
  std::vector<std::string> all;
  for (const ProjectionSpec& p : e.projections) all.push_back(p.name);
  const bool best = std::any_of(e.phases.begin(), e.phases.end(), [](const PhaseSpec& p) { return p.trials->keep; });
  for (const Chosen& w : choose(n, "weights", all)) {
    if (std::find(all.begin(), all.end(), w.name) == all.end()) unknown(w.where, w.name, "a projection", all);
    const Node none;
    const Keys keys(w.options ? *w.options : none, "weights", {"at"});
    const Node* at = keys.find("at");
    resolved[w.name]["at"] = at ? *at : Node::of("all");
    if (!at || at->text == "all") continue;
    for (const Node* when : scalars(*at, "start, best or end, or a list of them,")) {
      if (when->text != "start" && when->text != "best" && when->text != "end")
        unknown(when->where, when->text, "a time of weights", {"start", "best", "end"});
      if (when->text == "best" && !best) throw InputError(when->where, "no phase keeps its best weights (`keep`)");
    }
  }
}

}  // namespace

void read_trial_record(Scope& scope, const Node& n, Node& resolved) {
  for (const char* key : {"states", "rates", "devices"})
    if (const Node* x = n.find(key))
      later(x->where, fmt::format("{} of trials", key), "spikes and weights are recorded");
  const Keys keys(n, "record", {"spikes", "weights"});
  if (const Node* spikes = keys.find("spikes")) read_spikes(scope, *spikes, resolved["spikes"]);
  if (const Node* weights = keys.find("weights")) read_weights(scope, *weights, resolved["weights"]);
}

}  // namespace volley
