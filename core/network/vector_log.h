// SPDX-License-Identifier: Apache-2.0
// Exponential and normal deviates from random words in bulk, vectorised. They agree with Random::exponential and
// Random::normal on the same words but for the last bits, which depend on the instruction set.
#pragma once

#include <cstdint>
#include <span>

namespace volley {

// out[i] = -log(u), u = (words[i] / 2^11 + 1) / 2^53 in (0, 1].
void minus_log(std::span<const std::uint64_t> words, std::span<double> out);

// out[i]: mean 0, sd 1, by Box and Muller from words[2 i] (radius) and words[2 i + 1] (angle).
void normals(std::span<const std::uint64_t> words, std::span<double> out);

}  // namespace volley
