// SPDX-License-Identifier: Apache-2.0
// The parts of an experiment file. Each fills its part of the experiment and of the resolved file.
#pragma once

#include <experiment/model_fields.h>

#include <array>

namespace volley {

// Whether any population is of a clocked model; asked before the populations are read, since they may count in ticks.
bool any_clocked(const Registry&, const Node& populations);

void read_populations(Scope&, const Node&, Node& resolved);
// What a projection shares with another; and, when all are read, which that is.
void read_tie(const Keys&, ProjectionSpec&, Node& resolved);
void find_ties(Experiment&);
void read_projections(Scope&, const Node&, Node& resolved);
void read_phases(Scope&, const Node& root, Node& resolved);  // `duration` or `phases`
void read_engine(Scope&, const Node&, Node& resolved);
void read_record(Scope&, const Node&, Node& resolved);
void read_trial_record(Scope&, const Node&, Node& resolved);  // of experiments that learn

// A number of epochs: "8" or "8 epochs".
std::size_t read_epochs(const Node&);
Schedule read_schedule(const Node&, Node& resolved);
void read_learning(Scope&, const Node&, Node& resolved);
// `train` or `evaluate`. learning: the file's section, or null.
PhaseSpec read_trials(Scope&, const Node&, bool train, const Node* learning, Node& resolved);
// What the parts of an experiment that learns, or does not, must be to each other.
void check_learning(const Scope&, const Node& root);

// `connect` of a projection. unit: of weights in a list's file.
Connect read_connect(const Scope&, const Node&, View from, View to, std::string_view unit, Node& resolved);
// The connections between whole layers, and the shape of a layer in words.
inline constexpr std::array<std::string_view, 4> layer_connections{"dense", "conv2d", "avg_pool", "sum_pool"};
Connect read_layer_connect(const Scope&, const Node&, const Choice&, View from, View to, Node& resolved);
std::string text_of(const LayerShape&);

// The port, its unit, and the sign that every weight must have. `port` is null when not written.
struct PortChoice {
  int port = 0;
  SignRule sign = SignRule::any;
};
// The unit of the weights of a projection: that of `port`, else the one that all ports share.
std::string port_unit(const PopulationSpec& to, const Node* port, const Where&);
PortChoice choose_port(const PopulationSpec& to, const Node* port, const ProjectionSpec&, const Where&);

}  // namespace volley
