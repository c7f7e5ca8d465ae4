// SPDX-License-Identifier: Apache-2.0
// `projections`: each item makes one projection for every pair of its sources and targets, or of a chain.
#include <experiment/sections.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace volley {
namespace {

struct End {
  View view;
  std::string text;
};
using Ends = std::pair<End, End>;

End read_end(const Scope& scope, const Node& n) { return {read_view(scope, n), n.text}; }

// Consecutive pairs of a chain, layers unrolled.
std::vector<Ends> read_chain(const Scope& scope, const Node& n) {
  if (!n.list() || n.items.size() < 2)
    throw InputError(n.where, fmt::format("found {}; a chain is a list of two populations or more", n.found()));
  std::vector<End> stops;
  for (const Node& i : n.items) {
    const std::string& name = read_text(i, "the name of a population");
    if (name.find('[') != name.npos) {
      stops.push_back(read_end(scope, i));
      continue;
    }
    for (const std::size_t p : find_populations(scope, name, i.where)) {
      const PopulationSpec& population = scope.experiment.populations[p];
      stops.push_back({{p, 0, population.size}, population.name});
    }
  }
  std::vector<Ends> out;
  for (std::size_t k = 0; k + 1 < stops.size(); ++k) out.emplace_back(stops[k], stops[k + 1]);
  return out;
}

std::vector<Ends> read_ends(const Scope& scope, const Keys& keys, const Where& where) {
  if (const Node* chain = keys.find("chain")) {
    if (keys.find("from") || keys.find("to"))
      throw InputError(chain->where, "`chain` stands for `from` and `to`; give one or the other");
    return read_chain(scope, *chain);
  }
  if (!keys.find("from") || !keys.find("to"))
    throw InputError(where, "a projection needs `from` and `to`, or a `chain`");
  std::vector<Ends> out;
  for (const Node* from : scalars(keys.at("from"), "the name of a population, or a list of names"))
    for (const Node* to : scalars(keys.at("to"), "the name of a population, or a list of names"))
      out.emplace_back(read_end(scope, *from), read_end(scope, *to));
  return out;
}

// Redrawing or clipping at 0 as well as at the bounds that the user gave; given values are checked.
void apply_sign(Distribution& w, const std::vector<double>& listed, SignRule sign, std::string_view unit,
                const Where& where) {
  if (sign == SignRule::any) return;
  const bool up = sign == SignRule::non_negative;
  const auto check = [&](double x) {
    if (up ? x < 0.0 : x > 0.0)
      throw InputError(where, fmt::format("found {}; through this port every weight must be {}",
                                          format_quantity(x, unit), up ? "0 or more" : "0 or less"));
  };
  if (w.constant()) check(w.a);
  for (const double x : w.values) check(x);
  for (const double x : listed) check(x);
  if (w.constant() || w.kind == Distribution::Kind::values) return;
  (up ? w.min : w.max) = up ? std::max(w.min, 0.0) : std::min(w.max, 0.0);
  if (w.min > w.max)
    throw InputError(where, fmt::format("the bounds leave no weight that is {}", up ? "0 or more" : "0 or less"));
}

// Clocked populations exchange in whole ticks, and what a clock sends to the others takes one tick or more.
void check_ticks(const Scope& scope, const PopulationSpec& from, const PopulationSpec& to, double ms,
                 const Where& where) {
  const Time tick = from_ms(scope.tick_ms), t = from_ms(ms);
  if (!from.clocked()) return;
  if (!to.clocked()) {
    if (t < tick)
      throw InputError(
          where,
          fmt::format("found {}; from a clocked population to one that is not, the delay must be 1 tick ({}) or more",
                      format_quantity(ms, "ms"), format_quantity(scope.tick_ms, "ms")));
  } else if (t % tick != 0) {
    const Time below = t / tick * tick;
    throw InputError(where,
                     fmt::format("found {}; between clocked populations a delay is a whole number of ticks: {} or {}",
                                 format_quantity(ms, "ms"), format_quantity(to_ms(below), "ms"),
                                 format_quantity(to_ms(below + tick), "ms")));
  }
}

void check_delays(const Scope& scope, const ProjectionSpec& p, const Where& where) {
  const PopulationSpec& from = scope.experiment.populations[p.from.population];
  const PopulationSpec& to = scope.experiment.populations[p.to.population];
  const auto check = [&](double ms) {
    if (ms < 0.0)
      throw InputError(where, fmt::format("found {}; a delay cannot be negative", format_quantity(ms, "ms")));
    if (const double left = longest_ms - to_ms(scope.experiment.duration()); ms + p.dendritic_delay > left)
      throw InputError(
          where, fmt::format("found {}; delay and simulated time together last longer than 106 days, the longest time",
                             format_quantity(ms, "ms")));
    check_ticks(scope, from, to, ms + p.dendritic_delay, where);
  };
  for (const double x : p.connect.delay) check(x);
  if (!p.connect.delay.empty()) return;
  if (p.delay.constant()) check(p.delay.a);
  for (const double x : p.delay.values) check(x);
  const bool drawn = !p.delay.constant() && p.delay.values.empty();
  if (drawn && from.clocked() && to.clocked() &&
      (p.delay.quantise == 0.0 || from_ms(p.delay.quantise) % from_ms(scope.tick_ms) != 0))
    throw InputError(where,
                     fmt::format("between clocked populations a delay is a whole number of ticks; add `quantise: {}`",
                                 format_quantity(scope.tick_ms, "ms")));
}

// Keys that belong to later versions, or that have one value in this one.
void check_later(const Keys& keys) {
  if (const Node* n = keys.find("memory"); n && read_text(*n, "ideal") != "ideal")
    later(n->where, n->text, "the only memory is ideal");
  if (const Node* n = keys.find("storage"); n && read_text(*n, "float32") != "float32")
    later(n->where, n->text, "weights are stored as float32");
  if (const Node* n = keys.find("trainable");
      n && !read_flag(*n) && keys.find("plasticity") && keys.find("plasticity")->text != "none")
    throw InputError(n->where, "`trainable: false` contradicts `plasticity`; leave one of them out");
}

// {glorot: uniform or normal} and {he: ..} are distributions whose width follows from the sizes of the layers;
// {orthogonal: length} is made of normal numbers.
Distribution read_initial_weights(const Scope& scope, ProjectionSpec& p, const Node& n, std::string_view unit,
                                  Node& resolved) {
  if (!n.map() || n.entries.size() != 1) return read_distribution(scope, n, {unit, scope.tick_ms}, 0, resolved);
  const std::string& name = n.entries[0].key;
  const Node& shape = n.entries[0].value;
  if (name == "orthogonal") {
    p.orthogonal = read_number(shape);
    if (!(*p.orthogonal > 0.0))
      throw InputError(shape.where, fmt::format("found {}; the length of the rows is above 0", shape.found()));
    resolved = n;
    return {.kind = Distribution::Kind::normal, .a = 0.0, .b = 1.0, .where = n.where};
  }
  if (name != "glorot" && name != "he") return read_distribution(scope, n, {unit, scope.tick_ms}, 0, resolved);
  const std::string& how = read_text(shape, "uniform or normal");
  if (how != "uniform" && how != "normal")
    unknown(shape.where, how, fmt::format("a shape of {}", name), {"uniform", "normal"});
  resolved = n;
  const auto& c = p.connect.patches;  // a patch of all channels that come in, or go out
  const double in = c ? static_cast<double>(c->places()) : p.from.count;
  const double out = c ? static_cast<double>(c->channels * c->kernel()) : p.to.count;
  const double variance = 2.0 / (name == "he" ? in : in + out);
  if (how == "normal")
    return {.kind = Distribution::Kind::normal, .a = 0.0, .b = std::sqrt(variance), .where = n.where};
  const double limit = std::sqrt(3.0 * variance);
  return {.kind = Distribution::Kind::uniform, .a = -limit, .b = limit, .where = n.where};
}

class Item {
 public:
  Item(Scope& scope, const Node& n)
      : scope_(scope),
        n_(n),
        keys_(n, "a projection",
              {"from", "to", "chain", "connect", "weight", "delay", "dendritic_delay", "port", "synapse", "plasticity",
               "memory", "storage", "trainable", "gain", "name", "tie", "tie_transposed"}) {}

