// SPDX-License-Identifier: Apache-2.0
// `learning`: name: {rule, loss, modulator, optimiser, schedule, clip, update, trains}.
#include <experiment/datasets.h>
#include <experiment/sections.h>

#include <fmt/format.h>

#include <algorithm>

namespace volley {
namespace {

Reduce read_reduce(const Node& n, bool ticks) {
  const std::string& text = read_text(n, ticks ? "sum, mean or last" : "sum or mean");
  if (text == "sum") return Reduce::sum;
  if (text == "mean") return Reduce::mean;
  if (text == "last" && ticks) return Reduce::last;
  unknown(n.where, text, "a reduction",
          ticks ? std::vector<std::string>{"sum", "mean", "last"} : std::vector<std::string>{"sum", "mean"});
}
std::string reduce_name(Reduce r) { return r == Reduce::sum ? "sum" : r == Reduce::mean ? "mean" : "last"; }

void read_loss(const Scope& scope, const Node& n, LearningSpec& l, Node& resolved) {
  const Choice choice = read_choice(n, "a loss");
  const Model* known = scope.registry.find(ModelKind::loss, choice.name);
  const Node none;
  const Node& body = choice.parameters ? *choice.parameters : none;
  Node own = body;
  std::erase_if(own.entries,
                [](const Node::Entry& e) { return e.key == "of" || e.key == "target" || e.key == "reduce"; });
  Node& out = resolved[choice.name];
  l.loss = read_model(scope, ModelKind::loss, choice.name, choice.where, &own, {.distributions = false}, out);
  l.reduction = static_cast<const LossModel*>(known)->reduce;
  const auto needed = [&](const char* key, const char* example) -> const Node& {
    const Node* x = body.find(key);
    if (!x)
      throw InputError(body.null() ? choice.where : body.where,
                       fmt::format("{} needs `{}`: {}", choice.name, key, example));
    out[key] = *x;
    return *x;
  };
  const Node& of = needed("of", "the population whose outputs it looks at");
  const auto found = find_populations(scope, read_text(of, "the name of a population"), of.where);
  if (found.size() > 1)
    throw InputError(of.where, fmt::format("{} has {} layers; name one of them, such as {}.{}", of.text, found.size(),
                                           of.text, found.size() - 1));
  l.of = found[0];
  const Node& target = needed("target", "a field of a data set");
  const FieldOf field = read_field(scope, target.where, read_text(target, "a field of a data set"));
  l.dataset = field.dataset;
  l.target = field.field;
  const Dataset::Field& f = scope.experiment.datasets[l.dataset]->fields.at(l.target);
  const PopulationSpec& p = scope.experiment.populations[l.of];
  if (p.stimulator || !p.neuron().unit)
    throw InputError(
        of.where, fmt::format("{} does not learn; a loss looks at a population that does, such as of readout", p.name));
  if (l.loss_model().target == TargetKind::label) {
    if (!f.label())
      throw InputError(target.where, fmt::format("{} takes labels; {} holds values", choice.name, target.text));
    if (f.classes > p.size)
      throw InputError(target.where, fmt::format("{} has {} classes; {} has {} units, one for each is needed",
                                                 target.text, f.classes, p.name, p.size));
    if (f.sequence() && !l.loss_model().label_a_tick)
      throw InputError(target.where, fmt::format("{} has a label for each tick; {} takes one for a whole trial",
                                                 target.text, choice.name));
  } else {
    if (f.label())
      throw InputError(target.where,
                       fmt::format("{} takes values for each tick; {} holds labels", choice.name, target.text));
    if (f.sparse())
      throw InputError(target.where, fmt::format("{} holds events, which are no target", target.text));
    if (!f.sequence())
      throw InputError(target.where, fmt::format("{} takes values for each tick; {} has one row for a whole trial",
                                                 choice.name, target.text));
    if (f.width != p.size)
      throw InputError(target.where, fmt::format("{} has {} values in a tick; {} has {} units", target.text, f.width,
                                                 p.name, p.size));
  }
  if (const Node* reduce = body.find("reduce")) {
    const Keys keys(*reduce, "reduce", {"outputs", "ticks", "lanes"});
    if (const Node* x = keys.find("outputs")) l.reduction.outputs = read_reduce(*x, false);
    if (const Node* x = keys.find("ticks")) l.reduction.ticks = read_reduce(*x, true);
    if (const Node* x = keys.find("lanes")) l.reduction.lanes = read_reduce(*x, false);
  }
  Node& r = out["reduce"];
  r["outputs"] = Node::of(reduce_name(l.reduction.outputs));
  r["ticks"] = Node::of(reduce_name(l.reduction.ticks));
  r["lanes"] = Node::of(reduce_name(l.reduction.lanes));
}

void read_rule(const Scope& scope, const Node& n, LearningSpec& l, Node& resolved) {
  const Choice r = read_choice(n, "a learning rule");
  l.rule = read_model(scope, ModelKind::learning_rule, r.name, r.where, r.parameters, {.distributions = false},
                      resolved[r.name]);
  l.credit = static_cast<const LearningRuleModel*>(l.rule.model)->credit(constant_parameters(l.rule).at(0));
  const Time window = from_ms(l.credit.truncate), tick = scope.experiment.tick;
  if (window == 0) return;
  if (window < tick || window % tick != 0)
    throw InputError(place_of(l.rule, "truncate"),
                     fmt::format("found {}; a window is a whole number of ticks of {}",
                                 format_quantity(l.credit.truncate, "ms"), format_quantity(scope.tick_ms, "ms")));
  l.window = static_cast<std::size_t>(window / tick);
}

// `update: {every: batch}`, or ticks.
void read_update(const Scope& scope, const Keys& keys, LearningSpec& l, Node& resolved) {
  resolved["every"] = Node::of("batch");
  const Node* update = keys.find("update");
  if (!update) return;
  const Keys when(*update, "update", {"every"});
  const Node* every = when.find("every");
  if (!every || (every->scalar() && every->text == "batch")) return;
  const Time t = read_time(*every, scope.tick_ms, 1), tick = scope.experiment.tick;
  if (tick == 0 || t % tick != 0)
    throw InputError(every->where, fmt::format("found {}; an update is every batch, or a whole number of ticks of {}",
                                               every->found(), format_quantity(scope.tick_ms, "ms")));
  l.update = static_cast<std::size_t>(t / tick);
  resolved["every"] = *every;
  if (l.credit.past == Credit::Past::backward && (l.window == 0 || l.update % l.window != 0))
    throw InputError(every->where,
                     fmt::format("{} changes weights at the end of {}; write `every: batch`{}", l.rule.model->name,
                                 l.window == 0 ? "a trial" : "a window",
                                 l.window == 0 ? "" : fmt::format(", or a multiple of {} ticks", l.window)));
  if (!l.loss_model().by_tick)
    throw InputError(every->where, fmt::format("{} is known at a trial's end only; write `every: batch`",
                                               l.loss.model->name));
}

LearningSpec read_block(const Scope& scope, const Node::Entry& e, Node& resolved) {
  const Keys keys(e.value, "a block of `learning`",
                  {"rule", "loss", "modulator", "optimiser", "schedule", "clip", "update", "trains"});
  LearningSpec l{.name = e.key, .where = e.where};
  read_rule(scope, keys.at("rule", "such as bptt"), l, resolved["rule"]);
  read_loss(scope, keys.at("loss", "such as {mse_rate: {of: output, target: digits.label}}"), l, resolved["loss"]);
  const Node* modulator = keys.find("modulator");
  if (modulator && !(modulator->scalar() && modulator->text == "none")) {
    const Choice m = read_choice(*modulator, "a modulator, or none");
    l.modulator = read_model(scope, ModelKind::modulator, m.name, m.where, m.parameters, {.distributions = false},
                             resolved["modulator"][m.name]);
  } else {
    resolved["modulator"] = Node::of("none");
  }
  if (const Node* schedule = keys.find("schedule")) l.schedule = read_schedule(*schedule, resolved["schedule"]);
  else resolved["schedule"] = Node::of("none");
  const Node& optimiser = keys.at("optimiser", "such as {adam: {rate: 0.001}}");
  const Choice o = read_choice(optimiser, "an optimiser");
  l.optimiser = read_model(scope, ModelKind::optimiser, o.name, o.where, o.parameters, {.distributions = false},
                           resolved["optimiser"][o.name]);
  resolved["clip"] = Node::of("none");
  if (const Node* clip = keys.find("clip"); clip && !(clip->scalar() && clip->text == "none")) {
    l.clip = read_number(*clip);
    if (*l.clip <= 0.0)
      throw InputError(clip->where,
                       fmt::format("found {}; the largest norm of a gradient is above 0, or none", clip->found()));
    resolved["clip"] = *clip;
  }
  read_update(scope, keys, l, resolved["update"]);
  resolved["trains"] = Node::of("all");
  if (const Node* trains = keys.find("trains"); trains && trains->text != "all") {
    std::vector<std::string> names;
    for (const ProjectionSpec& p : scope.experiment.projections) names.push_back(p.name);
    for (const Node* name : scalars(*trains, "all, or a list of projections,")) {
      if (std::find(names.begin(), names.end(), name->text) == names.end())
        unknown(name->where, name->text, "a projection", names);
      l.trains.push_back(name->text);
    }
    for (const ProjectionSpec& p : scope.experiment.projections) {
      if (!p.tie) continue;
      const std::string& other = scope.experiment.projections[p.tie->projection].name;
      const auto named = [&](const std::string& s) { return std::count(l.trains.begin(), l.trains.end(), s) > 0; };
      if (named(p.name) != named(other))
        throw InputError(trains->where, fmt::format("{} and {} share weights; name both or none", p.name, other));
    }
    resolved["trains"] = *trains;
  }
  return l;
}

}  // namespace

void read_learning(Scope& scope, const Node& n, Node& resolved) {
  if (n.null()) return;
  if (!n.map())
    throw InputError(n.where,
                     fmt::format("found {}; learning is a map {{name: {{rule, loss, optimiser}}}}", n.found()));
  for (const Node::Entry& e : n.entries) scope.experiment.learning.push_back(read_block(scope, e, resolved[e.key]));
}

}  // namespace volley
