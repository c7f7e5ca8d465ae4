// SPDX-License-Identifier: Apache-2.0
#include <learning/build.h>
#include <learning/orthogonal.h>
#include <network/error.h>
#include <network/random_streams.h>
#include <network/sample.h>

namespace volley::learning {
namespace {

const FieldInfo& field_of(const Model& m, std::string_view name) {
  for (const FieldInfo& f : m.parameters)
    if (f.name == name) return f;
  throw InternalError("a trainable variable without a parameter of its name");
}

template <class T>
T member(const ParameterSet& p, std::size_t i, const FieldInfo& f) {
  return *reinterpret_cast<const T*>(static_cast<const std::byte*>(p.at(i)) + f.offset);
}

Layer build_layer(const Experiment& e, const PopulationSpec& p) {
  Layer l{.name = p.name, .size = p.size};
  if (p.stimulator) {
    const StimulatorModel& m = p.source();
    auto parameters = std::make_shared<ParameterSet>(make_parameters(p.model, e.seed, p.name, 0, 1, 1));
    Random none = random_stream(0, Purpose::trial, "", 0);
    // What sends zeros and ones as they are sends nothing else when the field holds nothing else.
    l.binary =
        m.binary || (e.datasets[p.dataset]->fields.at(p.field).binary &&
                     m.encode(0.0, 0, none, parameters->at(0)) == 0.0 &&
                     m.encode(1.0, 0, none, parameters->at(0)) == 1.0);
    l.parameters = std::move(parameters);
    return l;
  }
  const Model& m = *p.model.model;
  l.unit = p.neuron().unit;
  l.dropout = p.dropout;
  const auto parameters = std::make_shared<ParameterSet>(make_parameters(p.model, e.seed, p.name, 0, p.size, p.size));
  for (const Trainable& t : l.unit->trained) {
    const FieldInfo& f = field_of(m, t.name);
    auto& values = l.trained.emplace_back();
    for (std::size_t i = 0; i < p.size; ++i) values.push_back(member<double>(*parameters, i, f));
    l.trains.push_back(t.flag.empty() || member<bool>(*parameters, 0, field_of(m, t.flag)));
  }
  l.parameters = parameters;
  return l;
}

Dense build_projection(const Experiment& e, const ProjectionSpec& p) {
  Dense d{.name = p.name, .from = p.from.population, .to = p.to.population, .trains = p.trainable};
  d.delay = static_cast<std::size_t>(from_ms(p.delay.a) / e.tick);
  d.port = static_cast<std::size_t>(p.port);
  d.kind = {.patches = p.connect.patches, .pooled = p.connect.pooled};
  d.weights.resize(d.kind.weights(p.from.count, p.to.count));
  if (d.kind.pool()) return d;
  if (p.tie) {
    d.tied = p.tie->projection;
    d.transposed = p.tie->transposed;
    return d;
  }
  Random r = random_stream(e.seed, Purpose::weight, p.name, 0);
  draw_many(p.weight, r, 0, d.weights);
  if (!p.orthogonal) return d;
  const auto& c = d.kind.patches;
  make_orthogonal(d.weights, c ? c->channels : p.from.count, c ? c->places() : p.to.count, *p.orthogonal);
  return d;
}

}  // namespace

template <class Real>
Network<Real> build_network(const Experiment& e) {
  std::vector<Layer> layers;
  std::vector<Dense> projections;
  for (const PopulationSpec& p : e.populations) layers.push_back(build_layer(e, p));
  for (const ProjectionSpec& p : e.projections) projections.push_back(build_projection(e, p));
  return {std::move(layers), std::move(projections)};
}

template Network<float> build_network(const Experiment&);
template Network<double> build_network(const Experiment&);

Goal build_goal(const Experiment& e, const LearningSpec& l) {
  return {.layer = l.of, .loss = &l.loss_model(),
          .parameters = std::make_shared<ParameterSet>(make_parameters(l.loss, e.seed, l.name, 0, 1, 1)),
          .reduction = l.reduction,
          .modulator = l.modulator_model(),
          .modulation = l.modulator.model ? std::make_shared<ParameterSet>(
                                                make_parameters(l.modulator, e.seed, l.name, 0, 1, 1))
                                          : nullptr,
          .credit = l.credit,
          .window = l.window,
          .update = l.update,
          .seed = e.seed,
          .answers = l.loss_model().target == TargetKind::label &&
                     !e.datasets[l.dataset]->fields.at(l.target).sequence()};
}

}  // namespace volley::learning
