// SPDX-License-Identifier: Apache-2.0
// Keys of random streams and the generator behind volley/random.h (Random123's Philox 4x32-10).
#pragma once

#include <volley/random.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace volley {

// What a stream is for; part of its key, so that no two uses share numbers.
enum class Purpose : std::uint32_t {
  stimulator,
  shared,
  parameter,
  initial,
  connect,
  weight,
  delay,
  model,
  split,
  order,
  trial,
  feedback,
  dropout
};

// A key of (seed, purpose, name): the same whatever else is in the network.
RandomKey random_key(std::uint64_t seed, Purpose purpose, std::string_view name);

const RandomSource& random_source();

inline Random random_stream(std::uint64_t seed, Purpose purpose, std::string_view name, std::uint64_t index) {
  return Random(&random_source(), random_key(seed, purpose, name), index);
}

// Puts them in a random order; each is equally likely.
void shuffle(std::vector<std::uint32_t>&, Random&);

}  // namespace volley
