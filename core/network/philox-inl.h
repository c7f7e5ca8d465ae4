// SPDX-License-Identifier: Apache-2.0
// Philox 4x32-10 on vectors, for files that Highway compiles once per instruction set: each 64-bit lane carries one
// 32-bit word of its own block. Several vectors go side by side, since a round waits for its multiplications.
#if defined(VOLLEY_PHILOX_INL_H) == defined(HWY_TARGET_TOGGLE)  // once per instruction set
#ifdef VOLLEY_PHILOX_INL_H
#undef VOLLEY_PHILOX_INL_H
#else
#define VOLLEY_PHILOX_INL_H
#endif

#include <volley/random.h>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace volley::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// The low half of each 64-bit lane times m, which is below 2^32.
template <class V>
HWY_INLINE V low_product(V a, std::uint64_t m) {
  const hn::DFromV<V> d;
#if HWY_TARGET == HWY_SCALAR
  return hn::Mul(hn::And(a, hn::Set(d, 0xFFFFFFFFull)), hn::Set(d, m));
#else
  const hn::Repartition<std::uint32_t, decltype(d)> half;
  return hn::MulEven(hn::BitCast(half, a), hn::BitCast(half, hn::Set(d, m)));
#endif
}

// No function of the standard library in here: it would be compiled for this instruction set and shared with others.
class Philox {
 public:
  using D = hn::CappedTag<std::uint64_t, 8>;
  using V = hn::Vec<D>;
  static constexpr std::size_t lanes = hn::MaxLanes(D());
  static constexpr int side = HWY_TARGET <= HWY_AVX3 ? 4 : 2;  // vectors at once: as many as registers hold
  static constexpr std::size_t blocks = side * lanes;
  struct Words {
    V w0[side], w1[side];  // the two words of a block in each lane
  };

  Philox(RandomKey key, std::uint64_t lane) : lane_(lane) {
    const std::uint32_t* k = reinterpret_cast<const std::uint32_t*>(&key);
    for (std::uint32_t r = 0; r < rounds; ++r) {
      key0_[r] = k[0] + r * 0x9E3779B9u;
      key1_[r] = k[1] + r * 0xBB67AE85u;
    }
  }

  // Lane i of vector v: block counter + v lanes + order[i].
  HWY_INLINE void operator()(std::uint64_t counter, V order, Words& w) const {
    const D d;
    V c0[side], c1[side], c2[side], c3[side];  // what their high halves hold is no part of them
#pragma GCC unroll 4
    for (int v = 0; v < side; ++v) {
      c0[v] = hn::Add(hn::Set(d, counter + static_cast<std::uint64_t>(v) * lanes), order);
      c1[v] = hn::ShiftRight<32>(c0[v]);
      c2[v] = hn::Set(d, lane_);
      c3[v] = hn::Set(d, lane_ >> 32);
    }
#pragma GCC unroll 10
    for (int r = 0; r + 1 < rounds; ++r) {
#pragma GCC unroll 4
      for (int v = 0; v < side; ++v) {
        const V p0 = low_product(c0[v], m0), p1 = low_product(c2[v], m1);
        c0[v] = hn::Xor3(hn::ShiftRight<32>(p1), c1[v], hn::Set(d, key0_[r]));
        c2[v] = hn::Xor3(hn::ShiftRight<32>(p0), c3[v], hn::Set(d, key1_[r]));
        c1[v] = p1;
        c3[v] = p0;
      }
    }
    // The last round puts its words where they belong: c0 and c2 low, c1 and c3 high.
    const V low = hn::Set(d, 0xFFFFFFFFull);
#pragma GCC unroll 4
    for (int v = 0; v < side; ++v) {
      const V p0 = low_product(c0[v], m0), p1 = low_product(c2[v], m1);
      w.w0[v] = hn::Xor3(hn::RotateRight<32>(p1), hn::And(c1[v], low), hn::Set(d, key0_[rounds - 1]));
      w.w1[v] = hn::Xor3(hn::RotateRight<32>(p0), hn::And(c3[v], low), hn::Set(d, key1_[rounds - 1]));
    }
  }

 private:
  static constexpr int rounds = 10;
  static constexpr std::uint64_t m0 = 0xD2511F53ull, m1 = 0xCD9E8D57ull;

  std::uint64_t lane_, key0_[rounds], key1_[rounds];
};

// Lane i holds the i-th of: 0, L / 2, 1, L / 2 + 1, ... In this order pairs of two vectors are quick to interleave.
HWY_INLINE Philox::V zigzag() {
  HWY_ALIGN std::uint64_t order[Philox::lanes];
  for (std::size_t i = 0; i < Philox::lanes; ++i) order[i] = i / 2 + (i % 2) * (Philox::lanes / 2);
  return hn::Load(Philox::D(), order);
}

// out: a and b of 0, a and b of 1, ... from vectors in zigzag order.
template <class V>
HWY_INLINE void store_pairs(V a, V b, hn::TFromV<V>* out) {
  const hn::DFromV<V> d;
#if HWY_TARGET == HWY_SCALAR
  hn::StoreU(a, d, out);
  hn::StoreU(b, d, out + 1);
#else
  hn::StoreU(hn::InterleaveLower(d, a, b), d, out);
  hn::StoreU(hn::InterleaveUpper(d, a, b), d, out + Philox::lanes);
#endif
}

}  // namespace volley::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
