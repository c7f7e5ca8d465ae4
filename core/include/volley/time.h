// SPDX-License-Identifier: Apache-2.0
// Network time: a signed 64-bit count of picoseconds. Users write milliseconds; the engine compares integers.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace volley {

using Time = std::int64_t;

inline constexpr Time ps_per_ms = 1'000'000'000;
inline constexpr Time never = std::numeric_limits<Time>::max();

// Milliseconds of a duration. Correctly rounded (a division, not a product with 1e-9).
constexpr double to_ms(Time t) { return static_cast<double>(t) / 1e9; }

// The longest time in ms, 106 days: a little less than the range of Time.
inline constexpr double longest_ms = 9.2e9;

// Nearest picosecond. The caller keeps |ms| at longest_ms or less.
inline Time from_ms(double ms) { return static_cast<Time>(std::llround(ms * 1e9)); }

}  // namespace volley
