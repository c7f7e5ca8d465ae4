// SPDX-License-Identifier: Apache-2.0
// The two halves of a batch of superposed Poisson spikes, each from random words straight to what is kept: no array of
// words or gaps is written in between. The bits are those of the steps one by one on the same instruction set.
#pragma once

#include <volley/random.h>

namespace volley {

// See RandomSource. t.size() is a multiple of 64.
bool superposed_times(RandomKey key, std::uint64_t lane, std::uint64_t counter, GapSum& sum, std::span<std::int64_t> t);

// See RandomSource. out.size() is a multiple of 64.
void words_below(RandomKey key, std::uint64_t lane, std::uint64_t counter, std::uint32_t first, std::uint32_t n,
                 std::span<std::uint32_t> out);

}  // namespace volley
