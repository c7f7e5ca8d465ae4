// SPDX-License-Identifier: Apache-2.0
// Philox 4x32-10 with Highway: each 64-bit lane of a vector carries one 32-bit word of its own block, compiled once
// per instruction set and chosen when the program runs.
#include <network/philox.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "network/philox.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace volley::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<std::uint64_t>;

// The low half of each lane times m, 64 bits.
template <class V>
HWY_INLINE V wide(V a, std::uint64_t m) {
#if HWY_TARGET == HWY_SCALAR
  return hn::Set(D(), (hn::GetLane(a) & 0xFFFFFFFFull) * m);
#else
  const hn::Repartition<std::uint32_t, D> half;
  return hn::MulEven(hn::BitCast(half, a), hn::BitCast(half, hn::Set(D(), m)));
#endif
}

// No function of the standard library in here: it would be compiled for this instruction set and shared with others.
void philox(RandomKey key, std::uint64_t lane, std::uint64_t counter, std::uint64_t* out, std::size_t blocks) {
  const D d;
  const std::size_t step = hn::Lanes(d);
  const auto low = hn::Set(d, 0xFFFFFFFFull);
  const std::uint32_t* k = reinterpret_cast<const std::uint32_t*>(&key);
  for (std::size_t b = 0; b < blocks; b += step) {
    // Whatever is in the high halves of lanes is ignored by `wide` and cleared at the end.
    const auto count = hn::Add(hn::Set(d, counter + b), hn::Iota(d, 0));
    auto c0 = count, c1 = hn::ShiftRight<32>(count);
    auto c2 = hn::Set(d, lane), c3 = hn::Set(d, lane >> 32);
    std::uint32_t k0 = k[0], k1 = k[1];
    for (int round = 0; round < 10; ++round) {
      const auto p0 = wide(c0, 0xD2511F53ull), p1 = wide(c2, 0xCD9E8D57ull);
      c0 = hn::Xor(hn::Xor(hn::ShiftRight<32>(p1), c1), hn::Set(d, k0));
      c2 = hn::Xor(hn::Xor(hn::ShiftRight<32>(p0), c3), hn::Set(d, k1));
      c1 = p1;
      c3 = p0;
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    const auto w0 = hn::Or(hn::And(c0, low), hn::ShiftLeft<32>(c1));
    const auto w1 = hn::Or(hn::And(c2, low), hn::ShiftLeft<32>(c3));
    if (b + step <= blocks) {
      hn::StoreInterleaved2(w0, w1, d, out + 2 * b);
    } else {
      HWY_ALIGN std::uint64_t rest[2 * hn::MaxLanes(D())];
      hn::StoreInterleaved2(w0, w1, d, rest);
      for (std::size_t i = 0; i < 2 * (blocks - b); ++i) out[2 * b + i] = rest[i];
    }
  }
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
