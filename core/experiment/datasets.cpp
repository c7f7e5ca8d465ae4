// SPDX-License-Identifier: Apache-2.0
// `datasets`: name: {reader: {..}, split: file or {train: n, .., by: permutation or order, seed: 0}}.
#include <experiment/datasets.h>
#include <experiment/readers.h>
#include <experiment/sections.h>
#include <network/random_streams.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <numeric>

namespace volley {
namespace {

struct Reader {
  const char* name;
  Dataset (*read)(const Scope&, const Node&, Node& resolved);
  void (*after_split)(Dataset&, const Node&) = nullptr;
};
constexpr std::array readers{Reader{"csv_images", read_csv_images}, Reader{"event_list", read_event_list},
                             Reader{"idx", read_idx}, Reader{"piano_roll", read_piano_roll}, Reader{"shd", read_shd},
                             Reader{"text", read_tokens, choose_vocabulary}};

// A number of samples, or a share of them below 1.
std::size_t read_part(const Node& n, std::size_t samples) {
  if (!n.scalar() || !n.text.starts_with("0.")) return static_cast<std::size_t>(read_integer(n, 1, 1'000'000'000));
  const auto part = static_cast<std::size_t>(read_number(n) * static_cast<double>(samples) * (1.0 + 1e-12));
  if (part == 0) throw InputError(n.where, fmt::format("a share of {} of {} samples is none", n.text, samples));
  return part;
}

// in_order: parts are of consecutive samples unless the file says otherwise.
void read_split(const Node& n, std::uint64_t seed, bool in_order, Dataset& d, Node& resolved) {
  resolved = n;
  if (n.scalar()) {
    if (n.text != "file")
      throw InputError(n.where, fmt::format("found {}; write file, or {{train: 1200, test: 400}}", n.found()));
    if (d.splits.empty())
      throw InputError(n.where,
                       "the file has no splits of its own; write {train: .., valid: .., test: ..} with the number of "
                       "samples of each");
    return;
  }
  const Keys keys(n, "split", {"train", "valid", "test", "by", "seed"});
  if (!d.splits.empty()) throw InputError(n.where, "the file has splits of its own; write `split: file`");
  const Node* by = keys.find("by");
  const std::string how = by ? read_text(*by, "permutation or order") : in_order ? "order" : "permutation";
  if (how != "permutation" && how != "order") unknown(by->where, how, "a way to split", {"permutation", "order"});
  resolved["by"] = Node::of(how);
  std::vector<std::uint32_t> samples(d.samples);
  std::iota(samples.begin(), samples.end(), 0u);
  const Node* own_seed = keys.find("seed");
  if (own_seed && how == "order") throw InputError(own_seed->where, "means something only with `by: permutation`");
  if (how == "permutation") {
    if (own_seed) seed = read_seed(*own_seed);
    resolved["seed"] = Node::of(std::to_string(seed));
    Random r = random_stream(seed, Purpose::split, d.name, 0);
    shuffle(samples, r);
  }
  std::size_t at = 0;
  for (const char* name : split_names)
    if (const Node* count = keys.find(name)) {
      const auto size = read_part(*count, d.samples);
      if (at + size > d.samples)
        throw InputError(count->where, fmt::format("{} samples up to here; the data set has {}", at + size, d.samples));
      d.splits[name].assign(samples.begin() + static_cast<std::ptrdiff_t>(at),
                            samples.begin() + static_cast<std::ptrdiff_t>(at + size));
      at += size;
    }
  if (d.splits.empty()) throw InputError(n.where, "a split needs train, valid or test with a number of samples");
}

}  // namespace

void read_datasets(Scope& scope, const Node& n, Node& resolved) {
  if (n.null()) return;
  if (!n.map())
    throw InputError(n.where,
                     fmt::format("found {}; datasets is a map {{name: {{reader: {{..}}, split: ..}}}}", n.found()));
  for (const Node::Entry& e : n.entries) {
    std::vector<std::string_view> known;
    for (const Reader& r : readers) known.push_back(r.name);
    const std::string names = fmt::format("{}", fmt::join(known, ", "));
    known.push_back("split");
    const Keys keys(e.value, "a data set", known);
    std::vector<Reader> chosen;
    for (const Reader& r : readers)
      if (keys.find(r.name)) chosen.push_back(r);
    if (chosen.size() != 1)
      throw InputError(e.value.null() ? e.where : e.value.where,
                       fmt::format("a data set needs one reader: {}", names));
    Node& out = resolved[e.key];
    Dataset d = chosen[0].read(scope, *keys.find(chosen[0].name), out[chosen[0].name]);
    d.name = e.key;
    read_split(keys.at("split", "file, or {train: 1200, valid: 200, test: 397}"), scope.experiment.seed,
               !d.vocabulary.empty(), d, out["split"]);
    if (chosen[0].after_split) chosen[0].after_split(d, *keys.find(chosen[0].name));
    scope.experiment.datasets.push_back(std::make_shared<Dataset>(std::move(d)));
  }
}

FieldOf read_field(const Scope& scope, const Where& where, const std::string& text) {
  std::vector<std::string> names;
  for (std::size_t k = 0; k < scope.experiment.datasets.size(); ++k) {
    const Dataset& d = *scope.experiment.datasets[k];
    for (const auto& [field, _] : d.fields) {
      names.push_back(d.name + "." + field);
      if (names.back() == text) return {k, field};
    }
  }
  unknown(where, text, "a field of a data set", names);
}

SplitOf read_split_name(const Scope& scope, const Node& n) {
  const std::string& text = read_text(n, "a split of a data set, such as digits.train");
  std::vector<std::string> names;
  for (std::size_t k = 0; k < scope.experiment.datasets.size(); ++k) {
    const Dataset& d = *scope.experiment.datasets[k];
    for (const auto& [split, _] : d.splits) {
      names.push_back(d.name + "." + split);
      if (names.back() == text) return {k, split};
    }
  }
  unknown(n.where, text, "a split of a data set", names);
}

}  // namespace volley
