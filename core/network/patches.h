// SPDX-License-Identifier: Apache-2.0
// A layer as channels of pixels, [channel][row][column], and the patches of it that a convolution or a pool looks at.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

namespace volley {

struct LayerShape {
  std::size_t channels = 0, height = 0, width = 0;  // all 0: the layer has no shape
  std::size_t pixels() const { return height * width; }
  std::size_t size() const { return channels * pixels(); }
  bool operator==(const LayerShape&) const = default;
};

// Along one side of a layer: patch o covers the pixels o * stride - padding + k, k < kernel.
struct Side {
  std::size_t from = 0, kernel = 1, stride = 1, padding = 0;
  // 0: the kernel is larger than the side with its padding.
  std::size_t patches() const {
    const std::size_t padded = from + 2 * padding;
    return padded < kernel ? 0 : (padded - kernel) / stride + 1;
  }
  // The pixel at place k of patch o, which must be inside.
  std::size_t pixel(std::size_t o, std::size_t k) const { return o * stride + k - padding; }
  std::size_t place(std::size_t pixel, std::size_t o) const { return pixel + padding - o * stride; }

  struct Range {
    std::size_t first = 0, end = 0;
    std::size_t count() const { return end > first ? end - first : 0; }
  };
  // The patches whose place k is a pixel and not padding.
  Range inside(std::size_t k) const {
    const std::size_t first = k >= padding ? 0 : (padding - k + stride - 1) / stride;
    const std::size_t end = from + padding <= k ? 0 : (from + padding - k - 1) / stride + 1;
    return {first, std::min(end, patches())};
  }
  // The patches that cover a pixel.
  Range over(std::size_t pixel) const {
    const std::size_t at = pixel + padding, first = at < kernel ? 0 : (at - kernel) / stride + 1;
    return {first, std::min(at / stride + 1, patches())};
  }
};

struct Patches {
  LayerShape from;
  std::size_t channels = 0;  // of what comes out
  Side down, across;         // rows, columns

  LayerShape to() const { return {channels, down.patches(), across.patches()}; }
  std::size_t kernel() const { return down.kernel * across.kernel; }
  std::size_t places() const { return from.channels * kernel(); }  // of a patch through all channels
  // Patches that cover the pixel at `row`, `column`.
  std::size_t over(std::size_t row, std::size_t column) const {
    return down.over(row).count() * across.over(column).count();
  }
  // Pairs of a pixel of one channel and a patch that covers it.
  std::size_t pairs() const {
    std::size_t rows = 0, columns = 0;
    for (std::size_t k = 0; k < down.kernel; ++k) rows += down.inside(k).count();
    for (std::size_t k = 0; k < across.kernel; ++k) columns += across.inside(k).count();
    return rows * columns;
  }
};

}  // namespace volley
