// SPDX-License-Identifier: Apache-2.0
// What the parts of an experiment that learns, or does not, must be to each other.
#include <experiment/sections.h>
#include <network/graph.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace volley {
namespace {

// Layers that a tick would pass through in a circle.
void refuse_loops(const Experiment& e) {
  std::vector<std::size_t> zeros;
  for (std::size_t k = 0; k < e.projections.size(); ++k)
    if (e.projections[k].delay.a == 0.0) zeros.push_back(k);
  if (const std::optional<Loop> loop = find_loop(e, zeros))
    throw InputError(e.projections[loop->projection].where,
                     fmt::format("a loop without delay: {}; one of its projections needs 1 tick or more", loop->text));
}

void refuse_if_simulated(const Experiment& e, const Node& root) {
  if (const Node* engine = root.find("engine"))
    if (const Node* n = engine->find("precision"))
      throw InputError(n->where, "`precision` is of networks that learn; others simulate in double precision");
  for (const char* key : {"datasets", "learning"})
    if (const Node* n = root.find(key))
      throw InputError(n->where,
                       fmt::format("`{}` belongs to the phases train and evaluate; this experiment has none", key));
  for (const PopulationSpec& p : e.populations)
    if (p.in_trials())
      throw InputError(
          p.where,
          fmt::format("{} runs in trials of a data set; an experiment with it has the phases train or evaluate",
                      p.model.model->name));
}

// The data of `learning` and of the stimulators is that of the phase.
void check_phase(const Experiment& e, const PhaseSpec& phase) {
  const TrialSpec& t = *phase.trials;
  const Dataset& d = *e.datasets[t.dataset];
  const LearningSpec* l = learning_of(e, phase);
  if (!l) throw InputError(t.where, "an evaluation needs a loss, which a block of `learning` gives");
  if (l->dataset != t.dataset)
    throw InputError(
        t.where, fmt::format("{} learns {}; this phase presents {}", l->name, e.datasets[l->dataset]->name, d.name));
  const auto check_metrics = [&](const std::vector<Metric>& metrics) {
    for (const Metric m : metrics) {
      const bool likelihood = m == Metric::nll_per_step || m == Metric::nll_per_sequence || m == Metric::perplexity;
      if (likelihood && !l->loss_model().likelihood)
        throw InputError(t.where, fmt::format("{} needs a loss that is a likelihood; {} is none",
                                              name_of(m), l->loss.model->name));
      const bool answers = m == Metric::accuracy || m == Metric::confusion;
      if (answers && d.fields.at(l->target).label() && d.fields.at(l->target).sequence())
        throw InputError(t.where, fmt::format("{} counts the answers to whole trials; where each tick has a label, "
                                              "nll_per_step and perplexity tell how well it is foreseen", name_of(m)));
      if (answers && l->loss_model().target != TargetKind::label)
        throw InputError(t.where, fmt::format("{} counts right answers, which {} does not give: its targets are values",
                                              name_of(m), l->loss.model->name));
    }
  };
  check_metrics(t.metrics);
  if (t.validate) check_metrics(t.validate->metrics);
  std::vector<std::string> splits{t.split};
  if (t.validate) splits.push_back(t.validate->split);
  for (const auto& [name, field] : d.fields) {
    if (!field.sequence() || t.truncate) continue;
    for (const std::string& split : splits)
      for (const std::uint32_t sample : d.splits.at(split))
        if (t.ticks != 0 && field.steps(sample) > t.ticks)
          throw InputError(
              t.where,
              fmt::format("sample {} of {}.{} has {} steps; a trial has {} ticks (`trial: sample` gives each its own, "
                          "`truncate: true` cuts)",
                          sample, d.name, name, field.steps(sample), t.ticks));
  }
  const bool any_sequence =
      std::any_of(d.fields.begin(), d.fields.end(), [](const auto& f) { return f.second.sequence(); });
  if (t.ticks == 0 && !any_sequence)
    throw InputError(
        t.where,
        fmt::format("`trial: sample` takes a sample's own length, but {} holds no sequences; write a number of ticks",
                    d.name));
  if (t.ticks != 0 && d.fields.at(l->target).sequence())
    throw InputError(
        t.where, fmt::format("{} has a target for each step of a sample; write `trial: sample`", l->loss.model->name));
}

}  // namespace

void check_learning(const Scope& scope, const Node& root) {
  const Experiment& e = scope.experiment;
  if (!e.learns()) return refuse_if_simulated(e, root);
  for (const PopulationSpec& p : e.populations) {
    if (p.in_trials()) continue;
    std::vector<std::string_view> names;
    for (const Model* m : scope.registry.all(p.model.model->kind))
      if (p.stimulator ? static_cast<const StimulatorModel*>(m)->encode != nullptr
                       : static_cast<const NeuronModel*>(m)->unit != nullptr)
        names.push_back(m->name);
    throw InputError(p.where,
                     fmt::format("{} is no part of a network that learns in ticks in this version; there are {}",
                                 p.model.model->name, fmt::join(names, ", ")));
  }
  for (const ProjectionSpec& p : e.projections)
    if (!p.connect.between_layers())
      throw InputError(p.connect.where, "between populations that learn the connection is dense, conv2d, avg_pool or "
                                        "sum_pool");
  if (const Node* engine = root.find("engine"))
    for (const char* key : {"window", "block_size"})
      if (const Node* n = engine->find(key))
        throw InputError(n->where, fmt::format("`{}` is of event-driven networks; this one runs in ticks", key));
  refuse_loops(e);
  for (const LearningSpec& l : e.learning)
    if (const PopulationSpec& p = e.populations[l.of]; p.dropout > 0.0)
      throw InputError(p.where, fmt::format("the loss of {} looks at {}, and `dropout` is of hidden layers", l.name,
                                            p.name));
  for (const LearningSpec& l : e.learning)
    for (const ProjectionSpec& p : e.projections)
      if (l.modulator.model && p.connect.patches)
        throw InputError(l.modulator.where,
                         fmt::format("{} reads the weights of each unit's own, and those of {} are shared by all its "
                                     "patches; leave `modulator` out, or project by `dense`",
                                     l.modulator.model->name, p.name));
  bool trained = false;
  for (const PhaseSpec& p : e.phases)
    if (!p.trials)
      throw InputError(
          root.find("phases")->where,
          fmt::format("'{}' simulates and others learn; one experiment does one of them in this version", p.name));
  for (const PhaseSpec& p : e.phases) {
    check_phase(e, p);
    if (p.trials->best_weights && !trained)
      throw InputError(p.trials->where, "`weights: best` needs a phase before it that trains with `keep`");
    trained |= p.trials->keep.has_value();
  }
  for (const PopulationSpec& p : e.populations)
    if (p.stimulator && p.dataset != e.phases.front().trials->dataset)
      throw InputError(p.where,
                       fmt::format("{} presents {}; the phases present {}", p.name, e.datasets[p.dataset]->name,
                                   e.datasets[e.phases.front().trials->dataset]->name));
}

}  // namespace volley
