// SPDX-License-Identifier: Apache-2.0
// The synapses of the reference simulator, one struct each, with traces as plain values.
#pragma once

#include <network/description.h>

#include <memory>
#include <vector>

namespace volley::test {

// Traces as plain values at their last event.
struct Traces {
  std::vector<double> value;
  Time last = 0;

  std::vector<double> at(Time t, const std::vector<Trace>& declared) const;
  void update(Time t, const std::vector<Trace>& declared, double e);
};

struct Synapse {
  std::uint32_t source, target;  // in the view; in the population
  float weight;
  Time delay;
  Traces pre;
  std::vector<std::byte> state;
};

struct Projection {
  const ProjectionSpec* spec;
  std::vector<Synapse> synapses;           // (source, row position)
  std::vector<std::size_t> first;          // of each source, and the end
  std::vector<std::vector<std::size_t>> column;  // of each target neuron
  std::unique_ptr<SynapseStage> stage;
  ParameterSet rule_parameters;
  std::vector<Trace> pre, post;
  std::vector<Traces> post_traces;         // of each target neuron
  std::vector<double> level;               // drive that each synapse now delivers
  double gain() const { return spec->gain.value_or(1.0); }
  Time dendritic() const { return from_ms(spec->dendritic_delay); }
};

Projection make_projection(const Experiment&, std::size_t q);

}  // namespace volley::test
