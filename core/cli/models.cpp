// SPDX-License-Identifier: Apache-2.0
// volley list, describe, schema, version: what there is to build experiments from.
#include <cli/commands.h>
#include <cli/describe.h>
#include <network/error.h>
#include <volley/plugin.h>

#include <fmt/format.h>

#include <filesystem>
#include <iterator>

namespace volley::cli {
namespace {

constexpr ModelKind kinds[] = {ModelKind::neuron,     ModelKind::synapse, ModelKind::rule,
                               ModelKind::stimulator, ModelKind::loss,    ModelKind::optimiser,
                               ModelKind::modulator,  ModelKind::learning_rule};

}  // namespace

ModelKind kind_of(const std::string& name) {
  std::vector<std::string> names;
  for (const ModelKind k : kinds) {
    names.emplace_back(kind_name(k));
    if (name == names.back() || name == names.back() + "s" || name == names.back() + "es") return k;
  }
  const std::string near = nearest_name(name, names);
  throw InputError(fmt::format("volley: '{}' is not a kind of model; {}", name,
                               near.empty() ? fmt::format("there are: {}", fmt::join(names, ", "))
                                            : "did you mean " + near + "?"));
}

Registry registry_with(const std::vector<std::string>& plugins) {
  Registry registry(enrolled);
  // Absolute, since a bare name would be searched among the system's libraries.
  for (const std::string& p : plugins) {
    const Where where{"--plugin", 0, 0, {}};
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(p, ignored))
      throw InputError(where, fmt::format("found '{}'; the name of an existing shared library is expected", p));
    registry.load(std::filesystem::absolute(p).string(), where);
  }
  return registry;
}

int list(const std::string& kind, const std::vector<std::string>& plugins) {
  const Registry registry = registry_with(plugins);
  std::vector<ModelKind> shown(std::begin(kinds), std::end(kinds));
  if (!kind.empty()) shown = {kind_of(kind)};
  fmt::print("{:<13} {:<25} {:<14} {:<14} {}\n", "kind", "name", "equations", "defaults", "what it is");
  for (const ModelKind k : shown)
    for (const Model* m : registry.all(k))
      fmt::print("{:<13} {:<25} {:<14} {:<14} {}\n", kind_name(k), m->name, equations(*m), defaults(*m), summary(*m));
  return done;
}

int describe(const std::string& name, bool markdown, const std::vector<std::string>& plugins) {
  const Registry registry = registry_with(plugins);
  bool found = false;
  std::vector<std::string> names;
  for (const ModelKind k : kinds) {
    for (const Model* m : registry.all(k)) names.emplace_back(m->name);
    const Model* m = registry.find(k, name);
    if (!m) continue;
    fmt::print("{}{}", found ? "\n" : "", markdown ? as_markdown(*m) : as_text(*m));
    found = true;
  }
  if (found) return done;
  const std::string near = nearest_name(name, names);
  throw InputError(fmt::format("volley: there is no model '{}'; {}", name,
                               near.empty() ? "`volley list` shows them all" : "did you mean " + near + "?"));
}

int schema(const std::vector<std::string>& plugins) {
  fmt::print("{}\n", json_schema(registry_with(plugins)));
  return done;
}

int version() {
  fmt::print("volley {}\nplugin interface: {}\n", VOLLEY_VERSION, VOLLEY_ABI_TAG);
  return done;
}

}  // namespace volley::cli
