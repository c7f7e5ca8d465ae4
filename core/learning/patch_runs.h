// SPDX-License-Identifier: Apache-2.0
// The order in which a convolution and a pool go through their patches.
#pragma once

#include <network/patches.h>

namespace volley::learning {

// Calls f(pixel, patch, place, count) for every run of `count` patches side by side whose place is a pixel and not
// padding, with the first pixel and patch of the run; from one pixel to the next it is p.across.stride.
template <class Function>
void for_each_run(const Patches& p, const Function& f) {
  const std::size_t across = p.across.patches();
  std::size_t place = 0;
  for (std::size_t c = 0; c < p.from.channels; ++c)
    for (std::size_t i = 0; i < p.down.kernel; ++i)
      for (std::size_t j = 0; j < p.across.kernel; ++j, ++place) {
        const Side::Range rows = p.down.inside(i), columns = p.across.inside(j);
        if (columns.count() == 0) continue;
        for (std::size_t o = rows.first; o < rows.end; ++o) {
          const std::size_t pixel =
              (c * p.from.height + p.down.pixel(o, i)) * p.from.width + p.across.pixel(columns.first, j);
          f(pixel, o * across + columns.first, place, columns.count());
        }
      }
}

}  // namespace volley::learning
