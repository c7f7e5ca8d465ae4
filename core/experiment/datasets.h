// SPDX-License-Identifier: Apache-2.0
// Data sets of an experiment file, and names that refer to them.
#pragma once

#include <experiment/reader.h>

namespace volley {

void read_datasets(Scope&, const Node&, Node& resolved);

struct FieldOf {
  std::size_t dataset;
  std::string field;
};
FieldOf read_field(const Scope&, const Where&, const std::string& text);  // "digits.image"

struct SplitOf {
  std::size_t dataset;
  std::string split;
};
SplitOf read_split_name(const Scope&, const Node&);  // "digits.train"

}  // namespace volley
