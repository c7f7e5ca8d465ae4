// SPDX-License-Identifier: Apache-2.0
// Groups and datasets of a result file (docs/results.md). Spikes and states are SONATA's.
#include <output/layout.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace volley {
namespace {

using namespace hdf5;
using Kind = Columns::Kind;

// Names in one group: a second thing of the same name is "name#2", as for projections.
class Names {
 public:
  std::string take(const std::string& name) {
    std::string link = link_name(name);
    for (int k = 2; !taken_.insert(link).second; ++k) link = link_name(name) + "#" + std::to_string(k);
    return link;
  }
  bool free(const std::string& name) const { return !taken_.contains(link_name(name)); }

 private:
  std::set<std::string> taken_;
};

// Units are never empty: "1" is a number without unit.
std::string unit_or_one(std::string_view unit) { return unit.empty() ? "1" : std::string(unit); }

// The unit of a recordable variable: of the state table, or of a membrane's readout (V and V_th are in mV).
std::string unit_of(const NeuronModel& model, const std::string& variable) {
  for (const FieldInfo& f : model.state)
    if (f.name == variable) return unit_or_one(f.unit);
  if (model.membrane) {
    ParameterSet p(*model.type, 1);
    for (const FieldInfo& f : model.parameters)
      if (f.kind == FieldKind::number)
        *reinterpret_cast<double*>(static_cast<std::byte*>(p.at(0)) + f.offset) = std::isnan(f.number) ? 1.0 : f.number;
    for (const Membrane::Component& c : model.membrane(p.at(0)).components)
      if (c.name == variable) return unit_or_one(c.unit);
  }
  return "mV";
}

void describe_view(hid_t at, const View& v) {
  attribute(at, "first", std::uint64_t{v.first});
  attribute(at, "count", std::uint64_t{v.count});
}

FileLayout::Spikes make_spikes(hid_t at, const std::string& link, const SpikeRecord& r, Columns& columns) {
  const Id g = group(at, link);
  const Id sorting(ok(H5Tenum_create(H5T_NATIVE_UINT8), "making an enum"), H5Tclose);
  constexpr std::array members{"none", "by_id", "by_time"};
  for (std::uint8_t k = 0; k < members.size(); ++k) ok(H5Tenum_insert(sorting, members[k], &k), "making an enum");
  const std::uint8_t by_time = 2;
  attribute(g, "sorting", sorting, &by_time);
  describe_view(g, r.what);
  return {columns.add(g, "timestamps", {Kind::time, "ms"}), columns.add(g, "node_ids", {Kind::index})};
}

FileLayout::State make_state(hid_t at, const std::string& link, const Experiment& e, const StateRecord& r,
                             const std::string& variable, Columns& columns) {
  const PopulationSpec& population = e.populations[r.what.population];
  const Id g = group(at, link);
  attribute(g, "population", population.name);
  attribute(g, "variable", variable);
  std::vector<std::uint64_t> ids(r.neurons.begin(), r.neurons.end());
  if (ids.empty()) {
    ids.resize(r.what.count);
    std::iota(ids.begin(), ids.end(), std::uint64_t{r.what.first});
  }
  std::vector<std::uint64_t> pointers(ids.size() + 1);
  std::iota(pointers.begin(), pointers.end(), 0u);

  const Id mapping = group(g, "mapping");
  const Id nodes = dataset(mapping, "node_ids", ids);
  const std::uint8_t sorted = std::is_sorted(ids.begin(), ids.end());
  attribute(nodes, "sorted", H5T_NATIVE_UINT8, &sorted);
  dataset(mapping, "index_pointers", pointers);
  dataset(mapping, "element_ids", std::vector<std::uint32_t>(ids.size()));

  const std::string units = unit_of(population.neuron(), variable);
  FileLayout::State s{};
  s.values = ids.size();
  s.data = columns.add(g, "data", {Kind::real, units.c_str(), true, ids.size()});
  s.times = columns.add(g, "times", {Kind::time, "ms"});
  columns.add_grid(s.times, mapping, r.every);
  return s;
}

FileLayout::Weights make_weights(hid_t at, const std::string& link, const Experiment& e, const WeightRecord& r,
                                 const SynapseList& synapses, Columns& columns) {
  const ProjectionSpec& projection = e.projections[r.projection];
  const std::string units = projection.gain ? "1" : unit_or_one(projection.port_unit);
  const Id g = group(at, link);
  attribute(g, "projection", projection.name);
  attribute(g, "source_population", e.populations[projection.from.population].name);
  attribute(g, "target_population", e.populations[projection.to.population].name);
  attribute(g, "plastic", std::uint64_t{projection.rule.has_value()});
  if (projection.gain) {
    attribute(g, "gain", *projection.gain);
    attribute(g, "gain_units", unit_or_one(projection.port_unit));
  }
  dataset(g, "source", synapses.source);
  dataset(g, "target", synapses.target);
  attribute(dataset(g, "delay", synapses.delay_ms), "units", std::string("ms"));
  attribute(dataset(g, "initial", synapses.weight), "units", units);

  FileLayout::Weights w{};
  w.values = columns.add(g, "values", {Kind::real, units.c_str(), true, synapses.source.size()});
  w.times = columns.add(g, "times", {Kind::time, "ms"});
  if (r.on_change) {
    const Id changes = group(g, "changes");
    w.change_times = columns.add(changes, "times", {Kind::time, "ms"});
    w.change_synapses = columns.add(changes, "synapse", {Kind::synapse});
    w.change_weights = columns.add(changes, "weight", {Kind::real, units.c_str()});
  }
  return w;
}

FileLayout::Rate make_rate(hid_t at, const std::string& link, const RateRecord& r, Columns& columns) {
  const Id g = group(at, link);
  describe_view(g, r.what);
  attribute(g, "bin_ms", to_ms(r.every));
  return {columns.add(g, "rate", {Kind::number, "Hz"}), columns.add(g, "times", {Kind::time, "ms"})};
}

}  // namespace

