// SPDX-License-Identifier: Apache-2.0
// `datasets`: name: {reader: {..}, split: file or {train: n, .., by: permutation or order, seed: 0}}.
#include <experiment/datasets.h>
#include <experiment/files.h>
#include <experiment/sections.h>
#include <network/random_streams.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace volley {
namespace {

const std::vector<std::string> readers{"csv_images", "piano_roll"};
constexpr std::array<const char*, 3> split_names{"train", "valid", "test"};

// Images in the rows of a CSV without header: fields image and label.
Dataset read_csv_images(const Scope& scope, const Node& n, Node& resolved) {
  const Keys keys(n, "csv_images", {"file", "shape", "label", "scale"});
  resolved = n;
  const Node& file = keys.at("file");
  const Node& shape = keys.at("shape", "such as [8, 8]");
  std::size_t width = 1;
  for (const Node* side : scalars(shape, "a number, or a list such as [8, 8],"))
    width *= static_cast<std::size_t>(read_integer(*side, 1, 1'000'000));
  const Node* place = keys.find("label");
  const std::string label = place ? read_text(*place, "first or last") : "last";
  if (label != "first" && label != "last") unknown(place->where, label, "a place of the label", {"first", "last"});
  resolved["label"] = Node::of(label);
  const Node* scale_node = keys.find("scale");
  const double scale = scale_node ? read_number(*scale_node) : 1.0;
  if (scale <= 0.0)
    throw InputError(scale_node->where, fmt::format("found {}; pixels are divided by it, so that it must be above 0",
                                                    scale_node->found()));
  resolved["scale"] = Node::of(format_quantity(scale, ""));

  Dataset d;
  const std::string path = find_file(scope, file);
  at_place(file.where, [&] {
    const Table t = read_bare_csv(path);
    if (t.columns.size() != width + 1)
      throw InputError(fmt::format("{}:1:1: {} cells in a row; an image of {} pixels and its label need {}", t.file,
                                   t.columns.size(), width, width + 1));
    Dataset::Field image{.width = width}, labels;
    const std::size_t at = label == "first" ? 0 : width;
    for (std::size_t row = 0; row < t.rows.size(); ++row)
      for (std::size_t k = 0; k <= width; ++k) {
        const double x = t.number(row, k);
        if (std::isnan(x)) throw InputError(t.place(row, k) + ": a missing value; every pixel and label needs one");
        if (k != at) {
          image.values.push_back(static_cast<float>(x / scale));
          continue;
        }
        if (x < 0.0 || x != std::floor(x) || x > 1e6)
          throw InputError(fmt::format("{}: found {}; a label is 0, 1, 2, ..", t.place(row, k), t.rows[row][k]));
        labels.labels.push_back(static_cast<std::uint32_t>(x));
        labels.classes = std::max(labels.classes, labels.labels.back() + 1);
      }
    d.samples = t.rows.size();
    d.fields["image"] = std::move(image);
    d.fields["label"] = std::move(labels);
  });
  return d;
}

// Sequences of notes in an HDF5 file, one group a split: roll (steps x notes) and lengths. Fields: roll, the rows of a
// sequence but the last, and next, all but the first.
Dataset read_piano_roll(const Scope& scope, const Node& n, Node& resolved) {
  const Keys keys(n, "piano_roll", {"file"});
  resolved = n;
  const Node& file = keys.at("file");
  Dataset d;
  const std::string path = find_file(scope, file);
  at_place(file.where, [&] {
    const auto files = make_files();
    Dataset::Field roll{.start = {0}, .binary = true}, next = roll;
    for (const char* split : split_names) {
      const std::string group = fmt::format("/{}", split);
      const Matrix m = read_hdf5_matrix(path, group + "/roll");
      const std::vector<double> lengths = files->hdf5_numbers(path, group + "/lengths");
      const auto fail = [&](const char* what, const std::string& why) {
        throw InputError(fmt::format("{}: {}/{}: {}", path, group, what, why));
      };
      if (roll.width != 0 && roll.width != m.columns)
        fail("roll", fmt::format("{} notes; the splits before have {}", m.columns, roll.width));
      roll.width = next.width = m.columns;
      for (const float x : m.values)
        if (x != 0.0f && x != 1.0f) fail("roll", fmt::format("found {}; a piano roll holds 0 and 1", x));
      std::size_t row = 0;
      for (const double length : lengths) {
        if (length < 2.0 || length != std::floor(length))
          fail("lengths", fmt::format("found {}; a sequence has 2 steps or more", length));
        const auto steps = static_cast<std::size_t>(length);
        if (row + steps > m.rows) fail("lengths", fmt::format("more steps than the {} of the roll", m.rows));
        const float* first = m.values.data() + row * m.columns;
        roll.values.insert(roll.values.end(), first, first + (steps - 1) * m.columns);
        next.values.insert(next.values.end(), first + m.columns, first + steps * m.columns);
        roll.start.push_back(roll.start.back() + steps - 1);
        row += steps;
        d.splits[split].push_back(static_cast<std::uint32_t>(d.samples++));
      }
      if (row != m.rows) fail("lengths", fmt::format("{} steps together; the roll has {}", row, m.rows));
    }
    next.start = roll.start;
    d.fields["roll"] = std::move(roll);
    d.fields["next"] = std::move(next);
  });
  return d;
}

void read_split(const Node& n, std::uint64_t seed, Dataset& d, Node& resolved) {
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
  const std::string how = by ? read_text(*by, "permutation or order") : "permutation";
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
      const auto size = static_cast<std::size_t>(read_integer(*count, 1, 1'000'000'000));
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
    std::vector<std::string_view> known(readers.begin(), readers.end());
    known.push_back("split");
    const Keys keys(e.value, "a data set", known);
    std::vector<std::string> chosen;
    for (const std::string& r : readers)
      if (keys.find(r)) chosen.push_back(r);
    if (chosen.size() != 1)
      throw InputError(e.value.null() ? e.where : e.value.where,
                       fmt::format("a data set needs one reader: {}", fmt::join(readers, " or ")));
    Node& out = resolved[e.key];
    const Node& options = *keys.find(chosen[0]);
    Dataset d = chosen[0] == "csv_images" ? read_csv_images(scope, options, out[chosen[0]])
                                          : read_piano_roll(scope, options, out[chosen[0]]);
    d.name = e.key;
    read_split(keys.at("split", "file, or {train: 1200, valid: 200, test: 397}"), scope.experiment.seed, d,
               out["split"]);
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
