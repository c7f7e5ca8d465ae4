// SPDX-License-Identifier: Apache-2.0
// Images of the MNIST family: IDX files of bytes, plain or gzip. Several pairs of files follow one another. Fields
// image and label.
//
//   images: 0 0 8 3, then as big-endian 32-bit numbers the count, the rows and the columns, then the pixels
//   labels: 0 0 8 1, then the count, then the labels
#include <experiment/files.h>
#include <experiment/readers.h>

#include <fmt/format.h>

#include <algorithm>

namespace volley {
namespace {

struct Idx {
  std::string path, bytes;
  std::vector<std::size_t> shape;
  std::size_t first = 0;  // byte of the first element

  [[noreturn]] void fail(std::size_t byte, const std::string& what) const {
    throw InputError(fmt::format("{}: byte {}: {}", path, byte, what));
  }
  unsigned at(std::size_t byte) const { return static_cast<unsigned char>(bytes[byte]); }
};

Idx read_idx_file(const std::string& path, unsigned dimensions, const char* what) {
  Idx f{.path = path, .bytes = read_unpacked(path), .first = 4 + 4 * std::size_t{dimensions}};
  if (f.bytes.size() < f.first)
    f.fail(f.bytes.size(), fmt::format("the file ends within its head of {} bytes", f.first));
  const std::array<unsigned, 4> head{0, 0, 8, dimensions};
  for (std::size_t k = 0; k < head.size(); ++k)
    if (f.at(k) != head[k])
      f.fail(k, fmt::format("found {}, expected {}; an IDX file of {} starts with 0 0 8 {}", f.at(k), head[k], what,
                            dimensions));
  std::size_t size = 1;
  for (std::size_t k = 4; k < f.first; k += 4) {
    f.shape.push_back(f.at(k) << 24 | f.at(k + 1) << 16 | f.at(k + 2) << 8 | f.at(k + 3));
    if (f.shape.back() == 0) f.fail(k, "a size of 0");
    if (f.shape.back() > f.bytes.size())
      f.fail(k, fmt::format("a size of {}; the file has {} bytes", f.shape.back(), f.bytes.size()));
    size *= f.shape.back();
  }
  const std::size_t end = f.first + size;
  if (f.bytes.size() < end)
    f.fail(f.bytes.size(), fmt::format("the file ends; {} {} need {} bytes", f.shape[0], what, end));
  if (f.bytes.size() > end)
    f.fail(end, fmt::format("{} more bytes after the last of {} {}", f.bytes.size() - end, f.shape[0], what));
  return f;
}

}  // namespace

Dataset read_idx(const Scope& scope, const Node& n, Node& resolved) {
  const Keys keys(n, "idx", {"images", "labels", "scale"});
  resolved = n;
  const auto files = [&](const char* key, const char* hint) {
    return scalars(keys.at(key, hint), "a file, or a list of files,");
  };
  const auto images = files("images", "a file, such as train-images-idx3-ubyte.gz");
  const auto labels = files("labels", "a file, such as train-labels-idx1-ubyte.gz");
  if (images.size() != labels.size())
    throw InputError(keys.at("labels").where,
                     fmt::format("{} files of labels for {} of images", labels.size(), images.size()));
  const double scale = read_scale(keys.find("scale"), 255.0, resolved);

  Dataset d;
  Dataset::Field image, label;
  for (std::size_t k = 0; k < images.size(); ++k) {
    Idx f;
    const std::string image_path = find_file(scope, *images[k]), label_path = find_file(scope, *labels[k]);
    at_place(images[k]->where, [&] {
      f = read_idx_file(image_path, 3, "images");
      const std::size_t width = f.shape[1] * f.shape[2];
      if (k > 0 && width != image.width)
        f.fail(8, fmt::format("images of {} pixels; those of the file before have {}", width, image.width));
      image.width = width;
      image.shape = {1, f.shape[1], f.shape[2]};
      for (std::size_t byte = f.first; byte < f.bytes.size(); ++byte)
        image.values.push_back(static_cast<float>(f.at(byte) / scale));
    });
    at_place(labels[k]->where, [&] {
      const Idx l = read_idx_file(label_path, 1, "labels");
      if (l.shape[0] != f.shape[0])
        l.fail(4, fmt::format("{} labels for the {} images of {}", l.shape[0], f.shape[0], f.path));
      for (std::size_t byte = l.first; byte < l.bytes.size(); ++byte) {
        label.labels.push_back(l.at(byte));
        label.classes = std::max(label.classes, l.at(byte) + 1);
      }
      d.samples += l.shape[0];
    });
  }
  d.fields["image"] = std::move(image);
  d.fields["label"] = std::move(label);
  return d;
}

}  // namespace volley
