// SPDX-License-Identifier: Apache-2.0
// Models by themselves: looked up by name, given parameters, and run through their hosts without the engine.
#pragma once

#include <volley/neuron.h>
#include <volley/rule.h>
#include <volley/synapse.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace volley::test {

inline std::vector<const Model*> all_models(ModelKind kind) {
  std::vector<const Model*> found;
  for (const Enrolment* e = enrolled; e; e = e->next)
    if (e->model->kind == kind) found.push_back(e->model);
  return found;
}
inline const Model& find_model(ModelKind kind, std::string_view name) {
  for (const Model* m : all_models(kind))
    if (m->name == name) return *m;
  throw std::runtime_error("no model " + std::string(name));
}
inline const NeuronModel& neuron(std::string_view name) {
  return static_cast<const NeuronModel&>(find_model(ModelKind::neuron, name));
}
inline const SynapseModel& synapse(std::string_view name) {
  return static_cast<const SynapseModel&>(find_model(ModelKind::synapse, name));
}
inline const RuleModel& rule(std::string_view name) {
  return static_cast<const RuleModel&>(find_model(ModelKind::rule, name));
}

struct Setting {
  std::string_view name;
  std::variant<double, std::string_view> value;  // a choice by its name
};
using Settings = std::vector<Setting>;

// Defaults, then the settings; numbers, flags and choices, which is all that these models have.
inline ParameterSet parameters_of(const Model& m, const Settings& settings = {}) {
  ParameterSet set(*m.type, 1);
  const auto write = [&set](const FieldInfo& f, double x) {
    std::byte* at = static_cast<std::byte*>(set.at(0)) + f.offset;
    const auto whole = static_cast<std::int64_t>(x);
    if (f.kind == FieldKind::number) std::memcpy(at, &x, sizeof x);
    else std::memcpy(at, &whole, f.size);
  };
  for (const FieldInfo& f : m.parameters) write(f, f.number);
  for (const Setting& s : settings) {
    const auto f =
        std::find_if(m.parameters.begin(), m.parameters.end(), [&](const FieldInfo& i) { return i.name == s.name; });
    if (f == m.parameters.end()) throw std::runtime_error("no field " + std::string(s.name));
    if (const double* x = std::get_if<double>(&s.value)) {
      write(*f, *x);
    } else {
      const auto c = std::find(f->choices.begin(), f->choices.end(), std::get<std::string_view>(s.value));
      if (c == f->choices.end()) throw std::runtime_error("no such choice of " + std::string(s.name));
      write(*f, static_cast<double>(c - f->choices.begin()));
    }
  }
  return set;
}

// The message of `check` for these settings; empty when they pass.
inline std::string complaint(const Model& m, const Settings& settings) {
  const ParameterSet p = parameters_of(m, settings);
  if (!m.check) return {};
  try {
    m.check(p.at(0));
  } catch (const BadParameter& e) {
    return e.field + ": " + e.what();
  }
  return {};
}

struct Event {
  double ms;
  double w;
  int port = 0;
};

// One neuron behind its kernel, fed with events in ascending order.
class SingleNeuron {
 public:
  explicit SingleNeuron(std::unique_ptr<Kernel> k) : kernel_(std::move(k)) {}
  SingleNeuron(std::string_view model, const Settings& settings, double tick_ms = 0.0, int substeps = 1)
      : kernel_(neuron(model).make(parameters_of(neuron(model), settings), 1, from_ms(tick_ms), substeps)) {}

  void set(std::string_view variable, double x) { ASSERT_TRUE(kernel_->initialise(index(variable), 0, x)); }
  double read(std::string_view variable, double ms) const { return kernel_->read(index(variable), 0, from_ms(ms)); }
  Kernel& kernel() { return *kernel_; }

  // Spike times (ps) up to and including `until`; may be called again for later events.
  std::vector<Time> run(const std::vector<Event>& events, double until_ms) {
    std::vector<Time> spikes;
    std::vector<Local> fired;
    const Time until = from_ms(until_ms);
    if (!started_) {
      kernel_->start();
      kernel_->settle(0, fired);
      started_ = true;
      if (!fired.empty()) spikes.push_back(0);
    }
    std::size_t e = 0;
    while (true) {
      const Time arrival = e < events.size() ? from_ms(events[e].ms) : never;
      const Time t = std::min(arrival, kernel_->next_event());
      if (t > until) return spikes;
      fired.clear();
      kernel_->begin(t);
      for (; e < events.size() && from_ms(events[e].ms) == t; ++e) {
        const Local self = 0;
        kernel_->receive(t, events[e].port, events[e].w, Slice{&self, nullptr, 1.0f, 1});
      }
      kernel_->settle(t, fired);
      if (!fired.empty()) spikes.push_back(t);
    }
  }

 private:
  std::size_t index(std::string_view variable) const {
    const auto v = kernel_->variables();
    for (std::size_t i = 0; i < v.size(); ++i)
      if (v[i].name == variable) return i;
    throw std::runtime_error("no variable " + std::string(variable));
  }
  std::unique_ptr<Kernel> kernel_;
  bool started_ = false;
};

}  // namespace volley::test
