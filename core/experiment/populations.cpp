// SPDX-License-Identifier: Apache-2.0
// `populations`: name: {neuron or stimulator, size, depth, parameters, init, substeps, dropout}.
#include <experiment/datasets.h>
#include <experiment/sections.h>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <limits>

namespace volley {
namespace {

constexpr std::int64_t largest = std::numeric_limits<std::uint32_t>::max();

void check_name(const std::string& name, const Where& where) {
  const auto plain = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-'; };
  const bool letter = !name.empty() && (std::isalpha(static_cast<unsigned char>(name[0])) || name[0] == '_');
  if (!letter || !std::all_of(name.begin(), name.end(), plain) || name.find("->") != name.npos)
    throw InputError(where, fmt::format("'{}' cannot be the name of a population; a name is made of letters, digits, _ "
                                        "and -, and begins with a letter", name));
  std::string low = name;
  for (char& c : low) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const char* word : {"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
    if (low == word)
      throw InputError(where,
                       fmt::format("other YAML readers take '{}' for a value, not for a name; choose another", name));
}

// Units, and their channels, rows and columns where two or three sides are written.
std::uint32_t read_size(const Node& n, LayerShape& shape) {
  const std::vector<Node> sides = n.list() ? n.items : std::vector{n};
  if (sides.empty()) throw InputError(n.where, "an empty list; a size is a number, or [channels, height, width]");
  std::int64_t size = 1;
  for (const Node& side : sides) {
    const std::int64_t x = read_integer(side, 0, largest);
    if (x == 0)
      throw InputError(side.where, "a population needs at least one unit; remove it instead of giving it size 0");
    if (size > largest / x)
      throw InputError(n.where, fmt::format("found {}; the largest size is {}", n.found(), largest));
    size *= x;
  }
  const auto side = [&](std::size_t k) { return static_cast<std::size_t>(read_integer(sides[k], 1, largest)); };
  if (sides.size() == 2) shape = {1, side(0), side(1)};
  if (sides.size() == 3) shape = {side(0), side(1), side(2)};
  return static_cast<std::uint32_t>(size);
}

std::vector<InitialValue> read_init(const Scope& scope, const PopulationSpec& p, const Node& n, Node& resolved) {
  const auto variables = variables_of(p.model);
  std::vector<std::string> names;
  for (const auto& v : variables) names.push_back(v.first);
  if (!n.map() && !n.null())
    throw InputError(n.where, fmt::format("found {}; init is a map {{variable: value}}", n.found()));
  std::vector<InitialValue> out;
  for (const Node::Entry& e : n.entries) {
    const auto v = std::find_if(variables.begin(), variables.end(), [&](const auto& x) { return x.first == e.key; });
    if (v == variables.end()) unknown(e.where, e.key, fmt::format("a variable of {}", p.model.model->name), names);
    out.push_back(
        {e.key, read_distribution(scope, e.value, {v->second, scope.tick_ms}, p.size, resolved[e.key]), e.value.where});
  }
  return out;
}

// What a stimulator that encodes presents.
void read_data(const Scope& scope, PopulationSpec& p) {
  for (const FieldValue& v : p.model.values) {
    if (const auto* d = std::get_if<Distribution>(&v.value); d && !d->constant())
      throw InputError(v.where, fmt::format("one {} serves all units of {}", v.field->name, p.model.model->name));
    if (v.field->name != "data") continue;
    const FieldOf field = read_field(scope, v.where, std::get<std::string>(v.value));
    const Dataset::Field& f = scope.experiment.datasets[field.dataset]->fields.at(field.field);
    if (f.label())
      throw InputError(v.where,
                       fmt::format("{} holds labels; a stimulator presents values", std::get<std::string>(v.value)));
    if (f.width != p.size)
      throw InputError(v.where, fmt::format("{} has {} values; {} has {} units, and each presents one",
                                            std::get<std::string>(v.value), f.width, p.name, p.size));
    if (p.shape == LayerShape{}) p.shape = f.shape;
    if (f.shape != LayerShape{} && p.shape != f.shape)
      throw InputError(p.where, fmt::format("{} is {}; {} is written as {}", std::get<std::string>(v.value),
                                            text_of(f.shape), p.name, text_of(p.shape)));
    p.dataset = field.dataset;
    p.field = field.field;
  }
}

// Of a unit's parameters only those that start what is trained may differ from neuron to neuron.
void check_unit(const PopulationSpec& p) {
  for (const FieldValue& v : p.model.values) {
    const auto* d = std::get_if<Distribution>(&v.value);
    const auto same = [&](const Trainable& t) { return t.name == v.field->name; };
    if (d && !d->constant() && std::none_of(p.neuron().unit->trained.begin(), p.neuron().unit->trained.end(), same))
      throw InputError(v.where, fmt::format("one {} serves all neurons of a layer", v.field->name));
  }
}

double read_dropout(const PopulationSpec& p, const Node& n) {
  if (p.stimulator || !p.neuron().unit)
    throw InputError(n.where, fmt::format("{} does not learn; `dropout` belongs to layers of units that do", p.name));
  const double share = read_number(n);
  if (!(share >= 0.0 && share < 1.0))
    throw InputError(n.where, fmt::format("found {}; the share of units that are dropped is 0 or more and below 1",
                                          n.found()));
  return share;
}

void read_population(Scope& scope, const std::string& name, const Where& where, const Node& n, Node& resolved) {
  check_name(name, where);
  const Keys keys(n, "a population", {"neuron", "stimulator", "size", "depth", "parameters", "init", "substeps",
                                     "dropout"});
  const Node* neuron = keys.find("neuron");
  const Node* stimulator = keys.find("stimulator");
  if (!neuron == !stimulator)
    throw InputError(n.null() ? where : n.where,
                     neuron ? "`neuron` and `stimulator` both given; a population is one of them"
                            : "a population needs `neuron` or `stimulator`, the name of a model");
  const Node& model = neuron ? *neuron : *stimulator;
  if (model.map())
    throw InputError(model.where,
                     fmt::format("found {}; the name of a model is expected here, and its parameters under "
                                 "`parameters`",
                                 model.found()));
  PopulationSpec p{.name = name, .stimulator = !neuron, .where = n.where};
  p.size = read_size(keys.at("size"), p.shape);
  resolved[neuron ? "neuron" : "stimulator"] = model;
  resolved["size"] = keys.at("size");
  const Node* depth_node = keys.find("depth");
  const std::int64_t depth = depth_node ? read_integer(*depth_node, 1, 100'000) : 1;
  if (depth_node && !neuron)
    throw InputError(depth_node->where, "a stimulator has no layers; `depth` belongs to neurons");
  if (neuron) resolved["depth"] = Node::of(std::to_string(depth));
  p.model =
      read_model(scope, neuron ? ModelKind::neuron : ModelKind::stimulator, read_text(model, "the name of a model"),
                 model.where, keys.find("parameters"), {.elements = p.size}, resolved["parameters"]);
  if (p.stimulator && p.source().encode) read_data(scope, p);
  if (!p.stimulator && p.neuron().unit) check_unit(p);
  if (const Node* init = keys.find("init")) {
    if (neuron && p.neuron().unit) throw InputError(init->where, "a trial begins with all states at 0");
    if (!neuron) throw InputError(init->where, "a stimulator has no state to initialise; `init` belongs to neurons");
    p.init = read_init(scope, p, *init, resolved["init"]);
  }
  if (const Node* substeps = keys.find("substeps")) {
    if (!p.clocked())
      throw InputError(
          substeps->where,
          fmt::format("{} is not stepped by the clock; `substeps` belongs to clocked neurons", model.text));
    p.substeps = static_cast<int>(read_integer(*substeps, 1, 1'000'000));
  }
  if (!p.stimulator && p.neuron().unit && p.substeps != 1)
    throw InputError(keys.at("substeps").where, "a layer that learns makes one step a tick");
  if (p.clocked()) resolved["substeps"] = Node::of(std::to_string(p.substeps));
  if (const Node* dropout = keys.find("dropout")) p.dropout = read_dropout(p, *dropout);
  if (!p.stimulator && p.neuron().unit) resolved["dropout"] = Node::of(fmt::format("{}", p.dropout));
  for (std::int64_t layer = 0; layer < depth; ++layer) {
    p.name = depth == 1 ? name : fmt::format("{}.{}", name, layer);
    scope.experiment.populations.push_back(p);
    scope.families.push_back(name);
  }
}

}  // namespace

bool any_clocked(const Registry& registry, const Node& populations) {
  for (const Node::Entry& e : populations.entries)
    if (const Node* name = e.value.find("neuron"))
      if (const Model* m = registry.find(ModelKind::neuron, name->text))
        if (static_cast<const NeuronModel*>(m)->clocked()) return true;
  return false;
}

void read_populations(Scope& scope, const Node& n, Node& resolved) {
  if (!n.map() || n.entries.empty())
    throw InputError(n.where, fmt::format("found {}; populations is a map {{name: {{neuron, size, ..}}}}", n.found()));
  for (const Node::Entry& e : n.entries) read_population(scope, e.key, e.where, e.value, resolved[e.key]);
}

}  // namespace volley
