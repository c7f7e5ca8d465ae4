// SPDX-License-Identifier: Apache-2.0
// Rows of many delays as a block reads them: slice after slice, each in one place. A slice that is met once in a while
// costs the lines of memory that it lies in, and one address that the processor has to look up.
#pragma once

#include <network/large.h>
#include <volley/kernel.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace volley {

// A head, then `count` weights (none where all rows have the same one), then `count` targets; the next slice begins at
// a multiple of 4 bytes.
struct Packed {
  struct Head {
    std::uint32_t delay, count;  // class of the delay
  };

  Large<std::byte> bytes;
  std::vector<std::uint64_t> first;  // sources + 1 offsets into the bytes
  bool own_weights = false;

  bool empty() const { return first.empty(); }
  std::size_t size_of(std::size_t count) const {
    return (sizeof(Head) + count * ((own_weights ? sizeof(float) : 0) + sizeof(Local)) + 3) / 4 * 4;
  }
  const Head& head(std::uint64_t at) const { return *reinterpret_cast<const Head*>(bytes.data() + at); }
  const float* weight(std::uint64_t at) const {
    return own_weights ? reinterpret_cast<const float*>(bytes.data() + at + sizeof(Head)) : nullptr;
  }
  const Local* target(std::uint64_t at, std::size_t count) const {
    const std::size_t weights = own_weights ? count * sizeof(float) : 0;
    return reinterpret_cast<const Local*>(bytes.data() + at + sizeof(Head) + weights);
  }
};

}  // namespace volley
