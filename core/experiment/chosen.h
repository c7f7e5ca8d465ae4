// SPDX-License-Identifier: Apache-2.0
// The names of a part of `record`: a list of names, or {name or "*": options}.
#pragma once

#include <experiment/reader.h>

namespace volley {

// One thing to record: a name and its options (null: none), with "*" resolved.
struct Chosen {
  std::string name;
  Where where;
  const Node* options;
};

// `all`: what "*" stands for. A name that is also written on its own is not taken by "*". kind: "spikes".
std::vector<Chosen> choose(const Node&, std::string_view kind, const std::vector<std::string>& all);

}  // namespace volley
