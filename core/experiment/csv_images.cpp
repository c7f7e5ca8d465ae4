// SPDX-License-Identifier: Apache-2.0
// Images in the rows of a CSV without header: fields image and label.
#include <experiment/files.h>
#include <experiment/readers.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace volley {

double read_scale(const Node* n, double fallback, Node& resolved) {
  const double scale = n ? read_number(*n) : fallback;
  if (scale <= 0.0)
    throw InputError(n->where,
                     fmt::format("found {}; pixels are divided by it, so that it must be above 0", n->found()));
  resolved["scale"] = Node::of(format_quantity(scale, ""));
  return scale;
}

Dataset read_csv_images(const Scope& scope, const Node& n, Node& resolved) {
  const Keys keys(n, "csv_images", {"file", "shape", "label", "scale"});
  resolved = n;
  const Node& file = keys.at("file");
  const Node& shape = keys.at("shape", "such as [8, 8]");
  std::size_t width = 1;
  std::vector<std::size_t> sides;
  for (const Node* side : scalars(shape, "a number, or a list such as [8, 8],")) {
    sides.push_back(static_cast<std::size_t>(read_integer(*side, 1, 1'000'000)));
    width *= sides.back();
  }
  const Node* place = keys.find("label");
  const std::string label = place ? read_text(*place, "first or last") : "last";
  if (label != "first" && label != "last") unknown(place->where, label, "a place of the label", {"first", "last"});
  resolved["label"] = Node::of(label);
  const double scale = read_scale(keys.find("scale"), 1.0, resolved);

  Dataset d;
  const std::string path = find_file(scope, file);
  at_place(file.where, [&] {
    const Table t = read_bare_csv(path);
    if (t.columns.size() != width + 1)
      throw InputError(fmt::format("{}:1:1: {} cells in a row; an image of {} pixels and its label need {}", t.file,
                                   t.columns.size(), width, width + 1));
    Dataset::Field image{.width = width}, labels;
    if (sides.size() == 2) image.shape = {1, sides[0], sides[1]};
    if (sides.size() == 3) image.shape = {sides[0], sides[1], sides[2]};
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

}  // namespace volley
