// SPDX-License-Identifier: Apache-2.0
// Reading of maps, choices and indices with their checks, and what every part of the loader shares.
#pragma once

#include <experiment/document.h>
#include <experiment/quantity.h>
#include <experiment/registry.h>
#include <volley/files.h>

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace volley {

// What the parts of the loader share while they fill one experiment.
struct Scope {
  Experiment& experiment;
  const Registry& registry;
  const Files& files;
  std::filesystem::path folder;           // of the experiment file
  std::vector<std::filesystem::path> data;  // searched next
  double tick_ms = 0.0;
  std::vector<std::string> families;      // per population: the name without ".0" of a depth
};

// A map whose keys are known: the constructor refuses any other, with the nearest one. Null counts as empty.
class Keys {
 public:
  Keys(const Node&, std::string what, std::vector<std::string_view> known);
  const Node* find(std::string_view key) const { return node_.find(key); }
  const Node& at(std::string_view key, std::string_view hint = {}) const;  // required

 private:
  const Node& node_;
  std::string what_;
};

// `name` or `{name: {parameters}}`.
struct Choice {
  std::string name;
  Where where;
  const Node* parameters = nullptr;  // null: none
};
Choice read_choice(const Node&, std::string_view what);

// "'lfi' is not a neuron; did you mean lif?" or the names that there are.
[[noreturn]] void unknown(const Where&, std::string_view found, std::string_view what,
                          const std::vector<std::string>& known);
// "found" is part of the grammar of a later version; `instead` says what this one does.
[[noreturn]] void later(const Where&, std::string_view found, std::string_view instead);
// A key of the grammar that has one value in this version.
void read_only_value(const Keys&, const char* key, std::string_view value, Node& resolved);

// Runs a reader of data files; its errors get the place in the experiment file too.
void at_place(const Where&, const std::function<void()>&);

// Relative to the experiment file, then the data folders. Throws InputError naming where it looked.
std::string find_file(const Scope&, const Node&);

// "0..9" (inclusive), an index, or a list of both; every index below `count`, none twice. `all` gives every index.
using IndexRange = std::pair<std::uint32_t, std::uint32_t>;  // first, last
std::vector<IndexRange> read_ranges(const Node&, std::uint32_t count);
// The same one by one; refuses more than 10 million.
std::vector<std::uint32_t> read_indices(const Node&, std::uint32_t count);

// The scalars of a list, or a single scalar.
std::vector<const Node*> scalars(const Node&, std::string_view what);

// A population's name, or "E[0..99]", "E[5]": units of a population. A family of several layers is refused.
View read_view(const Scope&, const Node&);
// The populations that a name stands for: one, or every layer of a family. Throws with the nearest name.
std::vector<std::size_t> find_populations(const Scope&, const std::string& name, const Where&);

}  // namespace volley
