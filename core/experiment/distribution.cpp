// SPDX-License-Identifier: Apache-2.0
// The grammar of distributions is one table; the two forms that hold data follow it.
#include <experiment/distribution.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace volley {
namespace {

struct Form {
  std::string_view name;
  Distribution::Kind kind;
  std::vector<std::string_view> parameters;  // in the order of the short form
};

const std::vector<Form>& forms() {
  using Kind = Distribution::Kind;
  static const std::vector<Form> all{
      {"uniform", Kind::uniform, {"low", "high"}},     {"normal", Kind::normal, {"mean", "sd"}},
      {"lognormal", Kind::lognormal, {"mean", "sd"}},  {"exponential", Kind::exponential, {"mean"}},
      {"gamma", Kind::gamma, {"shape", "scale"}},
      {"truncated_normal", Kind::truncated_normal, {"mean", "sd", "min", "max"}}};
  return all;
}

void check_shape(const Distribution& d, const Where& where) {
  using Kind = Distribution::Kind;
  const auto demand = [&](bool ok, const char* what) {
    if (!ok) throw InputError(where, what);
  };
  switch (d.kind) {
    case Kind::uniform: demand(d.a < d.b, "`low` must be below `high`"); break;
    case Kind::normal:
    case Kind::truncated_normal: demand(d.b >= 0.0, "`sd` must be 0 or more"); break;
    case Kind::lognormal:
      demand(d.a > 0.0 && d.b >= 0.0, "a lognormal needs `mean` above 0 and `sd` of 0 or more");
      break;
    case Kind::exponential: demand(d.a > 0.0, "`mean` must be above 0"); break;
    case Kind::gamma: demand(d.a > 0.0 && d.b > 0.0, "`shape` and `scale` must be above 0"); break;
    case Kind::constant:
    case Kind::values: break;
  }
  demand(d.min <= d.max, "`min` is above `max`");
}

// A drawn one: its parameters as a list, or a map that also takes min, max, outside and quantise.
Distribution read_drawn(const Form& form, const Node& n, UnitOf unit, const Where& where, Node& resolved) {
  const bool truncated = form.kind == Distribution::Kind::truncated_normal;
  Node map = n;
  if (!n.map()) {
    const std::vector<Node> items = n.list() ? n.items : n.scalar() ? std::vector{n} : std::vector<Node>{};
    if (items.size() != form.parameters.size())
      throw InputError(n.null() ? where : n.where, fmt::format("{} takes [{}]; found {}", form.name,
                                                               fmt::join(form.parameters, ", "), n.found()));
    map = Node{};
    map.where = n.where;
    for (std::size_t i = 0; i < items.size(); ++i) map[form.parameters[i]] = items[i];
  }
  std::vector<std::string_view> known = form.parameters;
  for (const std::string_view k : {"min", "max", "outside", "quantise"})
    if (std::find(known.begin(), known.end(), k) == known.end()) known.push_back(k);
  const Keys keys(map, std::string(form.name), known);

  Distribution d{.kind = form.kind, .where = where};
  const auto value = [&](std::string_view key) {
    return read_quantity(keys.at(key), key == "shape" ? UnitOf{} : unit);
  };
  d.a = value(form.parameters[0]);
  if (form.parameters.size() > 1) d.b = value(form.parameters[1]);
  if (truncated || keys.find("min")) d.min = value("min");
  if (truncated || keys.find("max")) d.max = value("max");
  if (const Node* quantise = keys.find("quantise")) {
    d.quantise = read_quantity(*quantise, unit);
    if (d.quantise <= 0.0)
      throw InputError(quantise->where, fmt::format("found {}; the step must be above 0", quantise->found()));
  }
  if (const Node* outside = keys.find("outside")) {
    if (outside->text != "redraw" && outside->text != "clip")
      throw InputError(outside->where, fmt::format("found {}; write redraw or clip", outside->found()));
    d.clip = outside->text == "clip";
    if (d.clip && truncated)
      throw InputError(outside->where, "truncated_normal redraws; use normal with min, max and outside: clip");
  }
  check_shape(d, where);
  if (!map.find("outside")) map["outside"] = Node::of("redraw");
  resolved = Node::map_of(form.name, map);
  return d;
}

std::vector<double> read_column(const Scope& scope, const Node& n, UnitOf unit) {
  const Keys keys(n, "column", {"file", "name", "path"});
  const std::string file = find_file(scope, keys.at("file"));
  const Node* name = keys.find("name");
  const Node* path = keys.find("path");
  if (!name == !path)
    throw InputError(n.where, "column takes `name` (of a CSV's column) or `path` (of an HDF5 dataset), one of them");
  std::vector<double> out;
  at_place(n.where, [&] {
    if (path) {
      out = scope.files.hdf5_numbers(file, read_text(*path, "the path of a dataset"));
      return;
    }
    const Table table = scope.files.csv(file);
    const std::string& column = read_text(*name, "the name of a column");
    if (!table.has(column)) unknown({}, column, "a column of " + file, table.columns);
    const std::size_t k = table.column(column);
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
      const std::string& cell = table.rows[row][k];
      if (cell.empty()) throw InputError(table.place(row, k) + ": a missing value; every element needs one");
      out.push_back(read_cell(cell, unit, {table.place(row, k), 0, 0, {}}));
    }
  });
  return out;
}

}  // namespace

