// SPDX-License-Identifier: Apache-2.0
// `duration` or `phases`, and `engine`.
#include <experiment/sections.h>

#include <fmt/format.h>

#include <set>

namespace volley {
namespace {

PhaseSpec read_simulate(const Scope& scope, const Node& n, Node& resolved) {
  PhaseSpec p{.name = ""};
  if (n.scalar()) {
    p.duration = read_time(n, scope.tick_ms, 1);
    resolved["duration"] = n;
  } else {
    const Keys keys(n, "simulate", {"duration", "name", "plasticity"});
    p.duration = read_time(keys.at("duration", "such as 10 s"), scope.tick_ms, 1);
    resolved["duration"] = keys.at("duration");
    if (const Node* name = keys.find("name")) p.name = read_text(*name, "a name");
    if (const Node* plasticity = keys.find("plasticity")) {
      if (plasticity->text != "running" && plasticity->text != "frozen")
        throw InputError(plasticity->where, fmt::format("found {}; write running or frozen", plasticity->found()));
      p.plasticity = plasticity->text == "running";
    }
  }
  resolved["plasticity"] = Node::of(p.plasticity ? "running" : "frozen");
  return p;
}

}  // namespace

void read_phases(Scope& scope, const Node& root, Node& resolved) {
  const Node* duration = root.find("duration");
  const Node* phases = root.find("phases");
  if (!duration == !phases)
    throw InputError(duration ? duration->where : root.where,
                     duration ? "`duration` and `phases` both given; write one of them"
                              : "an experiment needs `duration` (such as 10 s) or `phases`");
  Node list;
  list.kind = Node::Kind::list;
  if (phases) {
    if (!phases->list() || phases->items.empty())
      throw InputError(phases->where,
                       fmt::format("found {}; phases is a list such as [{{simulate: 10 s}}]", phases->found()));
    list = *phases;
  } else {
    list.items.push_back(Node::map_of("simulate", *duration));
    list.items[0].where = duration->where;
  }
  std::set<std::string> names;
  double total = 0.0;
  for (const Node& item : list.items) {
    if (!item.map() || item.entries.size() != 1)
      throw InputError(
          item.where, fmt::format("found {}; a phase is a map with one key, such as {{simulate: 10 s}}", item.found()));
    const Node::Entry& e = item.entries[0];
    if (e.key == "rest") later(e.where, "rest", "there are simulate, train and evaluate");
    if (e.key != "simulate" && e.key != "train" && e.key != "evaluate")
      unknown(e.where, e.key, "a phase", {"simulate", "train", "evaluate"});
    Node& out = resolved["phases"].items.emplace_back();
    resolved["phases"].kind = Node::Kind::list;
    PhaseSpec p = e.key == "simulate"
                      ? read_simulate(scope, e.value, out[e.key])
                      : read_trials(scope, e.value, e.key == "train", root.find("learning"), out[e.key]);
    if (p.name.empty()) {
      p.name = e.key;
      for (int k = 2; names.contains(p.name); ++k) p.name = fmt::format("{}#{}", e.key, k);
    } else if (names.contains(p.name)) {
      throw InputError(e.value.where, fmt::format("there is another phase of the name '{}'", p.name));
    }
    names.insert(p.name);
    out[e.key]["name"] = Node::of(p.name);
    if ((total += to_ms(p.duration)) > longest_ms)
      throw InputError(e.value.where, "the phases together last longer than 106 days, the longest time");
    scope.experiment.phases.push_back(std::move(p));
  }
}

void read_engine(Scope& scope, const Node& n, Node& resolved) {
  const Keys keys(n, "engine", {"window", "memory_limit", "block_size", "threads", "precision"});
  EngineOptions& o = scope.experiment.engine;
  resolved = n;
  resolved.kind = Node::Kind::map;
  if (const Node* window = keys.find("window")) o.window = read_time(*window, scope.tick_ms, 1);
  if (const Node* limit = keys.find("memory_limit")) o.memory_limit_mb = read_megabytes(*limit);
  if (const Node* size = keys.find("block_size"))
    o.block_size = static_cast<std::uint32_t>(read_integer(*size, 1, 65536));
  if (const Node* p = keys.find("precision")) {
    const std::string& text = read_text(*p, "single or double");
    if (text != "single" && text != "double") unknown(p->where, text, "a precision", {"single", "double"});
    o.double_precision = text == "double";
  }
  if (const Node* threads = keys.find("threads")) o.threads = static_cast<int>(read_integer(*threads, 1, 4096));
}

}  // namespace volley
