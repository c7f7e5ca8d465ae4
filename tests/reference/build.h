// SPDX-License-Identifier: Apache-2.0
// Experiments written in C++: populations, projections and records by the models' names, without the YAML loader.
// Numbers are in the unit of their field, as in a description.
#pragma once

#include <network/description.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace volley::test {

inline const Model& find_model(ModelKind kind, std::string_view name) {
  for (const Enrolment* e = enrolled; e; e = e->next)
    if (e->model->kind == kind && e->model->name == name) return *e->model;
  throw std::invalid_argument("no model named " + std::string(name));
}

inline Distribution constant(double x) { return Distribution{.a = x}; }
inline Distribution uniform(double low, double high) {
  return Distribution{.kind = Distribution::Kind::uniform, .a = low, .b = high};
}
inline Distribution one_each(std::vector<double> values) {
  return Distribution{.kind = Distribution::Kind::values, .values = std::move(values)};
}

// A value of a field; a choice is written by name.
struct Value {
  using Variant = decltype(FieldValue::value);
  Variant value;
  Value(double x) : value(constant(x)) {}
  Value(int x) : value(constant(x)) {}
  Value(bool x) : value(x) {}
  Value(const char* x) : value(std::string(x)) {}
  Value(Distribution x) : value(std::move(x)) {}
  Value(std::vector<double> x) : value(std::move(x)) {}
  Value(std::vector<std::vector<double>> x) : value(std::move(x)) {}
};
using Values = std::vector<std::pair<std::string, Value>>;

inline FieldValue field_value(const Model& m, const std::string& name, const Value& v) {
  for (const FieldInfo& f : m.parameters) {
    if (f.name != name) continue;
    FieldValue out{&f, v.value, {}};
    if (f.kind == FieldKind::choice)
      for (std::size_t k = 0; k < f.choices.size(); ++k)
        if (f.choices[k] == std::get<std::string>(v.value)) out.value = static_cast<std::int64_t>(k);
    if (f.kind == FieldKind::integer)
      out.value = static_cast<std::int64_t>(std::get<Distribution>(v.value).a);
    return out;
  }
  throw std::invalid_argument(std::string(m.name) + " has no field " + name);
}

inline ModelChoice choose(ModelKind kind, std::string_view name, const Values& values = {}) {
  ModelChoice c;
  c.model = &find_model(kind, name);
  for (const auto& [field, value] : values) c.values.push_back(field_value(*c.model, field, value));
  return c;
}
inline ModelChoice synapse(std::string_view name, const Values& v = {}) { return choose(ModelKind::synapse, name, v); }
inline ModelChoice rule(std::string_view name, const Values& v = {}) { return choose(ModelKind::rule, name, v); }

// A membrane model declared by its defaults.
inline Membrane default_membrane(const NeuronModel& m) {
  ParameterSet defaults(*m.type, 1);
  for (const FieldInfo& f : m.parameters)
    *reinterpret_cast<double*>(static_cast<std::byte*>(defaults.at(0)) + f.offset) = f.number;
  return m.membrane(defaults.at(0));
}

// What can be recorded of a population: V and the components of a membrane, or the state table.
inline std::vector<std::string_view> state_variables(const PopulationSpec& p) {
  std::vector<std::string_view> names;
  for (const FieldInfo& f : p.neuron().state) names.push_back(f.name);
  if (p.neuron().form != NeuronForm::membrane) return names;
  names = {"V"};
  for (const auto& c : default_membrane(p.neuron()).components) names.push_back(c.name);
  return names;
}

class Builder {
 public:
  explicit Builder(std::uint64_t seed = 1) {
    x.name = "test";
    x.seed = seed;
    x.tick = ps_per_ms / 10;
  }

