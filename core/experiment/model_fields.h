// SPDX-License-Identifier: Apache-2.0
// Parameters of models, read and checked by their field tables; and what a chosen model is asked at load.
#pragma once

#include <experiment/distribution.h>

namespace volley {

struct FieldsOf {
  std::string_view port_unit = {};  // what the unit "weight" stands for
  std::size_t elements = 1;         // of what the parameters belong to
  bool distributions = true;        // false: one value for all (rules)
};

// A model of a kind by name, with its parameters (null: none written). `resolved` becomes the map of all parameters.
ModelChoice read_model(const Scope&, ModelKind, const std::string& name, const Where&, const Node* parameters,
                       const FieldsOf&, Node& resolved);

// The constants as a struct, defaults elsewhere: what `check`, `membrane` and the ports can be asked of.
ParameterSet constant_parameters(const ModelChoice&);

// Where a field was written, else the model's place.
Where place_of(const ModelChoice&, std::string_view field);

struct PortInfo {
  std::string name, unit;
  bool non_negative = false;
};
std::vector<PortInfo> ports_of(const ModelChoice& neuron);

// Names and units of what can be recorded or initialised.
std::vector<std::pair<std::string, std::string>> variables_of(const ModelChoice& neuron);

}  // namespace volley
