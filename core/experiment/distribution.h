// SPDX-License-Identifier: Apache-2.0
// Distributions of the experiment file.
#pragma once

#include <experiment/reader.h>

namespace volley {

// A quantity, {normal: [mean, sd]}, {normal: {mean: .., sd: .., min: ..}}, {values: [..]} or {column: {file, name}}.
// `resolved` becomes what the file would say with every default written. `elements`: how many values there must be
// (0: not known here).
Distribution read_distribution(const Scope&, const Node&, UnitOf, std::size_t elements, Node& resolved);

// A constant or given values in a field's bounds; throws at their place otherwise.
void check_bounds(const Distribution&, const Bounds&, std::string_view unit);
std::string describe_bounds(const Bounds&, std::string_view unit);

}  // namespace volley