  void read(std::set<std::string>& names, Node& resolved) {
    check_later(keys_);
    const auto ends = read_ends(scope_, keys_, n_.where);
    const std::vector<const Node*> ports = read_port_names();
    const Node* name = keys_.find("name");
    if (const std::size_t count = ends.size() * ports.size(); name && count > 1)
      throw InputError(name->where,
                       fmt::format("this item makes {} projections, which cannot share a name; leave it out", count));
    for (std::size_t item = 0; item < ends.size() * ports.size(); ++item) {
      const Ends& e = ends[item / ports.size()];
      const Node* port = ports[item % ports.size()];
      std::string own = name ? read_text(*name, "a name") : e.first.text + "->" + e.second.text;
      if (ports.size() > 1) own += ":" + port->text;
      if (name && names.contains(own))
        throw InputError(name->where, fmt::format("there is another projection of the name '{}'", own));
      const std::string stem = own;
      for (int k = 2; !names.insert(own).second; ++k) own = fmt::format("{}#{}", stem, k);
      Node& out = resolved.items.emplace_back();
      out["name"] = Node::of(own);
      out["from"] = Node::of(e.first.text);
      out["to"] = Node::of(e.second.text);
      scope_.experiment.projections.push_back(one(own, e, port, out));
    }
  }

