// SPDX-License-Identifier: Apache-2.0
// The JSON Schema of the experiment file. Editors offer completion from it; the loader's own checks go further.
#include <experiment/distribution.h>
#include <experiment/load.h>
#include <experiment/schema_parts.h>

#include <algorithm>
#include <cmath>

namespace volley {
namespace schema {
namespace {

// A field's value with its description.
Json field(const FieldInfo& f) {
  Json j;
  switch (f.kind) {
    case FieldKind::number: j = any_of({ref(f.unit.empty() ? "number" : "quantity"), ref("distribution")}); break;
    case FieldKind::flag: j = {{"type", "boolean"}}; break;
    case FieldKind::integer: j = {{"type", "integer"}}; break;
    case FieldKind::choice: j["enum"] = std::vector<std::string>(f.choices.begin(), f.choices.end()); break;
    case FieldKind::text:
    case FieldKind::path: j = {{"type", "string"}}; break;
    case FieldKind::numbers: j = list_of(ref(f.unit.empty() ? "number" : "quantity")); break;
    case FieldKind::lists: j = list_of(list_of(ref(f.unit.empty() ? "number" : "quantity"))); break;
    case FieldKind::texts: j = any_of({list_of({{"type", "string"}}), {{"type", "string"}}}); break;
  }
  std::string doc(f.doc);
  if (!f.unit.empty()) doc += " (" + std::string(f.unit) + ")";
  if (std::isfinite(f.bounds.low) || std::isfinite(f.bounds.high)) doc += "; " + describe_bounds(f.bounds, f.unit);
  j["description"] = doc;
  if (f.required) return j;
  if (f.kind == FieldKind::number && !std::isnan(f.number)) {
    if (f.unit.empty()) j["default"] = f.number;
    else if (f.unit != weight_unit) j["default"] = format_quantity(f.number, f.unit);
  }
  if (f.kind == FieldKind::flag) j["default"] = f.number != 0.0;
  if (f.kind == FieldKind::integer) j["default"] = static_cast<std::int64_t>(f.number);
  if (f.kind == FieldKind::choice) j["default"] = f.choices[static_cast<std::size_t>(f.number)];
  return j;
}

}  // namespace

Json parameters(const Model& m) {
  Json properties = Json::object();
  std::vector<std::string> needed;
  for (const FieldInfo& f : m.parameters) {
    properties[std::string(f.name)] = field(f);
    if (f.required) needed.emplace_back(f.name);
  }
  return object(std::move(properties), std::move(needed));
}

Json choice(const Registry& registry, ModelKind kind, std::vector<std::string> names) {
  std::vector<Json> forms;
  for (const Model* m : registry.all(kind)) {
    const std::string name(m->name);
    names.push_back(name);
    forms.push_back(object({{name, parameters(*m)}}, {name}));
  }
  forms.insert(forms.begin(), Json{{"enum", names}});
  return any_of(std::move(forms));
}

namespace {

// The parameters that belong to the model that a population names.
Json model_of(const Registry& registry, ModelKind kind, const char* key) {
  std::vector<std::string> names;
  Json rules = Json::array();
  for (const Model* m : registry.all(kind)) {
    names.emplace_back(m->name);
    rules.push_back({{"if", {{"properties", {{key, {{"const", m->name}}}}}, {"required", {key}}}},
                     {"then", {{"properties", {{"parameters", parameters(*m)}}}}}});
  }
  return {{"names", {{"enum", names}, {"description", "the model"}}}, {"rules", rules}};
}

Json population(const Registry& registry) {
  const Json neurons = model_of(registry, ModelKind::neuron, "neuron");
  const Json stimulators = model_of(registry, ModelKind::stimulator, "stimulator");
  Json p = object(
      {{"neuron", neurons["names"]},
       {"stimulator", stimulators["names"]},
       {"size", any_of({{{"type", "integer"}, {"minimum", 1}}, list_of({{"type", "integer"}, {"minimum", 1}})})},
       {"depth", {{"type", "integer"}, {"minimum", 1}, {"default", 1}, {"description", "layers: name.0, name.1, .."}}},
       {"parameters", {{"type", "object"}}},
       {"init", map_of(ref("value"))},
       {"substeps",
        {{"type", "integer"},
         {"minimum", 1},
         {"default", 1},
         {"description", "steps of a clocked neuron in one tick"}}},
       {"dropout",
        {{"type", "number"},
         {"minimum", 0},
         {"exclusiveMaximum", 1},
         {"default", 0},
         {"description", "share of a layer's outputs that are 0 in a trial of training"}}}},
      {"size"});
  p["oneOf"] = {{{"required", {"neuron"}}}, {{"required", {"stimulator"}}}};
  p["allOf"] = neurons["rules"];
  for (const Json& rule : stimulators["rules"]) p["allOf"].push_back(rule);
  return p;
}

Json distribution() {
  std::vector<Json> forms;
  const auto drawn = [&](const char* name, const std::vector<const char*>& keys) {
    Json map = Json::object();
    for (const char* key : keys) map[key] = ref("scalar");
    for (const char* key : {"min", "max", "quantise"}) map[key] = ref("scalar");
    map["outside"] = {{"enum", {"redraw", "clip"}}, {"default", "redraw"}};
    Json list = list_of(ref("scalar"));
    list["minItems"] = list["maxItems"] = keys.size();
    forms.push_back(object({{name, any_of({list, object(map), ref("scalar")})}}, {name}));
  };
  drawn("uniform", {"low", "high"});
  drawn("normal", {"mean", "sd"});
  drawn("lognormal", {"mean", "sd"});
  drawn("exponential", {"mean"});
  drawn("gamma", {"shape", "scale"});
  drawn("truncated_normal", {"mean", "sd", "min", "max"});
  forms.push_back(object({{"values", list_of(ref("scalar"))}}, {"values"}));
  forms.push_back(object(
      {{"column",
        object({{"file", text("CSV or HDF5")}, {"name", text("a CSV's column")}, {"path", text("an HDF5 dataset")}},
               {"file"})}},
      {"column"}));
  return any_of(std::move(forms));
}

Json connect() {
  const Json flag{{"type", "boolean"}, {"default", true}};
  std::vector<Json> forms{{{"enum", {"one_to_one", "all_to_all", "dense"}}}};
  const auto side = [](int least) {
    const Json whole{{"type", "integer"}, {"minimum", least}};
    return any_of({whole, {{"type", "array"}, {"items", whole}, {"minItems", 2}, {"maxItems", 2}}});
  };
  for (const char* name : {"conv2d", "avg_pool", "sum_pool"}) {
    Json keys{{"kernel", side(1)}, {"stride", side(1)}, {"padding", side(0)}};
    if (name == std::string("conv2d")) keys["channels"] = {{"type", "integer"}, {"minimum", 1}};
    forms.push_back(object({{name, object(std::move(keys), {"kernel"})}}, {name}));
  }
  const auto rule = [&](const char* name, const char* key, Json value) {
    Json properties{{"allow_autapses", flag}, {"allow_multapses", flag}};
    std::vector<std::string> needed;
    if (key) properties[key] = std::move(value), needed.emplace_back(key);
    forms.push_back(object({{name, object(std::move(properties), needed)}}, {name}));
  };
  const Json count{{"type", "integer"}, {"minimum", 0}};
  rule("one_to_one", nullptr, {});
  rule("all_to_all", nullptr, {});
  rule("fixed_indegree", "indegree", count);
  rule("fixed_outdegree", "outdegree", count);
  rule("fixed_total_number", "number", count);
  rule("pairwise_bernoulli", "p", {{"type", "number"}, {"minimum", 0}, {"maximum", 1}});
  forms.push_back(object({{"list", object({{"file", text("CSV (source, target, weight, delay) or SONATA edges")},
                                           {"population", text("of a SONATA file")}},
                                          {"file"})}},
                         {"list"}));
  return any_of(std::move(forms));
}

Json projection(const Registry& registry) {
  const Json ends = any_of({{{"type", "string"}}, list_of({{"type", "string"}})});
  Json p = object({{"name", text("unique; from->to by default")},
                   {"from", ends},
                   {"to", ends},
                   {"chain", list_of({{"type", "string"}})},
                   {"connect", connect()},
                   {"weight", any_of({ref("value"), initial_weights()})},
                   {"delay", any_of({ref("quantity"), ref("distribution")})},
                   {"dendritic_delay", ref("quantity")},
                   {"port", any_of({text("of the receiving neuron"), list_of({{"type", "string"}})})},
                   {"gain", ref("scalar")},
                   {"synapse", choice(registry, ModelKind::synapse, {})},
                   {"plasticity", choice(registry, ModelKind::rule, {"none"})},
                   {"memory", {{"enum", {"ideal"}}}},
                   {"storage", {{"enum", {"float32"}}}},
                   {"trainable", {{"type", "boolean"}}},
                   {"tie", text("a projection between layers whose weights it shares")},
                   {"tie_transposed", text("a dense projection whose weights, transposed, it shares")}},
                  {"connect"});
  p["oneOf"] = {{{"required", {"from", "to"}}}, {{"required", {"chain"}}}};
  return p;
}

Json record() {
  const Json names = any_of({list_of({{"type", "string"}}), {{"type", "string"}}});
  const Json indices = any_of(
      {{{"type", "string"}}, {{"type", "integer"}}, list_of(any_of({{{"type", "integer"}}, {{"type", "string"}}}))});
  const auto things = [&](Json options) {
    return any_of({names, map_of(any_of({object(std::move(options)), {{"type", "null"}}}))});
  };
  const Json times = any_of({ref("quantity"),
                             {{"enum", {"start", "best", "end"}}},
                             list_of(any_of({{{"enum", {"start", "best", "end"}}}, ref("quantity")}))});
  return object(
      {{"spikes", things({{"neurons", indices}, {"phases", names}, {"samples", indices}})},
       {"states", things({{"variables", names}, {"neurons", indices}, {"every", ref("quantity")}, {"phases", names}})},
       {"weights", things({{"every", any_of({ref("quantity"), {{"enum", {"change"}}}})},
                           {"at", times},
                           {"sources", indices},
                           {"targets", indices},
                           {"phases", names}})},
       {"rates", things({{"every", ref("quantity")}, {"phases", names}})}});
}

}  // namespace
}  // namespace schema

std::string json_schema(const Registry& registry) {
  using namespace schema;
  const Json simulate =
      any_of({ref("quantity"), object({{"duration", ref("quantity")},
                                       {"name", text("of the phase")},
                                       {"plasticity", {{"enum", {"running", "frozen"}}, {"default", "running"}}}},
                                      {"duration"})});
  const Json engine = object({{"window", ref("quantity")}, {"memory_limit", text("such as 8 GB")},
                              {"precision", {{"enum", {"single", "double"}}, {"default", "single"}}},
                              {"block_size", {{"type", "integer"}, {"minimum", 1}, {"maximum", 65536}}},
                              {"threads", {{"type", "integer"}, {"minimum", 1}}}});
  Json whole{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "Volley experiment"}};
  whole.update(object({{"volley", {{"const", 1}, {"description", "version of the format"}}},
                        {"seed", {{"type", "integer"}, {"minimum", 0}}},
                        {"duration", ref("quantity")},
                        {"phases", list_of(any_of({object({{"simulate", simulate}}, {"simulate"}),
                                                   object({{"train", trials(true)}}, {"train"}),
                                                   object({{"evaluate", trials(false)}}, {"evaluate"})}))},
                        {"tick", ref("quantity")},
                        {"plugins", any_of({list_of({{"type", "string"}}), {{"type", "string"}}})},
                        {"engine", engine},
                        {"datasets", datasets()},
                        {"learning", learning(registry)},
                        {"populations", map_of(population(registry))},
                        {"projections", list_of(projection(registry))},
                        {"record", record()},
                        {"sweep", map_of(list_of(Json::object()))}},
                       {"volley", "populations"}));
  whole["oneOf"] = {{{"required", {"duration"}}}, {{"required", {"phases"}}}};
  // 1e-3 is a text to readers of YAML 1.1.
  whole["$defs"] = {
      {"number", any_of({{{"type", "number"}}, {{"type", "string"}, {"pattern", "^[+-]?[0-9.]+([eE][+-]?[0-9]+)?$"}}})},
      {"quantity",
       {{"type", "string"},
        {"pattern", "^[+-]?[0-9.]+([eE][+-]?[0-9]+)? +\\S+$"},
        {"description", "a number, a space, a unit: 1.5 ms"}}},
      {"scalar", any_of({ref("number"), ref("quantity")})},
      {"distribution", distribution()},
      {"value", any_of({ref("scalar"), ref("distribution")})}};
  return whole.dump(2) + "\n";
}

}  // namespace volley
