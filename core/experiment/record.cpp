// SPDX-License-Identifier: Apache-2.0
// `record`: spikes, states, weights and rates, each a list of names or {name or "*": options}.
#include <experiment/chosen.h>
#include <experiment/sections.h>

#include <network/connect.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace volley {
namespace {

constexpr double most_gb = 1000.0;  // of one record

class Reader {
 public:
  explicit Reader(Scope& scope) : scope_(scope), e_(scope.experiment) {}

  void spikes(const Node& n, Node& resolved) {
    for (const Chosen& c : choose(n, "spikes", populations(false))) {
      const Keys keys(options(c), "spikes", {"neurons", "phases", "samples"});
      for (const View whole : views(c)) {
        View v = whole;
        refuse_current(v, c.where);
        if (const Node* neurons = keys.find("neurons")) {
          const auto ranges = read_ranges(*neurons, v.count);
          for (std::size_t k = 1; k < ranges.size(); ++k)
            if (ranges[k].first != ranges[k - 1].second + 1)
              throw InputError(neurons->where, "spikes are recorded of a range such as 0..99, without gaps");
          v = {v.population, v.first + ranges.front().first, ranges.back().second - ranges.front().first + 1};
        }
        Node& out = fresh(resolved, name_of(v), c.where);
        e_.record.spikes.push_back({v, phases(keys, out)});
      }
    }
  }

  void states(const Node& n, Node& resolved) {
    for (const Chosen& c : choose(n, "states", populations(true))) {
      const Keys keys(options(c), "states", {"variables", "neurons", "every", "phases", "samples", "at"});
      refuse_at(keys);
      for (const View& v : views(c)) {
        const PopulationSpec& p = e_.populations[v.population];
        if (p.stimulator)
          throw InputError(c.where, fmt::format("{} is a stimulator, which has no states to record", p.name));
        StateRecord r{.what = v, .where = c.where};
        std::vector<std::string> known;
        for (const auto& variable : variables_of(p.model)) known.push_back(variable.first);
        for (const Node* variable : scalars(keys.at("variables", "such as [V]"), "a list of variables")) {
          if (std::find(known.begin(), known.end(), variable->text) == known.end())
            unknown(variable->where, variable->text, fmt::format("a variable of {} ({})", p.name, p.model.model->name),
                    known);
          r.variables.push_back(variable->text);
        }
        if (const Node* neurons = keys.find("neurons"); neurons && neurons->text != "all") {
          r.neurons = read_indices(*neurons, v.count);
          for (std::uint32_t& i : r.neurons) i += v.first;
        }
        Node& out = fresh(resolved, name_of(v), c.where);
        out["variables"] = keys.at("variables");
        out["neurons"] = keys.find("neurons") ? *keys.find("neurons") : Node::of("all");
        r.every = every(keys, out);
        r.phases = phases(keys, out);
        const std::size_t neurons = r.neurons.empty() ? v.count : r.neurons.size();
        check_amount(keys.at("every"), r.every, r.phases, static_cast<double>(neurons * r.variables.size()));
        e_.record.states.push_back(std::move(r));
      }
    }
  }

  void rates(const Node& n, Node& resolved) {
    for (const Chosen& c : choose(n, "rates", populations(false))) {
      const Keys keys(options(c), "rates", {"every", "phases", "samples"});
      for (const View& v : views(c)) {
        refuse_current(v, c.where);
        Node& out = fresh(resolved, name_of(v), c.where);
        const Time bin = every(keys, out);
        e_.record.rates.push_back({v, bin, phases(keys, out)});
        check_amount(keys.at("every"), bin, e_.record.rates.back().phases, 1.0);
      }
    }
  }

  void weights(const Node& n, Node& resolved) {
    std::vector<std::string> all, with_weights;
    for (const ProjectionSpec& p : e_.projections) {
      all.push_back(p.name);
      if (!drives(p)) with_weights.push_back(p.name);
    }
    for (const Chosen& c : choose(n, "weights", with_weights)) {
      const auto it = std::find(all.begin(), all.end(), c.name);
      if (it == all.end()) unknown(c.where, c.name, "a projection", all);
      const auto index = static_cast<std::size_t>(it - all.begin());
      if (drives(e_.projections[index]))
        throw InputError(c.where, fmt::format("{} drives with a current and has no weights to record", c.name));
      e_.record.weights.push_back(weight(c, index, fresh(resolved, c.name, c.where)));
    }
  }

 private:
  WeightRecord weight(const Chosen& c, std::size_t index, Node& out) {
    const ProjectionSpec& p = e_.projections[index];
    const Keys keys(options(c), "weights", {"every", "at", "sources", "targets", "phases", "samples"});
    WeightRecord r{.projection = index, .where = c.where};
    if (const Node* n = keys.find("every")) {
      r.on_change = n->scalar() && n->text == "change";
      if (!r.on_change) r.every = read_time(*n, scope_.tick_ms, 1);
      if (r.on_change && !p.rule)
        throw InputError(n->where, fmt::format("{} has no plasticity, so that its weights never change", c.name));
      out["every"] = *n;
    }
    if (const Node* n = keys.find("at")) {
      for (const Node* t : scalars(*n, "start, end, a time, or a list of them")) {
        if (t->text == "start") r.at_start = true;
        else if (t->text == "end") r.at_end = true;
        else if (t->text == "best") later(t->where, "best", "write start, end or times");
        else r.at.push_back(read_time(*t, scope_.tick_ms, 0));
      }
      std::sort(r.at.begin(), r.at.end());
      out["at"] = *n;
    } else if (!keys.find("every")) {
      r.at_start = r.at_end = true;
      out["at"].kind = Node::Kind::list;
      out["at"].items = {Node::of("start"), Node::of("end")};
    }
    const auto subset = [&](const char* key, std::uint32_t count, std::vector<std::uint32_t>& into) {
      const Node* n = keys.find(key);
      if (n && n->text != "all") into = read_indices(*n, count);
      out[key] = n ? *n : Node::of("all");
    };
    subset("sources", p.from.count, r.sources);
    subset("targets", p.to.count, r.targets);
    r.phases = phases(keys, out);
    if (r.every > 0) {
      const auto share = [](const std::vector<std::uint32_t>& some, std::uint32_t of) {
        return some.empty() ? 1.0 : static_cast<double>(some.size()) / of;
      };
      check_amount(keys.at("every"), r.every, r.phases,
                   expected_synapses(e_, index) * share(r.sources, p.from.count) * share(r.targets, p.to.count));
    }
    return r;
  }