 private:
  // One port, by name or null for the only one; or the ports of a list, each with a projection of its own.
  std::vector<const Node*> read_port_names() const {
    const Node* port = keys_.find("port");
    return port ? scalars(*port, "the name of a port, or a list of names") : std::vector<const Node*>{nullptr};
  }

  ProjectionSpec one(const std::string& name, const Ends& e, const Node* port, Node& out) {
    ProjectionSpec p{.name = name, .from = e.first.view, .to = e.second.view, .where = n_.where};
    const PopulationSpec& from = scope_.experiment.populations[p.from.population];
    const PopulationSpec& to = scope_.experiment.populations[p.to.population];
    if (to.stimulator)
      throw InputError(keys_.find("to") ? keys_.at("to").where : n_.where,
                       fmt::format("{} is a stimulator, which receives nothing", to.name));
    const bool drive = from.stimulator && from.source().emits == Emits::current;
    if (drive) refuse_for_drive(from);
    p.port_unit = drive ? "" : port_unit(to, port, n_.where);
    if (const Node* gain = keys_.find("gain")) {
      p.gain = read_quantity(*gain, {p.port_unit});
      if (*p.gain == 0.0) throw InputError(gain->where, "a gain of 0 lets nothing through");
      out["gain"] = *gain;
    }
    const std::string unit = p.gain ? "" : p.port_unit;
    p.connect = read_connect(scope_, keys_.at("connect", "a connection rule"), p.from, p.to, unit, out["connect"]);
    read_tie(keys_, p, out);
    read_weight_and_delay(p, unit, out);
    if (!drive) {
      const Where& weight = keys_.find("weight") ? keys_.at("weight").where : keys_.at("connect").where;
      const PortChoice choice = choose_port(to, port, p, weight);
      p.port = choice.port;
      p.sign = choice.sign;
      apply_sign(p.weight, p.connect.weight, p.sign, unit, weight);
      if (port) out["port"] = *port;
    }
    read_models(p, unit, out);
    out["memory"] = Node::of("ideal");
    out["storage"] = Node::of("float32");
    if (!p.tie && p.connect.rule != Connect::Rule::pool)
      out["trainable"] = keys_.find("trainable") ? *keys_.find("trainable") : Node::of("true");
    return p;
  }

  void refuse_for_drive(const PopulationSpec& from) const {
    for (const char* key : {"plasticity", "gain", "port", "synapse"})
      if (const Node* n = keys_.find(key); n && n->text != "none" && n->text != "static")
        throw InputError(n->where,
                         fmt::format("{} drives with a current, which has no {}; its weight is a factor without unit",
                                     from.name, key));
  }

