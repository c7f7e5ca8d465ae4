// SPDX-License-Identifier: Apache-2.0
// Small networks of trainable units for tests, with random weights, inputs and targets.
#pragma once

#include <learning/trainer.h>
#include <network/sample.h>

#include <unit/models.h>

#include <gmock/gmock.h>

#include <map>
#include <random>

namespace volley::test {

using learning::Batch;
using learning::Dense;
using learning::Goal;
using learning::Layer;
using learning::Network;
using learning::Part;
using learning::Trainer;
using learning::Trial;

using Values = std::map<std::string, double>;  // choices by index, flags as 0 or 1

inline std::shared_ptr<const ParameterSet> parameters(const Model& m, const Values& values = {}) {
  ModelChoice choice{&m, {}, {}};
  for (const FieldInfo& f : m.parameters) {
    const auto it = values.find(std::string(f.name));
    if (it == values.end()) continue;
    FieldValue v{&f, Distribution{.a = it->second}, {}};
    if (f.kind == FieldKind::flag) v.value = it->second != 0.0;
    if (f.kind == FieldKind::choice) v.value = static_cast<std::int64_t>(it->second);
    choice.values.push_back(v);
  }
  return std::make_shared<ParameterSet>(make_parameters(choice, 1, "test", 0, 1, 1));
}

inline double number(const Model& m, const ParameterSet& p, std::string_view name) {
  for (const FieldInfo& f : m.parameters)
    if (f.name == name) return *reinterpret_cast<const double*>(static_cast<const std::byte*>(p.at(0)) + f.offset);
  throw std::runtime_error("no parameter");
}

inline Layer layer(const std::string& unit, std::size_t size, const Values& values = {}) {
  const NeuronModel& m = neuron(unit);
  Layer l{.name = unit, .size = size, .unit = m.unit, .parameters = parameters(m, values)};
  for (const Trainable& t : m.unit->trained) {
    l.trained.emplace_back(size, number(m, *l.parameters, t.name));
    l.trains.push_back(t.flag.empty() || values.contains(std::string(t.flag)));
  }
  return l;
}
inline Layer input(std::size_t size, bool binary) { return {.name = "input", .size = size, .binary = binary}; }

inline Dense dense(std::size_t from, std::size_t to, std::size_t delay, std::vector<double> weights) {
  return {.name = std::to_string(from) + "->" + std::to_string(to),
          .from = from,
          .to = to,
          .delay = delay,
          .weights = std::move(weights)};
}

inline std::vector<double> random_numbers(std::mt19937& r, std::size_t n, double size) {
  std::normal_distribution<double> normal(0.0, size);
  std::vector<double> out(n);
  for (double& x : out) x = normal(r);
  return out;
}

inline Goal goal(const std::string& loss, std::size_t at) {
  const auto& m = static_cast<const LossModel&>(find_model(ModelKind::loss, loss));
  return {.layer = at, .loss = &m, .parameters = parameters(m), .reduction = m.reduce};
}

// Lanes of given lengths with inputs and targets; those of layer 0 only.
struct Data {
  std::vector<std::size_t> lengths;
  std::vector<std::vector<double>> x;       // by lane, [tick][unit]
  std::vector<std::vector<float>> values;   // by lane, [tick][output]
  std::vector<std::size_t> labels;
  std::size_t inputs = 0;

  Data(std::mt19937& r, std::vector<std::size_t> lens, std::size_t in, std::size_t out, bool binary)
      : lengths(lens), inputs(in) {
    for (const std::size_t n : lengths) {
      x.push_back(random_numbers(r, n * in, 1.0));
      if (binary)
        for (double& v : x.back()) v = v > 0.3 ? 1.0 : 0.0;
      values.emplace_back();
      for (std::size_t k = 0; k < n * out; ++k) values.back().push_back(static_cast<float>(r() % 2));
      labels.push_back(r() % out);
    }
  }

  template <class Real>
  Batch<Real> batch() const {
    Batch<Real> b;
    b.lanes = lengths.size();
    b.ticks = [this](std::size_t lane) { return lengths[lane]; };
    b.inputs = [this](std::size_t, std::size_t lane) {
      return [this, lane, tick = std::size_t{0}](Real* first, std::size_t row, std::size_t ticks) mutable {
        for (std::size_t t = 0; t < ticks; ++t, ++tick)
          for (std::size_t i = 0; i < inputs; ++i) first[t * row + i] = static_cast<Real>(x[lane][tick * inputs + i]);
      };
    };
    b.target = [this](std::size_t lane) { return Target{labels[lane], values[lane].data()}; };
    return b;
  }
};

template <class Real>
double largest_error(const std::vector<Real>& a, const std::vector<Real>& b) {
  double error = 0.0, size = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    error = std::max(error, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
    size = std::max(size, std::abs(static_cast<double>(b[i])));
  }
  return size > 0.0 ? error / size : error;
}

// Central differences of a loss that `losses` gives by lane, such as t.evaluate(b).
template <class Losses>
std::vector<double> differences(Trainer<double>& t, double h, Losses losses) {
  std::vector<double> out;
  for (double& w : t.theta()) {
    const double kept = w;
    w = kept + h;
    const double up = t.reduce(losses());
    w = kept - h;
    const double down = t.reduce(losses());
    w = kept;
    out.push_back((up - down) / (2.0 * h));
  }
  return out;
}
inline std::vector<double> differences(Trainer<double>& t, const Batch<double>& b, double h) {
  return differences(t, h, [&] { return t.evaluate(b); });
}

}  // namespace volley::test
