// SPDX-License-Identifier: Apache-2.0
// How the rate of an optimiser changes from epoch to epoch.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>

namespace volley {

struct Schedule {
  enum class Kind : std::uint8_t { constant, step, exponential, cosine };
  Kind kind = Kind::constant;
  double factor = 1.0;       // of step and exponential
  std::size_t epochs = 1;    // between two steps; of a cosine's way down
  double floor = 0.0;        // where a cosine ends
  std::size_t warm_up = 0;   // epochs in which the rate first rises, in equal steps

  // What the rate is multiplied with in epoch 1, 2, ..
  double at(std::size_t epoch) const {
    if (epoch <= warm_up) return static_cast<double>(epoch) / static_cast<double>(warm_up + 1);
    const std::size_t k = epoch - warm_up - 1;
    switch (kind) {
      case Kind::step: return std::pow(factor, static_cast<double>(k / epochs));
      case Kind::exponential: return std::pow(factor, static_cast<double>(k));
      case Kind::cosine: {
        const double way = std::min(static_cast<double>(k) / static_cast<double>(epochs), 1.0);
        return floor + (1.0 - floor) * 0.5 * (1.0 + std::cos(std::numbers::pi * way));
      }
      case Kind::constant: break;
    }
    return 1.0;
  }
};

}  // namespace volley