  // Samples that no disk holds are a mistake in the interval.
  void check_amount(const Node& every, Time interval, const std::vector<std::size_t>& phases, double values) const {
    double samples = 0.0;
    for (std::size_t k = 0; k < e_.phases.size(); ++k)
      if (phases.empty() || std::find(phases.begin(), phases.end(), k) != phases.end())
        samples += std::ceil(static_cast<double>(e_.phases[k].duration) / static_cast<double>(interval));
    const double gb = samples * (8.0 + 4.0 * values) / 1e9;  // a time, float32 values
    if (gb > most_gb)
      throw InputError(
          every.where,
          fmt::format("found {}; these are {:.3g} samples of {:.3g} values, {:.3g} GB; a record takes at most "
                      "{:.0f} GB",
                      every.found(), samples, values, gb, most_gb));
  }

  // The place of a record in the resolved file; "E" and "E[0..9]" may be the same units.
  static Node& fresh(Node& resolved, const std::string& name, const Where& where) {
    if (resolved.find(name)) throw InputError(where, name + " is recorded twice");
    return resolved[name];
  }

  // The options of a thing, or an empty map.
  const Node& options(const Chosen& c) {
    empty_.where = c.where;
    const Node& n = c.options ? *c.options : empty_;
    if (const Node* samples = n.find("samples")) later(samples->where, "samples", "trials have samples; leave it out");
    return n;
  }

  static void refuse_at(const Keys& keys) {
    if (const Node* at = keys.find("at"))
      throw InputError(at->where, "states are recorded at an interval; write `every`, such as 1 ms");
  }

  Time every(const Keys& keys, Node& out) const {
    const Node& n = keys.at("every", "such as 10 ms");
    out["every"] = n;
    return read_time(n, scope_.tick_ms, 1);
  }

  std::vector<std::size_t> phases(const Keys& keys, Node& out) const {
    const Node* n = keys.find("phases");
    out["phases"] = n ? *n : Node::of("all");
    std::vector<std::size_t> chosen;
    if (!n || n->text == "all") return chosen;
    std::vector<std::string> names;
    for (const PhaseSpec& p : e_.phases) names.push_back(p.name);
    for (const Node* name : scalars(*n, "the name of a phase, a list of names, or all")) {
      const auto it = std::find(names.begin(), names.end(), name->text);
      if (it == names.end()) unknown(name->where, name->text, "a phase", names);
      chosen.push_back(static_cast<std::size_t>(it - names.begin()));
    }
    std::sort(chosen.begin(), chosen.end());
    chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
    return chosen;
  }

  // The whole populations or the view that a name stands for.
  std::vector<View> views(const Chosen& c) const {
    if (c.name.find('[') != c.name.npos) {
      Node n = Node::of(c.name);
      n.where = c.where;
      return {read_view(scope_, n)};
    }
    std::vector<View> out;
    for (const std::size_t p : find_populations(scope_, c.name, c.where)) out.push_back({p, 0, e_.populations[p].size});
    return out;
  }

  std::string name_of(const View& v) const {
    const PopulationSpec& p = e_.populations[v.population];
    if (v.count == p.size) return p.name;
    return fmt::format("{}[{}..{}]", p.name, v.first, v.first + v.count - 1);
  }

  std::vector<std::string> populations(bool neurons) const {
    std::vector<std::string> out;
    for (const PopulationSpec& p : e_.populations)
      if (neurons ? !p.stimulator : !sends_current(p)) out.push_back(p.name);
    return out;
  }

  static bool sends_current(const PopulationSpec& p) { return p.stimulator && p.source().emits == Emits::current; }

  void refuse_current(const View& v, const Where& where) const {
    const PopulationSpec& p = e_.populations[v.population];
    if (sends_current(p))
      throw InputError(where, fmt::format("{} drives with a current and has no spikes to record", p.name));
  }

  bool drives(const ProjectionSpec& p) const {
    return sends_current(e_.populations[p.from.population]);
  }

  Scope& scope_;
  Experiment& e_;
  Node empty_;
};

}  // namespace

void read_record(Scope& scope, const Node& n, Node& resolved) {
  if (const Node* devices = n.find("devices"))
    later(devices->where, "devices", "record spikes, states, weights or rates");
  const Keys keys(n, "record", {"spikes", "states", "weights", "rates"});
  Reader reader(scope);
  resolved.kind = Node::Kind::map;
  if (const Node* x = keys.find("spikes")) reader.spikes(*x, resolved["spikes"]);
  if (const Node* x = keys.find("states")) reader.states(*x, resolved["states"]);
  if (const Node* x = keys.find("weights")) reader.weights(*x, resolved["weights"]);
  if (const Node* x = keys.find("rates")) reader.rates(*x, resolved["rates"]);
}

}  // namespace volley
