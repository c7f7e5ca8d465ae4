// SPDX-License-Identifier: Apache-2.0
// The phases `train` and `evaluate`.
#include <experiment/datasets.h>
#include <experiment/sections.h>

#include <fmt/format.h>

#include <algorithm>

namespace volley {
namespace {

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
    if (std::count(out.begin(), out.end(), out.back()) > 1)
      throw InputError(item->where, fmt::format("the metric {} is given twice", item->text));
  }
  return out;
}

std::size_t read_count(const Keys& keys, const char* key, Node& resolved) {
  const Node* n = keys.find(key);
  const std::int64_t x = n ? read_integer(*n, 1, 1'000'000'000) : 1;
  resolved[key] = Node::of(std::to_string(x));
  return static_cast<std::size_t>(x);
}

std::size_t read_trial(const Scope& scope, const Keys& keys, Node& resolved) {
  const Node& n = keys.at("trial", "a time, such as 20 ticks, or sample");
  resolved["trial"] = n;
  if (n.scalar() && n.text == "sample") return 0;
  const Time t = read_time(n, scope.tick_ms, 1), tick = scope.experiment.tick;
  if (tick == 0 || t % tick != 0)
    throw InputError(n.where, fmt::format("found {}; a trial is a whole number of ticks of {}", n.found(),
                                          format_quantity(scope.tick_ms, "ms")));
  return static_cast<std::size_t>(t / tick);
}

void read_validation(const Scope& scope, const Node& n, TrialSpec& t, Node& resolved) {
  const Keys keys(n, "validate", {"data", "metrics", "every"});
  const SplitOf split = read_split_name(scope, keys.at("data", "a split, such as digits.valid"));
  if (split.dataset != t.dataset)
    throw InputError(keys.at("data").where, "validation is on a split of the data set that is learnt");
  resolved["data"] = keys.at("data");
  t.validate =
      TrialSpec::Validate{.split = split.split, .metrics = read_metrics(keys.find("metrics"), resolved["metrics"])};
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
  std::vector<std::string_view> known{"name",  "data",       "trial",   "truncate", "metrics",
                                      "lanes", "plasticity", "between", "weights"};
  for (const std::string_view k :
       train ? std::vector<std::string_view>{"learning", "epochs", "accumulate", "order", "validate", "keep"}
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
  if (const Node* truncate = keys.find("truncate")) {
    t.truncate = read_flag(*truncate);
    if (t.ticks == 0) throw InputError(truncate->where, "means something only with a trial of a number of ticks");
  }
  if (t.ticks != 0) resolved["truncate"] = Node::of(t.truncate ? "true" : "false");
  t.lanes = read_count(keys, "lanes", resolved);
  t.metrics = read_metrics(keys.find("metrics"), resolved["metrics"]);
  read_only_value(keys, "plasticity", train ? "running" : "frozen", resolved);
  read_only_value(keys, "between", "reset", resolved);
  if (train) {
    std::vector<std::string> names;
    if (learning)
      for (const Node::Entry& e : learning->entries) names.push_back(e.key);
    const Node& chosen =
        keys.at("learning", names.empty() ? "the name of a block of `learning`" : fmt::format("such as {}", names[0]));
    t.learning = read_text(chosen, "the name of a block of `learning`");
    if (std::find(names.begin(), names.end(), t.learning) == names.end())
      unknown(chosen.where, t.learning, "a block of `learning`", names);
    resolved["learning"] = chosen;
    for (const Metric m : t.metrics)
      if (m != Metric::loss && m != Metric::accuracy)
        throw InputError(keys.at("metrics").where,
                         "while it trains, a phase gives loss and accuracy; others belong to `validate`");
    const Node* epochs = keys.find("epochs");
    t.epochs = epochs ? read_epochs(*epochs) : 1;
    resolved["epochs"] = Node::of(std::to_string(t.epochs));
    t.accumulate = read_count(keys, "accumulate", resolved);
    const Node* order = keys.find("order");
    const std::string how = order ? read_text(*order, "shuffled or file") : "shuffled";
    if (how != "shuffled" && how != "file") unknown(order->where, how, "an order", {"shuffled", "file"});
    t.shuffled = how == "shuffled";
    resolved["order"] = Node::of(how);
    if (const Node* w = keys.find("weights"))
      later(w->where, "weights", "training goes on with the weights that there are");
    if (const Node* v = keys.find("validate")) read_validation(scope, *v, t, resolved["validate"]);
    if (const Node* k = keys.find("keep")) read_keep(*k, t, resolved["keep"]);
  } else {
    t.repeats = read_count(keys, "repeats", resolved);
    read_only_value(keys, "compensate", "none", resolved);
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

}  // namespace volley
