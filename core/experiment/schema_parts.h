// SPDX-License-Identifier: Apache-2.0
// Parts of a JSON Schema.
#pragma once

#include <experiment/registry.h>

#include <nlohmann/json.hpp>

namespace volley::schema {

using Json = nlohmann::ordered_json;

inline Json text(const char* description) { return {{"type", "string"}, {"description", description}}; }
inline Json ref(const char* name) { return {{"$ref", std::string("#/$defs/") + name}}; }
inline Json any_of(std::vector<Json> all) { return {{"anyOf", std::move(all)}}; }
inline Json list_of(Json item) { return {{"type", "array"}, {"items", std::move(item)}}; }

inline Json object(Json properties, std::vector<std::string> required_keys = {}) {
  Json o{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (!required_keys.empty()) o["required"] = required_keys;
  return o;
}
inline Json map_of(Json value) { return {{"type", "object"}, {"additionalProperties", std::move(value)}}; }

// A model's parameters, an object; `name` or `{name: {parameters}}` for every model of a kind, and names without
// parameters.
Json parameters(const Model&);
Json choice(const Registry&, ModelKind, std::vector<std::string> names);

// Of experiments that learn: the weights of a layer, whose width follows from the sizes; the sections `datasets` and
// `learning`; the phases `train` and `evaluate`.
Json initial_weights();
Json datasets();
Json learning(const Registry&);
Json trials(bool train);

}  // namespace volley::schema
