// SPDX-License-Identifier: Apache-2.0
// The graph of populations: which delay bounds the window, and which zero delays make a loop.
#include <network/graph.h>

#include <network/connect.h>
#include <network/error.h>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/topological_sort.hpp>
#include <boost/graph/visitors.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace volley {
namespace {

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;

const Where& place(const ProjectionSpec& p) { return p.delay.where.line > 0 ? p.delay.where : p.where; }

bool between_neurons(const Experiment& e, const ProjectionSpec& p) { return !e.populations[p.from.population].stimulator; }

bool clocked(const Experiment& e, std::size_t population) {
  const PopulationSpec& p = e.populations[population];
  return !p.stimulator && p.neuron().form == NeuronForm::step;
}

bool between_clocked(const Experiment& e, const ProjectionSpec& p) {
  return clocked(e, p.from.population) && clocked(e, p.to.population);
}

// As written: a constant or a listed delay of 0. A drawn one is 0 with probability 0; the rows would tell.
bool has_zero_delay(const ProjectionSpec& p) {
  const auto rounds_to_zero = [&](double ms) { return from_ms(ms) + from_ms(p.dendritic_delay) == 0; };
  const auto any_zero = [&](const std::vector<double>& ms) { return std::any_of(ms.begin(), ms.end(), rounds_to_zero); };
  if (!p.connect.delay.empty()) return any_zero(p.connect.delay);
  if (p.delay.kind == Distribution::Kind::values) return any_zero(p.delay.values);
  return p.delay.constant() && rounds_to_zero(p.delay.a);
}

Time smallest_delay(const Rows& r) {
  if (!r.classes.empty()) return r.classes.front();
  return static_cast<Time>(*std::min_element(r.delay.begin(), r.delay.end())) * r.unit;
}

// "A -> B -> A" through the projections of `graph`, beginning with from -> to; nothing if no way leads back.
std::optional<std::string> loop(const Experiment& e, const Graph& graph, std::size_t from, std::size_t to) {
  constexpr std::size_t unreached = ~std::size_t{0};
  std::vector<std::size_t> before(boost::num_vertices(graph), unreached);
  const auto note = boost::record_predecessors(before.data(), boost::on_tree_edge());
  boost::breadth_first_search(graph, to, boost::visitor(boost::make_bfs_visitor(note)));
  if (from != to && before[from] == unreached) return {};
  std::vector<std::size_t> way{from};
  for (std::size_t at = from; at != to;) way.push_back(at = before[at]);
  std::string text = e.populations[from].name;
  for (auto at = way.rbegin(); at != way.rend(); ++at) text += " -> " + e.populations[*at].name;
  return text;
}

[[noreturn]] void refuse_loop(const ProjectionSpec& p, const std::string& text) {
  throw InputError(place(p), fmt::format("projection '{}' closes a loop of zero delays: {}; one of its delays must be "
                                         "longer", p.name, text));
}

}  // namespace

Lookahead lookahead(const Experiment& e, const std::vector<Rows>& rows) {
  Lookahead found;
  Graph zero(e.populations.size());
  std::optional<std::size_t> first_zero;
  for (const Rows& r : rows) {
    const ProjectionSpec& p = e.projections[r.projection];
    if (!between_neurons(e, p) || r.size() == 0) continue;
    const Time delay = smallest_delay(r);
    if (delay == 0) {
      boost::add_edge(p.from.population, p.to.population, zero);
      if (!between_clocked(e, p)) first_zero = std::min(first_zero.value_or(r.projection), r.projection);
    } else if (delay < found.window) {
      found = {delay, r.projection};
    }
  }
  if (!first_zero) return found;
  const ProjectionSpec& p = e.projections[*first_zero];
  if (const auto text = loop(e, zero, p.from.population, p.to.population)) refuse_loop(p, *text);
  throw InputError(place(p), fmt::format("projection '{}' has a delay of 0 between neurons; the shortest is 1 ps", p.name));
}

std::vector<std::size_t> clocked_order(const Experiment& e) {
  // Edges point from a population to what it waits for, so that the order in which a depth-first search leaves them
  // is the one wanted.
  Graph ahead(e.populations.size()), waits(e.populations.size());
  for (const ProjectionSpec& p : e.projections) {
    if (!between_clocked(e, p) || !has_zero_delay(p)) continue;
    if (const auto text = loop(e, ahead, p.from.population, p.to.population)) refuse_loop(p, *text);
    boost::add_edge(p.from.population, p.to.population, ahead);
    boost::add_edge(p.to.population, p.from.population, waits);
  }
  std::vector<std::size_t> order;
  boost::topological_sort(waits, std::back_inserter(order));
  std::erase_if(order, [&](std::size_t p) { return e.populations[p].stimulator; });
  return order;
}

void refuse_zero_delays_between_clocked(const Experiment& e) {
  clocked_order(e);  // a loop is told as one
  for (const ProjectionSpec& p : e.projections)
    if (between_clocked(e, p) && has_zero_delay(p))
      throw InputError(place(p), fmt::format("projection '{}' has a delay of 0 between clocked populations, which comes "
                                             "in a later version; the shortest is 1 tick", p.name));
}

}  // namespace volley