  void read_weight_and_delay(ProjectionSpec& p, std::string_view unit, Node& out) {
    // A key that the list's file gives, or must be written.
    const auto wanted = [&](const char* key, bool in_file, const char* example) -> const Node* {
      const Node* n = keys_.find(key);
      if (in_file && n)
        throw InputError(n->where, fmt::format("the list's file gives a {} to every synapse; leave this one out", key));
      if (!in_file && !n) return &keys_.at(key, example);
      return n;
    };
    const bool layers = p.connect.between_layers();
    if (p.connect.rule == Connect::Rule::pool) refuse_for_pool();
    else if (p.tie) p.weight.where = p.tie->where;
    else if (const Node* n = wanted("weight", !p.connect.weight.empty(),
                                    layers ? "such as {glorot: uniform}" : "such as 0.1 mV, or a distribution"))
      p.weight = layers ? read_initial_weights(scope_, p, *n, unit, out["weight"])
                        : read_distribution(scope_, *n, {unit, scope_.tick_ms}, 0, out["weight"]);
    if (const Node* n = wanted("delay", !p.connect.delay.empty(), "such as 1.5 ms, or a distribution"))
      p.delay = read_distribution(scope_, *n, {"ms", scope_.tick_ms}, 0, out["delay"]);
    if (const Node* n = keys_.find("dendritic_delay")) p.dendritic_delay = to_ms(read_time(*n, scope_.tick_ms, 0));
    if (!layers) out["dendritic_delay"] = Node::of(format_quantity(p.dendritic_delay, "ms"));
    check_delays(scope_, p, keys_.find("delay") ? keys_.at("delay").where : n_.where);
    if (layers) check_between_layers(p);
  }

  void refuse_for_pool() const {
    for (const char* key : {"weight", "trainable"})
      if (const Node* n = keys_.find(key))
        throw InputError(n->where, fmt::format("a pool has no weights; leave `{}` out", key));
  }

  // What a projection between layers has: one delay in ticks, and nothing that belongs to single synapses.
  void check_between_layers(ProjectionSpec& p) const {
    const char* kind = p.connect.rule == Connect::Rule::dense ? "dense" : p.connect.pooled > 0.0 ? "pooling" : "conv2d";
    const Where& delay = keys_.at("delay").where;
    if (!p.delay.constant()) throw InputError(delay, fmt::format("a {} projection has one delay", kind));
    if (from_ms(p.delay.a) % from_ms(scope_.tick_ms) != 0)
      throw InputError(delay,
                       fmt::format("found {}; between layers a delay is a whole number of ticks, such as 0 ticks",
                                   keys_.at("delay").found()));
    for (const char* key : {"dendritic_delay", "gain", "synapse", "plasticity"})
      if (const Node* n = keys_.find(key); n && n->text != "none" && n->text != "static")
        throw InputError(n->where, fmt::format("a {} projection has no {}", kind, key));
    if (const Node* trainable = keys_.find("trainable")) p.trainable = read_flag(*trainable);
  }

  void read_models(ProjectionSpec& p, std::string_view unit, Node& out) {
    const FieldsOf per_source{.port_unit = unit, .elements = p.from.count};
    const Node* synapse = keys_.find("synapse");
    const Choice s = synapse ? read_choice(*synapse, "a synapse") : Choice{"static", n_.where, nullptr};
    Node parameters;
    p.synapse = read_model(scope_, ModelKind::synapse, s.name, s.where, s.parameters, per_source, parameters);
    out["synapse"] = parameters.entries.empty() ? Node::of(s.name) : Node::map_of(s.name, parameters);
    out["plasticity"] = Node::of("none");
    const Node* plasticity = keys_.find("plasticity");
    if (!plasticity || (plasticity->scalar() && plasticity->text == "none")) return;
    const Choice r = read_choice(*plasticity, "a plasticity rule");
    Node rule;
    p.rule = read_model(scope_, ModelKind::rule, r.name, r.where, r.parameters,
                        {.port_unit = unit, .distributions = false}, rule);
    out["plasticity"] = Node::map_of(r.name, rule);
  }

  Scope& scope_;
  const Node& n_;
  Keys keys_;
};

}  // namespace

void read_projections(Scope& scope, const Node& n, Node& resolved) {
  if (!n.list() && !n.null())
    throw InputError(n.where, fmt::format("found {}; projections is a list of {{from, to, ..}}", n.found()));
  std::set<std::string> names;
  resolved.kind = Node::Kind::list;
  for (const Node& item : n.items) Item(scope, item).read(names, resolved);
  find_ties(scope.experiment);
}

}  // namespace volley
