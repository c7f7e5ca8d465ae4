// SPDX-License-Identifier: Apache-2.0
// `connect`: the connection rules, and lists of synapses from CSV or SONATA files.
#include <experiment/sections.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace volley {
namespace {

struct Form {
  std::string_view name;
  Connect::Rule rule;
  std::string_view parameter;  // empty: none
};

constexpr std::array forms{Form{"one_to_one", Connect::Rule::one_to_one, ""},
                           Form{"all_to_all", Connect::Rule::all_to_all, ""},
                           Form{"fixed_indegree", Connect::Rule::fixed_indegree, "indegree"},
                           Form{"fixed_outdegree", Connect::Rule::fixed_outdegree, "outdegree"},
                           Form{"fixed_total_number", Connect::Rule::fixed_total_number, "number"},
                           Form{"pairwise_bernoulli", Connect::Rule::pairwise_bernoulli, "p"},
                           Form{"list", Connect::Rule::list, "file"}};

// An index of a file, within a view.
std::uint32_t local(std::uint64_t index, View view, const char* side, const std::string& place) {
  if (index < view.first || index - view.first >= view.count)
    throw InputError(
        fmt::format("{}: {} {} is not one of {} to {}", place, side, index, view.first, view.first + view.count - 1));
  return static_cast<std::uint32_t>(index - view.first);
}

void read_csv_list(const Scope& scope, const std::string& file, View from, View to, UnitOf weight, Connect& c) {
  const Table table = scope.files.csv(file);
  for (const std::string& name : table.columns)
    if (name != "source" && name != "target" && name != "weight" && name != "delay")
      unknown({file, 1, 1, {}}, name, "a column of a list of synapses", {"source", "target", "weight", "delay"});
  const std::size_t source = table.column("source"), target = table.column("target");
  const auto index = [&](std::size_t row, std::size_t column, View view, const char* side) {
    const Node cell = [&] {
      Node n = Node::of(table.rows[row][column]);
      n.where.file = table.place(row, column);
      return n;
    }();
    return local(static_cast<std::uint64_t>(read_integer(cell, 0, std::numeric_limits<std::int64_t>::max())), view,
                 side, table.place(row, column));
  };
  const auto values = [&](const char* name, UnitOf unit, std::vector<double>& out) {
    if (!table.has(name)) return;
    const std::size_t column = table.column(name);
    for (std::size_t row = 0; row < table.rows.size(); ++row)
      out.push_back(read_cell(table.rows[row][column], unit, {table.place(row, column), 0, 0, {}}));
  };
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    c.source.push_back(index(row, source, from, "source"));
    c.target.push_back(index(row, target, to, "target"));
  }
  values("weight", weight, c.weight);
  values("delay", {"ms", scope.tick_ms}, c.delay);
}

void read_sonata_list(const Scope& scope, const std::string& file, const std::string& population, View from, View to,
                      Connect& c) {
  EdgeList edges = scope.files.sonata_edges(file, population);
  for (std::size_t k = 0; k < edges.source.size(); ++k) {
    const std::string place = fmt::format("{}: edge {}", file, k);
    c.source.push_back(local(edges.source[k], from, "source", place));
    c.target.push_back(local(edges.target[k], to, "target", place));
  }
  c.weight = std::move(edges.weight);
  c.delay = std::move(edges.delay_ms);
}

void read_list(const Scope& scope, const Keys& keys, View from, View to, std::string_view unit, const Where& where,
               Connect& c) {
  const std::string file =
      find_file(scope, keys.at("file", "a CSV with the columns source, target, or a SONATA edges file"));
  const Node* population = keys.find("population");
  const auto is_hdf5 = [&](std::string_view end) { return std::string_view(file).ends_with(end); };
  at_place(where, [&] {
    if (population)
      read_sonata_list(scope, file, read_text(*population, "the name of a population of edges"), from, to, c);
    else if (is_hdf5(".h5") || is_hdf5(".hdf5")) read_sonata_list(scope, file, "", from, to, c);
    else read_csv_list(scope, file, from, to, {unit}, c);
  });
}

}  // namespace

Connect read_connect(const Scope& scope, const Node& n, View from, View to, std::string_view unit, Node& resolved) {
  const Choice choice = read_choice(n, "a connection rule");
  if (std::ranges::find(layer_connections, choice.name) != layer_connections.end())
    return read_layer_connect(scope, n, choice, from, to, resolved);
  const auto form = std::find_if(forms.begin(), forms.end(), [&](const Form& f) { return f.name == choice.name; });
  if (form == forms.end()) {
    std::vector<std::string> names;
    for (const Form& f : forms) names.emplace_back(f.name);
    names.insert(names.end(), layer_connections.begin(), layer_connections.end());
    if (choice.name == "embedding")
      throw InputError(choice.where, "an embedding is `connect: dense` from a population that presents the tokens of a "
                                     "text");
    if (choice.name == "max_pool")
      throw InputError(choice.where, "max_pool is not linear, and inputs of a layer are sums; of spikes, avg_pool "
                                     "tells their share in each patch and sum_pool their number");
    unknown(choice.where, choice.name, "a connection rule", names);
  }
  Connect c{.rule = form->rule, .where = n.where};
  Node none;
  none.where = n.where;
  const Node& parameters = choice.parameters ? *choice.parameters : none;
  std::vector<std::string_view> known;
  if (!form->parameter.empty()) known.push_back(form->parameter);
  const bool pairs = c.rule != Connect::Rule::one_to_one && c.rule != Connect::Rule::list;
  if (c.rule == Connect::Rule::list) known.push_back("population");
  else known.insert(known.end(), {"allow_autapses", "allow_multapses"});
  const Keys keys(parameters, choice.name, known);
  if (c.rule == Connect::Rule::one_to_one && !parameters.entries.empty())
    scope.experiment.warnings.push_back(parameters.where.path +
                                        ": one_to_one ignores allow_autapses and allow_multapses");
  Node out;
  out.kind = Node::Kind::map;
  if (!form->parameter.empty()) out[form->parameter] = keys.at(form->parameter);

  if (c.rule == Connect::Rule::one_to_one && from.count != to.count)
    throw InputError(n.where, fmt::format("one_to_one needs equal sizes; {} and {} were found", from.count, to.count));
  if (c.rule == Connect::Rule::pairwise_bernoulli) {
    c.p = read_number(keys.at("p"));
    check_bounds({.a = c.p, .where = keys.at("p").where}, fraction, "");
  } else if (c.rule == Connect::Rule::list) {
    read_list(scope, keys, from, to, unit, n.where, c);
    if (keys.find("population")) out["population"] = *keys.find("population");
  } else if (!form->parameter.empty()) {
    c.number = static_cast<std::uint64_t>(read_integer(keys.at(form->parameter), 0, std::int64_t{1} << 40));
  }
  if (pairs) {
    for (const auto& [key, flag] :
         {std::pair{"allow_autapses", &c.allow_autapses}, {"allow_multapses", &c.allow_multapses}}) {
      if (const Node* f = keys.find(key)) *flag = read_flag(*f);
      out[key] = Node::of(*flag ? "true" : "false");
    }
  }
  resolved = out.entries.empty() ? Node::of(choice.name) : Node::map_of(choice.name, out);
  return c;
}

}  // namespace volley
