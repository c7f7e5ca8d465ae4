// SPDX-License-Identifier: Apache-2.0
// Philox 4x32-10 in bulk, several blocks at once (Salmon et al. 2011, doi:10.1145/2063384.2063405). Its words are
// those of Random123 on every machine.
#pragma once

#include <volley/random.h>

namespace volley {

// Blocks counter, counter + 1, ... of the stream (key, lane), two words each; words.size() is even.
void philox_words(RandomKey key, std::uint64_t lane, std::uint64_t counter, std::span<std::uint64_t> words);

}  // namespace volley
