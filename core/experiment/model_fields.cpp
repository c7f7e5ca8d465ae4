// SPDX-License-Identifier: Apache-2.0
// From a map of parameters to the values of a field table.
#include <experiment/model_fields.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace volley {
namespace {

using Value = decltype(FieldValue::value);

std::string_view unit_of(const FieldInfo& f, const FieldsOf& of) {
  return f.unit == weight_unit ? of.port_unit : f.unit;
}

std::vector<double> read_numbers(const FieldInfo& f, const Node& n, UnitOf unit) {
  if (!n.list() && !n.scalar())
    throw InputError(
        n.where, fmt::format("found {}; a list such as [{}] is expected", n.found(), format_quantity(1.5, unit.unit)));
  std::vector<double> out;
  for (const Node& i : n.scalar() ? std::vector{n} : n.items) {
    out.push_back(read_quantity(i, unit));
    check_bounds({.a = out.back(), .where = i.where}, f.bounds, unit.unit);
  }
  return out;
}

std::int64_t read_bounded_integer(const FieldInfo& f, const Node& n) {
  constexpr auto lowest = std::numeric_limits<std::int64_t>::min(), highest = std::numeric_limits<std::int64_t>::max();
  const double low = f.bounds.low + (f.bounds.low_open ? 1.0 : 0.0);
  return read_integer(n, std::isfinite(low) ? static_cast<std::int64_t>(low) : lowest,
                      std::isfinite(f.bounds.high) ? static_cast<std::int64_t>(f.bounds.high) : highest);
}

std::int64_t read_one_of(const FieldInfo& f, const Node& n) {
  const std::string& text = read_text(n, fmt::format("one of {}", fmt::join(f.choices, ", ")));
  const auto it = std::find(f.choices.begin(), f.choices.end(), text);
  if (it == f.choices.end())
    unknown(n.where, text, fmt::format("a value of {}", f.name), {f.choices.begin(), f.choices.end()});
  return it - f.choices.begin();
}

Value read_value(const Scope& scope, const FieldInfo& f, const FieldsOf& of, const Node& n, Node& resolved) {
  const UnitOf unit{unit_of(f, of), scope.tick_ms};
  resolved = n;
  switch (f.kind) {
    case FieldKind::number: {
      Distribution d = read_distribution(scope, n, unit, of.elements, resolved);
      if (!d.constant() && !of.distributions)
        throw InputError(n.where, fmt::format("found {}; a rule has one {} for all its synapses", n.found(), f.name));
      check_bounds(d, f.bounds, unit.unit);
      return d;
    }
    case FieldKind::flag: return read_flag(n);
    case FieldKind::integer: return read_bounded_integer(f, n);
    case FieldKind::choice: return read_one_of(f, n);
    case FieldKind::text: return read_text(n, "a text");
    case FieldKind::path: return find_file(scope, n);
    case FieldKind::numbers: return read_numbers(f, n, unit);
    case FieldKind::lists: {
      if (!n.list()) throw InputError(n.where, fmt::format("found {}; a list of lists is expected", n.found()));
      std::vector<std::vector<double>> out;
      for (const Node& i : n.items) {
        if (!i.list())
          throw InputError(i.where, fmt::format("found {}; a list is expected, one for each unit", i.found()));
        out.push_back(read_numbers(f, i, unit));
      }
      return out;
    }
    case FieldKind::texts: break;
  }
  std::vector<std::string> out;
  for (const Node* i : scalars(n, "a name or a list of names")) out.push_back(i->text);
  return out;
}

// What the file would say for a default; null where the default is "none".
Node default_of(const FieldInfo& f, const FieldsOf& of) {
  switch (f.kind) {
    case FieldKind::number: return std::isnan(f.number) ? Node{} : Node::of(format_quantity(f.number, unit_of(f, of)));
    case FieldKind::flag: return Node::of(f.number != 0.0 ? "true" : "false");
    case FieldKind::integer: return Node::of(std::to_string(static_cast<std::int64_t>(f.number)));
    case FieldKind::choice: return Node::of(std::string(f.choices[static_cast<std::size_t>(f.number)]));
    case FieldKind::text: return f.text.empty() ? Node{} : Node::of(std::string(f.text));
    case FieldKind::path:
    case FieldKind::numbers:
    case FieldKind::lists:
    case FieldKind::texts: break;
  }
  return {};
}

// The rule that excludes a field under the choices made, or null.
const OnlyWith* excluded(const ModelChoice& m, std::string_view field) {
  for (const OnlyWith& rule : m.model->only_with) {
    if (rule.field != field) continue;
    for (const FieldInfo& f : m.model->parameters) {
      if (f.name != rule.choice) continue;
      auto made = static_cast<std::size_t>(f.number);
      for (const FieldValue& v : m.values)
        if (v.field == &f) made = static_cast<std::size_t>(std::get<std::int64_t>(v.value));
      if (f.choices[made] != rule.value) return &rule;
    }
  }
  return nullptr;
}

// What the model itself demands, asked of the constants; a distribution is checked for each of its values when drawn.
void check_model(const ModelChoice& m) {
  for (const FieldValue& v : m.values)
    if (const auto* d = std::get_if<Distribution>(&v.value); d && !d->constant()) return;
  try {
    const ParameterSet p = constant_parameters(m);
    if (m.model->check) m.model->check(p.at(0));
    if (m.model->kind != ModelKind::neuron) return;
    const auto& neuron = static_cast<const NeuronModel&>(*m.model);
    if (!neuron.membrane) return;
    const Membrane membrane = neuron.membrane(p.at(0));
    if (membrane.reset >= membrane.threshold)
      throw BadParameter("V_reset",
                         fmt::format("V_reset ({}) must be below V_th ({})", format_quantity(membrane.reset, "mV"),
                                     format_quantity(membrane.threshold, "mV")));
  } catch (const BadParameter& e) {
    throw InputError(place_of(m, e.field), e.what());
  }
}

const FieldInfo& find_field(const Model& m, const Node::Entry& e) {
  std::vector<std::string> names;
  for (const FieldInfo& f : m.parameters) {
    if (f.name == e.key) return f;
    names.emplace_back(f.name);
  }
  const std::string near = nearest_name(e.key, names);
  for (const FieldInfo& f : m.parameters)
    if (f.name == near && !f.unit.empty())
      throw InputError(
          e.where, fmt::format("'{}' is not a parameter of {}; did you mean {} ({})?", e.key, m.name, near, f.unit));
  unknown(e.where, e.key, fmt::format("a parameter of {}", m.name), names);
}

}  // namespace

