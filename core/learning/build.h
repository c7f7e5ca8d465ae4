// SPDX-License-Identifier: Apache-2.0
// From an experiment to a network with its initial weights.
#pragma once

#include <learning/trainer.h>
#include <network/description.h>

namespace volley::learning {

// Layers are the experiment's populations, projections its projections, in order.
Network<float> build_network(const Experiment&);
Goal build_goal(const Experiment&, const LearningSpec&);

}  // namespace volley::learning
