// SPDX-License-Identifier: Apache-2.0
// Keys: a 64-bit hash of seed, purpose and name.
#include <network/random_streams.h>

#include <network/philox.h>
#include <network/superposed.h>
#include <network/vector_log.h>

namespace volley {
namespace {

// The finaliser of splitmix64 (Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195): a bijection that spreads
// every bit over all.
std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ull;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t h = 0xCBF29CE484222325ull;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;
  return h;
}

}  // namespace

RandomKey random_key(std::uint64_t seed, Purpose purpose, std::string_view name) {
  const std::uint64_t h = mix(mix(mix(seed) + static_cast<std::uint64_t>(purpose)) ^ mix(fnv1a(name)));
  return {static_cast<std::uint32_t>(h), static_cast<std::uint32_t>(h >> 32)};
}

void shuffle(std::vector<std::uint32_t>& v, Random& r) {
  for (std::size_t k = v.size(); k > 1; --k) std::swap(v[k - 1], v[r.below(k)]);
}

const RandomSource& random_source() {
  static constexpr RandomSource source{philox_words, minus_log, superposed_times, words_below};
  return source;
}

}  // namespace volley
