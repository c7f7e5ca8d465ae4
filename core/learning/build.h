// SPDX-License-Identifier: Apache-2.0
// From an experiment to a network with its initial weights, and to its trials.
#pragma once

#include <learning/trainer.h>
#include <network/description.h>

namespace volley::learning {

// Layers are the experiment's populations, projections its projections, in order.
template <class Real>
Network<Real> build_network(const Experiment&);
Goal build_goal(const Experiment&, const LearningSpec&);

// Trials of `samples` under one (epoch, repeat): what the stimulators draw depends on these and the sample alone.
template <class Real>
Batch<Real> build_batch(const Experiment&, const Network<Real>&, const PhaseSpec&, const LearningSpec&,
                        std::size_t epoch, std::size_t repeat, std::span<const std::uint32_t> samples);

// All parts of theta, with those that a block of `learning` trains; and the name of each: its projection's, or layer
// and variable ("hidden.b").
template <class Real>
std::vector<Part> trained_parts(const Experiment&, const Network<Real>&, const LearningSpec&);
template <class Real>
std::string name_of_part(const Experiment&, const Network<Real>&, std::size_t index);

}  // namespace volley::learning
