// SPDX-License-Identifier: Apache-2.0
// From an experiment file to checked descriptions. Nothing has been written or built when an error is thrown.
#pragma once

#include <experiment/registry.h>
#include <network/description.h>

#include <optional>
#include <string>
#include <vector>

namespace volley {

struct LoadOptions {
  std::vector<std::string> set;       // "path=value"
  std::optional<std::uint64_t> seed;  // overrides the file's
  std::vector<std::string> data;      // folders searched after the experiment's own (--data, VOLLEY_DATA)
};

struct SweepPoint {
  std::vector<std::pair<std::string, std::string>> values;  // path, value; empty without a sweep
  Experiment experiment;
};

// One point without `sweep`, else the grid, first axis slowest. Loads the file's plugins into the registry.
// Throws InputError ("file:line:column: path: found; accepted; nearest").
std::vector<SweepPoint> load(const std::string& file, Registry&, const LoadOptions&);

// JSON Schema (draft 2020-12) of the experiment file, from the grammar and the field tables of all models.
std::string json_schema(const Registry&);

}  // namespace volley
