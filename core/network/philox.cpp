// SPDX-License-Identifier: Apache-2.0
#include <network/philox.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "network/philox.cpp"
#include <hwy/foreach_target.h>

#include <network/philox-inl.h>

HWY_BEFORE_NAMESPACE();
namespace volley::HWY_NAMESPACE {

HWY_INLINE void store(const Philox::Words& w, std::uint64_t* out) {
#pragma GCC unroll 4
  for (int v = 0; v < Philox::side; ++v, out += 2 * Philox::lanes) store_pairs(w.w0[v], w.w1[v], out);
}

void philox(RandomKey key, std::uint64_t lane, std::uint64_t counter, std::uint64_t* out, std::size_t blocks) {
  const Philox generate(key, lane);
  const auto order = zigzag();
  Philox::Words w;
  std::size_t b = 0;
  for (; b + Philox::blocks <= blocks; b += Philox::blocks) {
    generate(counter + b, order, w);
    store(w, out + 2 * b);
  }
  if (b == blocks) return;
  HWY_ALIGN std::uint64_t rest[2 * Philox::blocks];
  generate(counter + b, order, w);
  store(w, rest);
  for (std::size_t i = 0; i < 2 * (blocks - b); ++i) out[2 * b + i] = rest[i];
}

}  // namespace volley::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace volley {
HWY_EXPORT(philox);

void philox_words(RandomKey key, std::uint64_t lane, std::uint64_t counter, std::span<std::uint64_t> words) {
  HWY_DYNAMIC_DISPATCH(philox)(key, lane, counter, words.data(), words.size() / 2);
}

}  // namespace volley
#endif
