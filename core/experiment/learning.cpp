// SPDX-License-Identifier: Apache-2.0
// `learning`, the phases `train` and `evaluate`, and what an experiment with them may hold.
#include <experiment/datasets.h>
#include <experiment/sections.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <set>

namespace volley {
namespace {

constexpr std::string_view only_bptt = "this one has bptt";

std::vector<std::string> names_of_metrics() { return {metric_names.begin(), metric_names.end()}; }

Metric read_metric(const Node& n) {
  const std::string& text = read_text(n, "the name of a metric");
  const auto it = std::find(metric_names.begin(), metric_names.end(), text);
  if (it == metric_names.end()) unknown(n.where, text, "a metric", names_of_metrics());
  return static_cast<Metric>(it - metric_names.begin());
}

std::vector<Metric> read_metrics(const Node* n, Node& resolved) {
  std::vector<Metric> out;
  if (!n) {
    resolved.kind = Node::Kind::list;
    resolved.items.push_back(Node::of("loss"));
    return {Metric::loss};
  }
  resolved = *n;
  for (const Node* item : scalars(*n, "a metric, or a list of them,")) {
    out.push_back(read_metric(*item));
    if (std::count(out.begin(), out.end(), out.back()) > 1) throw InputError(item->where, fmt::format("the metric {} is given twice", item->text));
  }
  return out;
}

std::size_t read_count(const Keys& keys, const char* key, Node& resolved) {
  const Node* n = keys.find(key);
  const std::int64_t x = n ? read_integer(*n, 1, 1'000'000'000) : 1;
  resolved[key] = Node::of(std::to_string(x));
  return static_cast<std::size_t>(x);
}

// A number of epochs: "8" or "8 epochs".
std::size_t read_epochs(const Node& n) {
  Node number = n;
  for (const std::string_view unit : {" epochs", " epoch"})
    if (n.scalar() && n.text.ends_with(unit)) {
      number.text.resize(n.text.size() - unit.size());
      break;
    }
  return static_cast<std::size_t>(read_integer(number, 1, 1'000'000'000));
}

std::size_t read_trial(const Scope& scope, const Keys& keys, Node& resolved) {
  const Node& n = keys.at("trial", "a time, such as 20 ticks, or sample");
  resolved["trial"] = n;
  if (n.scalar() && n.text == "sample") return 0;
  const Time t = read_time(n, scope.tick_ms, 1), tick = scope.experiment.tick;
  if (tick == 0 || t % tick != 0)
    throw InputError(n.where, fmt::format("found {}; a trial is a whole number of ticks of {}", n.found(), format_quantity(scope.tick_ms, "ms")));
  return static_cast<std::size_t>(t / tick);
}

// Keys of the grammar with one value in this version.
void only(const Keys& keys, const char* key, std::string_view value, Node& resolved) {
  if (const Node* n = keys.find(key); n && n->text != value)
    later(n->where, fmt::format("{}: {}", key, n->scalar() ? n->text : n->found()), fmt::format("write {}: {}", key, value));
  resolved[key] = Node::of(std::string(value));
}

void read_validation(const Scope& scope, const Node& n, TrialSpec& t, Node& resolved) {
  const Keys keys(n, "validate", {"data", "metrics", "every"});
  const SplitOf split = read_split_name(scope, keys.at("data", "a split, such as digits.valid"));
  if (split.dataset != t.dataset) throw InputError(keys.at("data").where, "validation is on a split of the data set that is learnt");
  resolved["data"] = keys.at("data");
  t.validate = TrialSpec::Validate{.split = split.split, .metrics = read_metrics(keys.find("metrics"), resolved["metrics"])};
  if (const Node* every = keys.find("every")) t.validate->every = read_epochs(*every);
  resolved["every"] = Node::of(fmt::format("{} epoch{}", t.validate->every, t.validate->every == 1 ? "" : "s"));
}

void read_keep(const Node& n, TrialSpec& t, Node& resolved) {
  const Keys keys(n, "keep", {"best", "patience", "restore"});
  const Node& best = keys.at("best", "a metric of `validate`");
  resolved["best"] = best;
  if (!t.validate) throw InputError(n.where, "`keep` chooses by a metric of `validate`, which is missing");
  TrialSpec::Keep keep{.best = read_metric(best)};
  if (std::find(t.validate->metrics.begin(), t.validate->metrics.end(), keep.best) == t.validate->metrics.end())
    throw InputError(best.where, fmt::format("{} is not among the metrics of `validate`; add it there", best.text));
  if (keep.best == Metric::confusion) throw InputError(best.where, "confusion is a table, which has no best");
  if (const Node* patience = keys.find("patience")) {
    keep.patience = read_epochs(*patience);
    resolved["patience"] = *patience;
  }
  if (const Node* restore = keys.find("restore")) keep.restore = read_flag(*restore);
  resolved["restore"] = Node::of(keep.restore ? "true" : "false");
  t.keep = keep;
}

}  // namespace

PhaseSpec read_trials(Scope& scope, const Node& n, bool train, const Node* learning, Node& resolved) {
  std::vector<std::string_view> known{"name", "data", "trial", "metrics", "lanes", "plasticity", "between", "weights"};
  for (const std::string_view k : train ? std::vector<std::string_view>{"learning", "epochs", "accumulate", "order", "validate", "keep"}
                                        : std::vector<std::string_view>{"repeats", "compensate", "at"})
    known.push_back(k);
  const Keys keys(n, train ? "train" : "evaluate", known);
  PhaseSpec p{.name = ""};
  if (const Node* name = keys.find("name")) p.name = read_text(*name, "a name");
  TrialSpec t{.train = train, .where = n.where};
  const SplitOf split = read_split_name(scope, keys.at("data", "a split of a data set, such as digits.train"));
  t.dataset = split.dataset;
  t.split = split.split;
  resolved["data"] = keys.at("data");
  t.ticks = read_trial(scope, keys, resolved);
  t.lanes = read_count(keys, "lanes", resolved);
  t.metrics = read_metrics(keys.find("metrics"), resolved["metrics"]);
  only(keys, "plasticity", train ? "running" : "frozen", resolved);
  only(keys, "between", "reset", resolved);
  if (train) {
    std::vector<std::string> names;
    if (learning)
      for (const Node::Entry& e : learning->entries) names.push_back(e.key);
    const Node& chosen = keys.at("learning", names.empty() ? "the name of a block of `learning`" : fmt::format("such as {}", names[0]));
    t.learning = read_text(chosen, "the name of a block of `learning`");
    if (std::find(names.begin(), names.end(), t.learning) == names.end()) unknown(chosen.where, t.learning, "a block of `learning`", names);
    resolved["learning"] = chosen;
    for (const Metric m : t.metrics)
      if (m != Metric::loss && m != Metric::accuracy) throw InputError(keys.at("metrics").where, "while it trains, a phase gives loss and accuracy; others belong to `validate`");
    const Node* epochs = keys.find("epochs");
    t.epochs = epochs ? read_epochs(*epochs) : 1;
    resolved["epochs"] = Node::of(std::to_string(t.epochs));
    t.accumulate = read_count(keys, "accumulate", resolved);
    const Node* order = keys.find("order");
    const std::string how = order ? read_text(*order, "shuffled or file") : "shuffled";
    if (how != "shuffled" && how != "file") unknown(order->where, how, "an order", {"shuffled", "file"});
    t.shuffled = how == "shuffled";
    resolved["order"] = Node::of(how);
    if (const Node* w = keys.find("weights")) later(w->where, "weights", "training goes on with the weights that there are");
    if (const Node* v = keys.find("validate")) read_validation(scope, *v, t, resolved["validate"]);
    if (const Node* k = keys.find("keep")) read_keep(*k, t, resolved["keep"]);
  } else {
    t.repeats = read_count(keys, "repeats", resolved);
    only(keys, "compensate", "none", resolved);
    if (const Node* at = keys.find("at")) later(at->where, "at", "device time does not pass");
    if (const Node* w = keys.find("weights")) {
      if (w->map()) later(w->where, "weights: {file}", "write last or best");
      const std::string& which = read_text(*w, "last or best");
      if (which != "last" && which != "best") unknown(w->where, which, "a choice of weights", {"last", "best"});
      t.best_weights = which == "best";
    }
    resolved["weights"] = Node::of(t.best_weights ? "best" : "last");
  }
  p.trials = std::move(t);
  return p;
}

namespace {

Reduce read_reduce(const Node& n, bool ticks) {
  const std::string& text = read_text(n, ticks ? "sum, mean or last" : "sum or mean");
  if (text == "sum") return Reduce::sum;
  if (text == "mean") return Reduce::mean;
  if (text == "last" && ticks) return Reduce::last;
  unknown(n.where, text, "a reduction", ticks ? std::vector<std::string>{"sum", "mean", "last"} : std::vector<std::string>{"sum", "mean"});
}
std::string reduce_name(Reduce r) { return r == Reduce::sum ? "sum" : r == Reduce::mean ? "mean" : "last"; }

void read_loss(const Scope& scope, const Node& n, LearningSpec& l, Node& resolved) {
  const Choice choice = read_choice(n, "a loss");
  const Model* known = scope.registry.find(ModelKind::loss, choice.name);
  const Node none;
  const Node& body = choice.parameters ? *choice.parameters : none;
  Node own = body;
  std::erase_if(own.entries, [](const Node::Entry& e) { return e.key == "of" || e.key == "target" || e.key == "reduce"; });
  Node& out = resolved[choice.name];
  l.loss = read_model(scope, ModelKind::loss, choice.name, choice.where, &own, {.distributions = false}, out);
  l.reduction = static_cast<const LossModel*>(known)->reduce;
  const auto needed = [&](const char* key, const char* example) -> const Node& {
    const Node* x = body.find(key);
    if (!x) throw InputError(body.null() ? choice.where : body.where, fmt::format("{} needs `{}`: {}", choice.name, key, example));
    out[key] = *x;
    return *x;
  };
  const Node& of = needed("of", "the population whose outputs it looks at");
  const auto found = find_populations(scope, read_text(of, "the name of a population"), of.where);
  if (found.size() > 1) throw InputError(of.where, fmt::format("{} has {} layers; name one of them, such as {}.{}", of.text, found.size(), of.text, found.size() - 1));
  l.of = found[0];
  const Node& target = needed("target", "a field of a data set");
  const FieldOf field = read_field(scope, target.where, read_text(target, "a field of a data set"));
  l.dataset = field.dataset;
  l.target = field.field;
  const Dataset::Field& f = scope.experiment.datasets[l.dataset]->fields.at(l.target);
  const PopulationSpec& p = scope.experiment.populations[l.of];
  if (p.stimulator || !p.neuron().unit) throw InputError(of.where, fmt::format("{} does not learn; a loss looks at a population that does, such as of readout", p.name));
  if (l.loss_model().target == TargetKind::label) {
    if (!f.label()) throw InputError(target.where, fmt::format("{} takes labels; {} holds values", choice.name, target.text));
    if (f.classes > p.size) throw InputError(target.where, fmt::format("{} has {} classes; {} has {} units, one for each is needed", target.text, f.classes, p.name, p.size));
  } else {
    if (f.label()) throw InputError(target.where, fmt::format("{} takes values for each tick; {} holds labels", choice.name, target.text));
    if (!f.sequence()) throw InputError(target.where, fmt::format("{} takes values for each tick; {} has one row for a whole trial", choice.name, target.text));
    if (f.width != p.size) throw InputError(target.where, fmt::format("{} has {} values in a tick; {} has {} units", target.text, f.width, p.name, p.size));
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

LearningSpec read_block(const Scope& scope, const Node::Entry& e, Node& resolved) {
  const Keys keys(e.value, "a block of `learning`", {"rule", "loss", "modulator", "optimiser", "schedule", "clip", "update", "trains"});
  LearningSpec l{.name = e.key, .where = e.where};
  const Node& rule = keys.at("rule", "bptt");
  const Choice r = read_choice(rule, "a learning rule");
  for (const char* name : {"ostl", "eprop", "feedback_alignment", "direct_feedback_alignment"})
    if (r.name == name) later(r.where, name, only_bptt);
  if (r.name != "bptt") unknown(r.where, r.name, "a learning rule", {"bptt"});
  if (r.parameters)
    for (const Node::Entry& x : r.parameters->entries) {
      if (x.key == "truncate" || x.key == "state") later(x.where, x.key, "bptt goes back through the whole trial");
      unknown(x.where, x.key, "a parameter of bptt", {"truncate", "state"});
    }
  resolved["rule"] = Node::of("bptt");
  read_loss(scope, keys.at("loss", "such as {mse_rate: {of: output, target: digits.label}}"), l, resolved["loss"]);
  only(keys, "modulator", "none", resolved);
  only(keys, "schedule", "none", resolved);
  const Node& optimiser = keys.at("optimiser", "such as {adam: {rate: 0.001}}");
  const Choice o = read_choice(optimiser, "an optimiser");
  l.optimiser = read_model(scope, ModelKind::optimiser, o.name, o.where, o.parameters, {.distributions = false}, resolved["optimiser"][o.name]);
  resolved["clip"] = Node::of("none");
  if (const Node* clip = keys.find("clip"); clip && !(clip->scalar() && clip->text == "none")) {
    l.clip = read_number(*clip);
    if (*l.clip <= 0.0) throw InputError(clip->where, fmt::format("found {}; the largest norm of a gradient is above 0, or none", clip->found()));
    resolved["clip"] = *clip;
  }
  if (const Node* update = keys.find("update")) {
    const Keys when(*update, "update", {"every"});
    if (const Node* every = when.find("every"); every && every->text != "batch") later(every->where, fmt::format("every: {}", every->text), "bptt updates once a batch");
  }
  resolved["update"]["every"] = Node::of("batch");
  resolved["trains"] = Node::of("all");
  if (const Node* trains = keys.find("trains"); trains && trains->text != "all") {
    std::vector<std::string> names;
    for (const ProjectionSpec& p : scope.experiment.projections) names.push_back(p.name);
    for (const Node* name : scalars(*trains, "all, or a list of projections,")) {
      if (std::find(names.begin(), names.end(), name->text) == names.end()) unknown(name->where, name->text, "a projection", names);
      l.trains.push_back(name->text);
    }
    resolved["trains"] = *trains;
  }
  return l;
}

// Layers that a tick would pass through in a circle.
void refuse_loops(const Experiment& e) {
  std::vector<int> state(e.populations.size(), 0);  // 1: on the path, 2: done
  std::vector<std::size_t> path;
  const std::function<void(std::size_t)> visit = [&](std::size_t at) {
    state[at] = 1;
    path.push_back(at);
    for (const ProjectionSpec& p : e.projections) {
      if (p.from.population != at || p.delay.a > 0.0) continue;
      const std::size_t to = p.to.population;
      if (state[to] == 1) {
        std::string loop;
        for (auto k = std::find(path.begin(), path.end(), to); k != path.end(); ++k) loop += e.populations[*k].name + " -> ";
        throw InputError(p.where, fmt::format("a loop without delay: {}{}; one of its projections needs 1 tick or more", loop, e.populations[to].name));
      }
      if (state[to] == 0) visit(to);
    }
    path.pop_back();
    state[at] = 2;
  };
  for (std::size_t k = 0; k < state.size(); ++k)
    if (state[k] == 0) visit(k);
}

void refuse_if_simulated(const Experiment& e, const Node& root) {
  for (const char* key : {"datasets", "learning"})
    if (const Node* n = root.find(key)) throw InputError(n->where, fmt::format("`{}` belongs to the phases train and evaluate; this experiment has none", key));
  for (const PopulationSpec& p : e.populations)
    if (p.stimulator ? p.source().encode != nullptr : p.neuron().unit != nullptr)
      throw InputError(p.where, fmt::format("{} runs in trials of a data set; an experiment with it has the phases train or evaluate", p.model.model->name));
}

// The data of `learning` and of the stimulators is that of the phase.
void check_phase(const Experiment& e, const PhaseSpec& phase) {
  const TrialSpec& t = *phase.trials;
  const Dataset& d = *e.datasets[t.dataset];
  const LearningSpec* l = learning_of(e, phase);
  if (!l) throw InputError(t.where, "an evaluation needs a loss, which a block of `learning` gives");
  if (l->dataset != t.dataset) throw InputError(t.where, fmt::format("{} learns {}; this phase presents {}", l->name, e.datasets[l->dataset]->name, d.name));
  const auto check_metrics = [&](const std::vector<Metric>& metrics) {
    for (const Metric m : metrics) {
      const bool likelihood = m == Metric::nll_per_step || m == Metric::nll_per_sequence || m == Metric::perplexity;
      if (likelihood && !l->loss_model().likelihood)
        throw InputError(t.where, fmt::format("{} needs a loss that is a likelihood; {} is none", metric_names[static_cast<std::size_t>(m)], l->loss.model->name));
      if ((m == Metric::accuracy || m == Metric::confusion) && l->loss_model().target != TargetKind::label)
        throw InputError(t.where, fmt::format("{} counts right answers, which {} does not give: its targets are values", metric_names[static_cast<std::size_t>(m)], l->loss.model->name));
    }
  };
  check_metrics(t.metrics);
  if (t.validate) check_metrics(t.validate->metrics);
  std::vector<std::string> splits{t.split};
  if (t.validate) splits.push_back(t.validate->split);
  for (const auto& [name, field] : d.fields) {
    if (!field.sequence()) continue;
    for (const std::string& split : splits)
      for (const std::uint32_t sample : d.splits.at(split))
        if (t.ticks != 0 && field.steps(sample) > t.ticks)
          throw InputError(t.where, fmt::format("sample {} of {}.{} has {} steps; a trial has {} ticks (`trial: sample` gives each its own)", sample, d.name, name, field.steps(sample), t.ticks));
  }
  const bool any_sequence = std::any_of(d.fields.begin(), d.fields.end(), [](const auto& f) { return f.second.sequence(); });
  if (t.ticks == 0 && !any_sequence)
    throw InputError(t.where, fmt::format("`trial: sample` takes a sample's own length, but {} holds no sequences; write a number of ticks", d.name));
  if (t.ticks != 0 && l->loss_model().target == TargetKind::values)
    throw InputError(t.where, fmt::format("{} has a target for each step of a sample; write `trial: sample`", l->loss.model->name));
}

}  // namespace

void read_learning(Scope& scope, const Node& n, Node& resolved) {
  if (n.null()) return;
  if (!n.map()) throw InputError(n.where, fmt::format("found {}; learning is a map {{name: {{rule, loss, optimiser}}}}", n.found()));
  for (const Node::Entry& e : n.entries) scope.experiment.learning.push_back(read_block(scope, e, resolved[e.key]));
}

void check_learning(const Scope& scope, const Node& root) {
  const Experiment& e = scope.experiment;
  if (!e.learns()) return refuse_if_simulated(e, root);
  for (const PopulationSpec& p : e.populations) {
    if (p.stimulator ? p.source().encode != nullptr : p.neuron().unit != nullptr) continue;
    std::vector<std::string_view> names;
    for (const Model* m : scope.registry.all(p.model.model->kind))
      if (p.stimulator ? static_cast<const StimulatorModel*>(m)->encode != nullptr : static_cast<const NeuronModel*>(m)->unit != nullptr)
        names.push_back(m->name);
    throw InputError(p.where, fmt::format("{} is no part of a network that learns in ticks in this version; there are {}", p.model.model->name, fmt::join(names, ", ")));
  }
  for (const ProjectionSpec& p : e.projections)
    if (p.connect.rule != Connect::Rule::dense) throw InputError(p.connect.where, "between populations that learn the connection is `dense` in this version");
  refuse_loops(e);
  bool trained = false;
  for (const PhaseSpec& p : e.phases)
    if (!p.trials) throw InputError(root.find("phases")->where, fmt::format("'{}' simulates and others learn; one experiment does one of them in this version", p.name));
  for (const PhaseSpec& p : e.phases) {
    check_phase(e, p);
    if (p.trials->best_weights && !trained) throw InputError(p.trials->where, "`weights: best` needs a phase before it that trains with `keep`");
    trained |= p.trials->keep.has_value();
  }
  for (const PopulationSpec& p : e.populations)
    if (p.stimulator && p.dataset != e.phases.front().trials->dataset)
      throw InputError(p.where, fmt::format("{} presents {}; the phases present {}", p.name, e.datasets[p.dataset]->name, e.datasets[e.phases.front().trials->dataset]->name));
}

}  // namespace volley