  std::size_t neurons(const std::string& name, std::string_view model, std::uint32_t size, const Values& v = {}) {
    return add(name, choose(ModelKind::neuron, model, v), size, false);
  }
  std::size_t stimulator(const std::string& name, std::string_view model, std::uint32_t size, const Values& v) {
    return add(name, choose(ModelKind::stimulator, model, v), size, true);
  }
  // Spikes at given times (ms), one list a unit.
  std::size_t spikes(const std::string& name, std::vector<std::vector<double>> times) {
    const auto n = static_cast<std::uint32_t>(times.size());
    return stimulator(name, "spikes", n, {{"times", std::move(times)}});
  }
  void init(std::size_t population, const std::string& variable, Distribution value) {
    x.populations[population].init.push_back({variable, std::move(value), {}});
  }

  // A projection over whole populations: static, not plastic; the caller changes what it needs.
  ProjectionSpec& connect(std::size_t from, std::size_t to, Connect::Rule how, Distribution weight,
                          Distribution delay_ms, std::string_view port = "") {
    ProjectionSpec p;
    const PopulationSpec &a = x.populations[from], &b = x.populations[to];
    p.from = {from, 0, a.size};
    p.to = {to, 0, b.size};
    p.name = a.name + "->" + b.name + "#" + std::to_string(x.projections.size());
    p.connect.rule = how;
    p.weight = std::move(weight);
    p.delay = std::move(delay_ms);
    p.synapse = synapse("static");
    find_port(p, b, port);
    x.projections.push_back(std::move(p));
    return x.projections.back();
  }

  // Records every neuron's spikes and every plastic weight at the end.
  Experiment done(double duration_ms) {
    x.phases = {{"run", from_ms(duration_ms), true}};
    x.record.spikes.clear();
    x.record.weights.clear();
    for (std::size_t p = 0; p < x.populations.size(); ++p)
      if (!x.populations[p].stimulator) x.record.spikes.push_back({{p, 0, x.populations[p].size}, {}});
    for (std::size_t q = 0; q < x.projections.size(); ++q) {
      if (!x.projections[q].rule) continue;
      WeightRecord w;
      w.projection = q;
      w.at_end = true;
      x.record.weights.push_back(w);
    }
    return x;
  }
  void record_states(std::size_t population, std::vector<std::string> variables, double every_ms) {
    StateRecord r;
    r.what = {population, 0, x.populations[population].size};
    r.variables = std::move(variables);
    r.every = from_ms(every_ms);
    x.record.states.push_back(std::move(r));
  }

  Experiment x;

 private:
  std::size_t add(const std::string& name, ModelChoice model, std::uint32_t size, bool stimulator) {
    PopulationSpec p;
    p.name = name;
    p.stimulator = stimulator;
    p.model = std::move(model);
    p.size = size;
    x.populations.push_back(std::move(p));
    return x.populations.size() - 1;
  }

  // Ports of a membrane are those of its default declaration.
  static void find_port(ProjectionSpec& p, const PopulationSpec& to, std::string_view port) {
    std::vector<Port> ports(to.neuron().ports.begin(), to.neuron().ports.end());
    if (to.neuron().form == NeuronForm::membrane)
      for (const Membrane::Port& q : default_membrane(to.neuron()).ports) ports.push_back({q.name, q.unit});
    for (std::size_t k = 0; k < ports.size(); ++k) {
      if (!port.empty() && ports[k].name != port) continue;
      p.port = static_cast<int>(k);
      p.port_unit = ports[k].unit;
      return;
    }
    throw std::invalid_argument("no port named " + std::string(port));
  }
};

// Files for experiments that read none.
class NoFiles final : public Files {
 public:
  Table csv(const std::string& f) const override { return none<Table>(f); }
  SpikeList sonata_spikes(const std::string& f, const std::string&) const override { return none<SpikeList>(f); }
  EdgeList sonata_edges(const std::string& f, const std::string&) const override { return none<EdgeList>(f); }
  SpikeList shd_sample(const std::string& f, std::uint64_t) const override { return none<SpikeList>(f); }
  std::vector<double> hdf5_numbers(const std::string& f, const std::string&) const override {
    return none<std::vector<double>>(f);
  }

 private:
  template <class T>
  static T none(const std::string& f) { throw std::invalid_argument("this test reads no file: " + f); }
};

}  // namespace volley::test