Where place_of(const ModelChoice& m, std::string_view field) {
  for (const FieldValue& v : m.values)
    if (v.field->name == field) return v.where;
  return m.where;
}

ModelChoice read_model(const Scope& scope, ModelKind kind, const std::string& name, const Where& where,
                       const Node* parameters, const FieldsOf& of, Node& resolved) {
  ModelChoice m{scope.registry.find(kind, name), {}, where};
  if (!m.model) {
    std::vector<std::string> names;
    for (const Model* other : scope.registry.all(kind)) names.emplace_back(other->name);
    if (kind == ModelKind::modulator) names.emplace_back("none");  // as its reader takes it
    std::string what(kind_name(kind));
    std::replace(what.begin(), what.end(), '_', ' ');
    unknown(where, name, fmt::format("{} {}", kind == ModelKind::optimiser ? "an" : "a", what), names);
  }
  const Node none;
  const Node& map = parameters ? *parameters : none;
  if (!map.map() && !map.null())
    throw InputError(map.where, fmt::format("found {}; the parameters of {} are a map", map.found(), name));
  resolved.kind = Node::Kind::map;
  for (const Node::Entry& e : map.entries) {
    const FieldInfo& f = find_field(*m.model, e);
    m.values.push_back({&f, read_value(scope, f, of, e.value, resolved[e.key]), e.value.where});
  }
  for (const FieldValue& v : m.values)
    if (const OnlyWith* rule = excluded(m, v.field->name))
      throw InputError(v.where,
                       fmt::format("{} means something only with `{}: {}`", v.field->name, rule->choice, rule->value));
  for (const FieldInfo& f : m.model->parameters) {
    if (map.find(f.name)) continue;
    if (f.required)
      throw InputError(map.map() ? map.where : where,
                       fmt::format("{} needs `{}`{}: {}", name, f.name,
                                   f.unit.empty() ? "" : fmt::format(" ({})", unit_of(f, of)), f.doc));
    if (Node d = default_of(f, of); !d.null() && !excluded(m, f.name)) resolved[f.name] = std::move(d);
  }
  check_model(m);
  return m;
}

}  // namespace volley
