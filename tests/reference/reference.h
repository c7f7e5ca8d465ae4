// SPDX-License-Identifier: Apache-2.0
// The slow, obvious simulator that judges the engine: one heap of single synaptic events, each neuron's state kept at
// its last event and propagated by closed forms. It shares the description, the rows and the models with the engine,
// and none of its code. One phase; event-driven models.
#pragma once

#include <network/description.h>
#include <reference/memory_results.h>

#include <vector>

namespace volley::test {

struct Outcome {
  std::vector<Spike> spikes;                         // of neurons, ascending (t, population, neuron)
  std::vector<SynapseList> weights;                  // by projection, (source, row position), at the end
  std::vector<std::vector<WeightChange>> changes;    // by projection, of its plastic weights, ascending (t, synapse)
  std::vector<std::vector<StateSample>> states;      // by state record
  PhaseCounts counts;
};

Outcome run_reference(const Experiment&);

}  // namespace volley::test
