// SPDX-License-Identifier: Apache-2.0
#include <experiment/schema_parts.h>
#include <network/description.h>

namespace volley::schema {

Json initial_weights() {
  const Json shape{{"enum", {"uniform", "normal"}}};
  return any_of({object({{"glorot", shape}}, {"glorot"}), object({{"he", shape}}, {"he"}),
                 object({{"orthogonal", ref("number")}}, {"orthogonal"})});
}

Json datasets() {
  const Json size{{"type", "integer"}, {"minimum", 1}};
  const Json images = object({{"file", text("CSV without header: pixels and a label in each row")},
                              {"shape", any_of({size, list_of(size)})},
                              {"label", {{"enum", {"first", "last"}}, {"default", "last"}}},
                              {"scale", ref("number")}},
                             {"file", "shape"});
  const Json part = any_of({size, {{"type", "number"}, {"exclusiveMinimum", 0}, {"exclusiveMaximum", 1}}});
  const Json split = any_of({{{"enum", {"file"}}},
                             object({{"train", part},
                                     {"valid", part},
                                     {"test", part},
                                     {"by", {{"enum", {"permutation", "order"}}, {"default", "permutation"}}},
                                     {"seed", {{"type", "integer"}, {"minimum", 0}}}})});
  const Json files = any_of({text("IDX, plain or gzip"), list_of({{"type", "string"}})});
  const Json idx = object({{"images", files}, {"labels", files}, {"scale", ref("number")}}, {"images", "labels"});
  const Json camera = object({{"index", text("CSV with the columns file, label and perhaps split")},
                              {"width", size},
                              {"height", size},
                              {"polarity", {{"enum", {"both", "merged"}}, {"default", "both"}}},
                              {"time_unit", {{"enum", {"us", "ms", "s"}}, {"default", "us"}}},
                              {"bin", ref("quantity")},
                              {"counts", {{"type", "boolean"}, {"default", false}}}},
                             {"index", "width", "height", "bin"});
  const Json file = text("HDF5: /spikes/times, /spikes/units, /labels");
  const Json shd = object({{"train", file},
                           {"valid", file},
                           {"test", file},
                           {"bin", ref("quantity")},
                           {"counts", {{"type", "boolean"}, {"default", false}}},
                           {"channels", size},
                           {"group", size}},
                          {"bin"});
  const Json words = text("UTF-8, plain or gzip");
  const Json tokens = object({{"file", words},
                              {"train", words},
                              {"valid", words},
                              {"test", words},
                              {"unit", {{"enum", {"characters", "words"}}, {"default", "characters"}}},
                              {"steps", size},
                              {"vocabulary", {{"type", "integer"}, {"minimum", 2}}}},
                             {"steps"});
  return map_of(object({{"csv_images", images},
                        {"event_list", camera},
                        {"idx", idx},
                        {"piano_roll", object({{"file", text("HDF5: /train/roll, /train/lengths, ..")}}, {"file"})},
                        {"shd", shd},
                        {"text", tokens},
                        {"split", split}},
                       {"split"}));
}

static Json epochs() {
  return any_of({{{"type", "integer"}, {"minimum", 1}}, {{"type", "string"}, {"pattern", "^[0-9]+ epochs?$"}}});
}

static Json schedule() {
  const Json share{{"type", "number"}, {"minimum", 0}, {"maximum", 1}};
  const auto form = [](const char* name, Json keys, std::vector<std::string> required) {
    keys["warm_up"] = epochs();
    return object({{name, object(std::move(keys), std::move(required))}}, {name});
  };
  return any_of({{{"enum", {"none"}}},
                 form("constant", Json::object(), {}),
                 form("step", {{"every", epochs()}, {"factor", share}}, {"every", "factor"}),
                 form("exponential", {{"factor", share}}, {"factor"}),
                 form("cosine", {{"epochs", epochs()}, {"floor", share}}, {"epochs"})});
}

Json learning(const Registry& registry) {
  std::vector<Json> losses;
  const Json reduce{{"enum", {"sum", "mean"}}};
  for (const Model* m : registry.all(ModelKind::loss)) {
    Json p = parameters(*m);
    p["properties"]["of"] = text("the population whose outputs it looks at");
    p["properties"]["target"] = text("a field of a data set");
    p["properties"]["reduce"] =
        object({{"outputs", reduce}, {"ticks", {{"enum", {"sum", "mean", "last"}}}}, {"lanes", reduce}});
    p["required"] = {"of", "target"};
    losses.push_back(object({{std::string(m->name), p}}, {std::string(m->name)}));
  }
  const Json names = any_of({list_of({{"type", "string"}}), {{"type", "string"}}});
  return map_of(object({{"rule", choice(registry, ModelKind::learning_rule, {})},
                        {"loss", any_of(std::move(losses))},
                        {"modulator", choice(registry, ModelKind::modulator, {"none"})},
                        {"optimiser", choice(registry, ModelKind::optimiser, {})},
                        {"schedule", schedule()},
                        {"clip", any_of({ref("number"), {{"enum", {"none"}}}})},
                        {"update", object({{"every", any_of({ref("quantity"), {{"enum", {"batch"}}}})}})},
                        {"trains", names}},
                       {"rule", "loss", "optimiser"}));
}

Json trials(bool train) {
  const Json count{{"type", "integer"}, {"minimum", 1}, {"default", 1}};
  const Json metric{{"enum", metric_names}};
  const Json metrics = any_of({metric, list_of(metric)});
  Json p{{"name", text("of the phase")},
         {"data", text("a split of a data set, such as digits.train")},
         {"trial", any_of({ref("quantity"), {{"enum", {"sample"}}}})},
         {"truncate", {{"type", "boolean"}, {"default", false}}},
         {"metrics", metrics},
         {"lanes", count},
         {"plasticity", {{"enum", {train ? "running" : "frozen"}}}},
         {"between", {{"enum", {"reset"}}}}};
  if (train) {
    p.update(
        Json{{"learning", text("the name of a block of `learning`")},
             {"epochs", epochs()},
             {"accumulate", count},
             {"order", {{"enum", {"shuffled", "file"}}, {"default", "shuffled"}}},
             {"validate", object({{"data", text("a split")}, {"metrics", metrics}, {"every", epochs()}}, {"data"})},
             {"keep",
              object({{"best", metric}, {"patience", epochs()}, {"restore", {{"type", "boolean"}, {"default", false}}}},
                     {"best"})}});
    return object(std::move(p), {"data", "learning", "trial"});
  }
  p.update(Json{{"repeats", count},
                {"weights", {{"enum", {"last", "best"}}, {"default", "last"}}},
                {"compensate", {{"enum", {"none"}}}}});
  return object(std::move(p), {"data", "trial"});
}

}  // namespace volley::schema