std::string link_name(const std::string& name) {
  std::string link;
  for (const char c : name) {
    if (c == '/') link += "%2F";
    else if (c == '%') link += "%25";
    else if (c == '.' && link.empty()) link += "%2E";
    else link += c;
  }
  return link;
}

FileLayout make_layout(hid_t file, const Experiment& e, const std::vector<SynapseList>& synapses, Columns& columns) {
  FileLayout layout;
  const auto name = [&](std::size_t population) { return e.populations[population].name; };
  {
    const Id all = group(file, "spikes");
    Names names;
    for (const SpikeRecord& r : e.record.spikes)
      layout.spikes.push_back(make_spikes(all, names.take(name(r.what.population)), r, columns));
  }
  {
    const Id all = group(file, "report");
    Names names;
    for (const StateRecord& r : e.record.states) {
      auto& variables = layout.states.emplace_back();
      for (const std::string& v : r.variables) {
        const std::string population = name(r.what.population);
        layout.reports.push_back(names.take(names.free(population) ? population : population + "." + v));
        variables.push_back(make_state(all, layout.reports.back(), e, r, v, columns));
      }
    }
  }
  {
    const Id all = group(file, "weights");
    Names names;
    for (std::size_t k = 0; k < e.record.weights.size(); ++k) {
      const WeightRecord& r = e.record.weights[k];
      layout.weights.push_back(
          make_weights(all, names.take(e.projections[r.projection].name), e, r, synapses.at(k), columns));
    }
  }
  {
    const Id all = group(file, "rates");
    Names names;
    for (const RateRecord& r : e.record.rates)
      layout.rates.push_back(make_rate(all, names.take(name(r.what.population)), r, columns));
  }
  return layout;
}

}  // namespace volley
