// SPDX-License-Identifier: Apache-2.0
#include <engine/limits.h>

#include <algorithm>
#include <span>

namespace volley {

void Limits::set(std::size_t i, double c0) {
  above_ -= own_.c0[i] > 0.0 ? 1 : 0;
  above_ += c0 > 0.0 ? 1 : 0;
  own_.c0[i] = c0;
  own_.minus_c0[i] = -c0;
  shift_ = own_.c0.size() == 1 ? loops::all_alike : 0;
}

void Limits::find_alike() {
  constexpr std::size_t size = std::size_t{1} << group;
  const std::span<const double> c0 = own_.c0;
  const std::size_t groups = (c0.size() + size - 1) / size;
  groups_ = Table(groups);
  std::size_t mixed = 0;
  for (std::size_t g = 0; g < groups; ++g) {
    const auto [low, high] = std::ranges::minmax(c0.subspan(g * size, std::min(size, c0.size() - g * size)));
    mixed += low != high;
    groups_.c0[g] = high;
    groups_.minus_c0[g] = -high;
  }
  if (std::ranges::all_of(c0, [&](double x) { return x == c0[0]; })) shift_ = loops::all_alike;
  else shift_ = 8 * mixed <= groups ? group : 0;
}

}  // namespace volley