Distribution read_distribution(const Scope& scope, const Node& n, UnitOf unit, std::size_t elements, Node& resolved) {
  resolved = n;
  if (!n.map()) {
    if (n.list())
      throw InputError(n.where, fmt::format("found {}; for one value each write {{values: [..]}}", n.found()));
    return {.a = read_quantity(n, unit), .where = n.where};
  }
  const Choice choice = read_choice(n, "a distribution");
  const Node& body = *choice.parameters;
  for (const Form& form : forms())
    if (form.name == choice.name) return read_drawn(form, body, unit, n.where, resolved);
  for (const char* initialiser : {"glorot", "he", "orthogonal"})
    if (choice.name == initialiser) later(choice.where, choice.name, "write a quantity or a distribution");

  Distribution d{.kind = Distribution::Kind::values, .where = n.where};
  if (choice.name == "values") {
    if (!body.list()) throw InputError(choice.where, fmt::format("values takes a list; found {}", body.found()));
    for (const Node& item : body.items) d.values.push_back(read_quantity(item, unit));
  } else if (choice.name == "column") {
    d.values = read_column(scope, body, unit);
  } else {
    std::vector<std::string> names{"values", "column"};
    for (const Form& form : forms()) names.emplace_back(form.name);
    unknown(choice.where, choice.name, "a distribution", names);
  }
  if (elements != 0 && d.values.size() != elements)
    throw InputError(n.where, fmt::format("{} values for {} elements; each needs one", d.values.size(), elements));
  return d;
}

std::string describe_bounds(const Bounds& b, std::string_view unit) {
  const bool low = std::isfinite(b.low), high = std::isfinite(b.high);
  if (!low) return "at most " + format_quantity(b.high, unit);
  const std::string from = format_quantity(b.low, unit);
  if (!high) return (b.low_open ? "above " : "at least ") + from;
  return b.low_open ? fmt::format("above {} and at most {}", from, format_quantity(b.high, unit))
                    : fmt::format("from {} to {}", from, format_quantity(b.high, unit));
}

void check_bounds(const Distribution& d, const Bounds& bounds, std::string_view unit) {
  const auto check = [&](double x) {
    if (!bounds.contain(x))
      throw InputError(d.where,
                       fmt::format("found {}; it must be {}", format_quantity(x, unit), describe_bounds(bounds, unit)));
  };
  if (d.constant()) check(d.a);
  for (const double x : d.values) check(x);
}

}  // namespace volley
