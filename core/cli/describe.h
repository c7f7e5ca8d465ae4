// SPDX-License-Identifier: Apache-2.0
// A model explained: what `volley list` and `volley describe` print and the manual's pages are made of.
#pragma once

#include <volley/model.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace volley::cli {

using Row = std::array<std::string, 5>;  // name, unit, default, values, meaning

struct Description {
  std::vector<Row> parameters;
  std::string form;                            // of a neuron
  std::vector<std::string> ports, recordable;  // of a neuron, with units
};

Description description(const Model&);
std::string summary(const Model&);         // first sentence of its comment
std::string_view equations(const Model&);  // fidelity, in one word
std::string_view defaults(const Model&);

std::string as_text(const Model&);
std::string as_markdown(const Model&);

}  // namespace volley::cli
