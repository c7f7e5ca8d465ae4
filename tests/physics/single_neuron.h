// SPDX-License-Identifier: Apache-2.0
// One neuron (or a few alike) under given arrivals, in the engine.
#pragma once

#include <reference/memory_results.h>

#include <gtest/gtest.h>

#include <map>

namespace volley::test {

struct Input {
  double t_ms, w;
  std::string port = "";
};

// A population "N" of `model` with every neuron receiving the inputs.
inline Builder neuron_with(std::string_view model, const Values& v, const std::vector<Input>& inputs,
                           std::uint32_t size = 1) {
  Builder b;
  const std::size_t n = b.neurons("N", model, size, v);
  std::map<std::string, std::vector<Input>> by_port;
  for (const Input& i : inputs) by_port[i.port].push_back(i);
  for (const auto& [port, list] : by_port) {
    std::vector<std::vector<double>> times;
    for (const Input& i : list) times.push_back({i.t_ms});
    const std::size_t s = b.spikes("S" + port, times);
    ProjectionSpec& p = b.connect(s, n, Connect::Rule::list, constant(0.0), constant(0.0), port);
    for (std::uint32_t k = 0; k < list.size(); ++k)
      for (std::uint32_t target = 0; target < size; ++target) {
        p.connect.source.push_back(k);
        p.connect.target.push_back(target);
        p.connect.weight.push_back(list[k].w);
        p.connect.delay.push_back(0.0);
      }
  }
  return b;
}

// The population gains a neuron with another tau_m, which hears nothing: every neuron then has a frame of its own.
inline Builder in_company(Builder b) {
  PopulationSpec& p = b.x.populations[0];
  const auto longer = [](Distribution& d, double last) {
    if (d.kind == Distribution::Kind::values) d.values.push_back(last);
  };
  bool given = false;
  for (FieldValue& v : p.model.values) {
    auto* d = std::get_if<Distribution>(&v.value);
    if (d && v.field->name == "tau_m") {
      *d = one_each(std::vector<double>(p.size, d->a));
      longer(*d, 1.3 * d->values[0]);
      given = true;
    } else if (d && !d->values.empty()) {
      longer(*d, d->values.back());
    }
  }
  for (InitialValue& v : p.init)
    if (!v.value.values.empty()) longer(v.value, v.value.values.back());
  for (const FieldInfo& f : p.model.model->parameters) {
    if (given || f.name != "tau_m") continue;
    std::vector<double> taus(p.size, f.number);
    taus.push_back(1.3 * f.number);
    p.model.values.push_back({&f, one_each(std::move(taus)), {}});
  }
  ++p.size;
  return b;
}

inline std::vector<Time> spike_times(const MemoryResults& r, std::uint32_t neuron = 0) {
  std::vector<Time> t;
  for (const Spike& s : r.spikes_of.at(0))
    if (s.neuron == neuron) t.push_back(s.t);
  return t;
}

// Every spike within 1 ps (1e-9 ms) of the expected time.
inline void expect_times(const std::vector<Time>& found, const std::vector<Time>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t k = 0; k < found.size(); ++k)
    ASSERT_LE(std::abs(found[k] - expected[k]), 1)
        << "spike " << k << " at " << found[k] << " ps, expected " << expected[k];
}

// The numbers of a state record's variable for one neuron, in order of time.
inline std::vector<double> trace(const MemoryResults& r, std::size_t variable, std::size_t neurons = 1,
                                 std::size_t neuron = 0) {
  std::vector<double> x;
  for (const StateSample& s : r.states_of.at(0))
    x.push_back(static_cast<double>(s.values[variable * neurons + neuron]));
  return x;
}

}  // namespace volley::test
