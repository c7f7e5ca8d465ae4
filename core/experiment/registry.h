// SPDX-License-Identifier: Apache-2.0
// Models by kind and name: the built-in ones and those of plugins.
#pragma once

#include <volley/model.h>

#include <network/description.h>

#include <string>
#include <vector>

namespace volley {

class Registry {
 public:
  // Adds models enrolled in the executable itself. Throws InternalError for a duplicate.
  explicit Registry(const Enrolment* builtin);

  // Loads a shared library: both symbols or "not a plugin"; equal ABI tags or refused naming both; enrols into a copy
  // and commits on success. Duplicate names are refused naming both files. Throws InputError at `where`.
  PluginUse load(const std::string& path, const Where& where);

  const Model* find(ModelKind, std::string_view name) const;  // null when unknown
  std::vector<const Model*> all(ModelKind) const;              // by name
  // Nearest name of a kind, for messages; empty when nothing is near.
  std::string nearest(ModelKind, std::string_view name) const;

 private:
  std::vector<const Model*> models_;
};

std::string_view kind_name(ModelKind);  // "neuron", "synapse", .., "learning_rule"

// The nearest of `candidates` by edit distance, or empty when none is near enough to be a typo.
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace volley
