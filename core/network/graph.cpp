// SPDX-License-Identifier: Apache-2.0
#include <network/graph.h>

#include <network/connect.h>
#include <network/error.h>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/strong_components.hpp>
#include <boost/graph/topological_sort.hpp>
#include <boost/graph/visitors.hpp>
#include <boost/range/iterator_range.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace volley {
namespace {

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;

const Where& place(const ProjectionSpec& p) { return p.delay.where.line > 0 ? p.delay.where : p.where; }

bool between_neurons(const Experiment& e, const ProjectionSpec& p) {
  return !e.populations[p.from.population].stimulator;
}

// "A -> B -> A" through the projections of `graph`, beginning with from -> to, which lie on a loop.
std::string loop_text(const Experiment& e, const Graph& graph, std::size_t from, std::size_t to) {
  std::vector<std::size_t> before(boost::num_vertices(graph));
  const auto note = boost::record_predecessors(before.data(), boost::on_tree_edge());
  boost::breadth_first_search(graph, to, boost::visitor(boost::make_bfs_visitor(note)));
  std::vector<std::size_t> way{from};
  for (std::size_t at = from; at != to;) way.push_back(at = before[at]);
  std::string text = e.populations[from].name;
  for (auto at = way.rbegin(); at != way.rend(); ++at) text += " -> " + e.populations[*at].name;
  return text;
}

// The number of zero delays on the longest way to each population: the order of one tick.
std::vector<std::size_t> turns(const Graph& zero) {
  std::vector<std::size_t> from_last, turn(boost::num_vertices(zero), 0);
  boost::topological_sort(zero, std::back_inserter(from_last));
  for (auto from = from_last.rbegin(); from != from_last.rend(); ++from)
    for (const auto& edge : boost::make_iterator_range(boost::out_edges(*from, zero)))
      turn[boost::target(edge, zero)] = std::max(turn[boost::target(edge, zero)], turn[*from] + 1);
  return turn;
}

}  // namespace

bool between_clocked(const Experiment& e, const ProjectionSpec& p) {
  return e.populations[p.from.population].clocked() && e.populations[p.to.population].clocked();
}

std::optional<Loop> find_loop(const Experiment& e, std::span<const std::size_t> projections) {
  Graph graph(e.populations.size());
  for (const std::size_t k : projections)
    boost::add_edge(e.projections[k].from.population, e.projections[k].to.population, graph);
  std::vector<std::size_t> component(e.populations.size());
  boost::strong_components(graph,
                           boost::make_iterator_property_map(component.begin(), get(boost::vertex_index, graph)));
  for (const std::size_t k : projections) {
    const std::size_t from = e.projections[k].from.population, to = e.projections[k].to.population;
    if (component[from] == component[to]) return Loop{k, loop_text(e, graph, from, to)};
  }
  return {};
}

Lookahead lookahead(const Experiment& e, const std::vector<Rows>& rows) {
  Lookahead found;
  Graph zero(e.populations.size());
  std::vector<std::size_t> zeros;
  for (const Rows& r : rows) {
    const ProjectionSpec& p = e.projections[r.projection];
    if (!between_neurons(e, p) || r.size() == 0) continue;
    const Time delay = r.least_delay();
    Time free = delay;
    if (between_clocked(e, p)) {
      found.within_ticks |= delay <= e.tick;
      free = std::max(delay - e.tick, e.tick);  // spikes are at ends of ticks: two are a tick apart
    }
    if (delay == 0) {
      zeros.push_back(r.projection);
      boost::add_edge(p.from.population, p.to.population, zero);
    }
    if (free > 0 && free < found.window) found.window = free, found.projection = r.projection;
  }
  std::ranges::sort(zeros);
  const std::optional<Loop> loop = find_loop(e, zeros);
  for (const std::size_t k : zeros) {
    const ProjectionSpec& p = e.projections[k];
    if (loop && loop->projection == k)
      throw InputError(place(p), fmt::format("projection '{}' closes a loop of zero delays: {}; one of its delays must "
                                             "be longer", p.name, loop->text));
    if (!between_clocked(e, p))
      throw InputError(place(p), fmt::format("projection '{}' has a delay of 0 between neurons; the shortest is 1 ps, "
                                             "and only between clocked populations may it be 0", p.name));
    if (p.rule)
      throw InputError(place(p), fmt::format("projection '{}' is plastic and has a delay of 0; the shortest is 1 tick",
                                             p.name));
  }
  found.turn = turns(zero);
  return found;
}

}  // namespace volley
