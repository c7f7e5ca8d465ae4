// SPDX-License-Identifier: Apache-2.0
// Levels are sets of Highway's targets; a better target is a lower bit.
#include <network/error.h>
#include <network/isa.h>

#include <fmt/format.h>
#include <hwy/highway.h>
#include <hwy/targets.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace volley {
namespace {

struct Level {
  std::string_view name;
  std::int64_t target;  // the least that belongs to it
};
constexpr std::array levels{Level{"avx512", HWY_AVX3}, Level{"avx2", HWY_AVX2}, Level{"baseline", HWY_STATIC_TARGET}};

std::int64_t best_target() {
  const std::int64_t usable = hwy::SupportedTargets() & HWY_TARGETS;
  return usable & -usable;
}

}  // namespace

std::string active_isa() {
  for (const Level& level : levels)
    if (best_target() <= level.target) return std::string(level.name);
  return std::string(levels.back().name);
}

void pin_isa(const std::string& name) {
  const auto level = std::find_if(levels.begin(), levels.end(), [&](const Level& l) { return l.name == name; });
  if (level == levels.end())
    throw InputError(fmt::format("--isa: '{}' is not a level; there are: baseline, avx2, avx512", name));
  hwy::DisableTargets(0);
  if (best_target() > level->target)
    throw InputError(fmt::format("--isa: this machine has no {}; its best is {}", name, active_isa()));
  // What is better than the level: the lower bits, and for avx512 its own extensions stay.
  if (level != levels.begin()) hwy::DisableTargets(level->target - 1);
}

}  // namespace volley
