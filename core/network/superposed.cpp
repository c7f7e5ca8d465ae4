// SPDX-License-Identifier: Apache-2.0
#include <network/superposed.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "network/superposed.cpp"
#include <hwy/foreach_target.h>

#include <network/exponential-inl.h>
#include <network/philox-inl.h>

HWY_BEFORE_NAMESPACE();
namespace volley::HWY_NAMESPACE {

using W = Philox::D;
using V = Philox::V;

// Sums over lanes in zigzag order.
class Prefix {
 public:
  Prefix() {
    HWY_ALIGN std::uint64_t from[Philox::lanes], on[Philox::lanes];
    for (std::size_t s = 0; s < steps; ++s) {
      for (std::size_t i = 0; i < Philox::lanes; ++i) {
        const std::size_t place = i / 2 + (i % 2) * (Philox::lanes / 2), back = std::size_t{1} << s;
        const std::size_t before = place < back ? 0 : place - back;
        from[i] = place < back ? i : 2 * (before % half) + before / half;
        on[i] = place < back ? 0 : ~0ull;
      }
      from_[s] = hn::SetTableIndices(W(), from);
      on_[s] = hn::Load(W(), on);
    }
    for (std::size_t i = 0; i < Philox::lanes; ++i) from[i] = Philox::lanes - 1;
    last_ = hn::SetTableIndices(W(), from);
  }
  // x of each place and all before it.
  HWY_INLINE V sums(V x) const {
#pragma GCC unroll 3
    for (std::size_t s = 0; s < steps; ++s) x = hn::Add(x, hn::And(hn::TableLookupLanes(x, from_[s]), on_[s]));
    return x;
  }
  // The last place's, everywhere.
  HWY_INLINE V last(V x) const { return hn::TableLookupLanes(x, last_); }

 private:
  static constexpr std::size_t steps = Philox::lanes == 8 ? 3 : Philox::lanes == 4 ? 2 : Philox::lanes == 2 ? 1 : 0;
  static constexpr std::size_t half = Philox::lanes == 1 ? 1 : Philox::lanes / 2;
  using Indices = decltype(hn::SetTableIndices(W(), static_cast<const std::uint64_t*>(nullptr)));
  Indices from_[3], last_;
  V on_[3];
};

using D = hn::RebindToFloat<W>;
using I = hn::RebindToSigned<W>;

// x truncated, 0 <= x < 2^62.
HWY_INLINE V whole(hn::Vec<D> x) {
#if HWY_TARGET == HWY_SCALAR
  return hn::Set(W(), static_cast<std::uint64_t>(hn::GetLane(x)));
#elif HWY_TARGET <= HWY_AVX3  // Highway's ConvertTo also looks for overflow
  return hn::BitCast(W(), hn::Vec<I>{_mm512_cvttpd_epi64(x.raw)});
#else
  // In two halves, each in the low bits of a double: the high one rounded, so that the low one may be negative.
  const D d;
  const auto high = hn::Add(hn::Mul(x, hn::Set(d, 0x1p-32)), hn::Set(d, 0x1p52));
  const auto rest = hn::Sub(x, hn::Mul(hn::Sub(high, hn::Set(d, 0x1p52)), hn::Set(d, 0x1p32)));
  const auto low = hn::Add(hn::Floor(rest), hn::Set(d, 0x1.8p52));
  return hn::Add(hn::ShiftLeft<32>(hn::BitCast(W(), high)),
                 hn::Sub(hn::BitCast(W(), low), hn::Set(W(), 0x4338000000000000ull)));
#endif
}

using Logs = Exponentials<Philox::side, V>;

HWY_INLINE void whole_gaps(const Logs& logs, double scale, V* gap) {
  const D d;
  hn::Vec<D> e[Philox::side];
  logs.end(e);
#pragma GCC unroll 4
  for (int v = 0; v < Philox::side; ++v) gap[v] = whole(hn::Add(hn::Mul(e[v], hn::Set(d, scale)), hn::Set(d, 0.5)));
}

// The words of a round of vectors are made while the divisions of the round before are under way.
bool times(RandomKey key, std::uint64_t lane, std::uint64_t counter, std::int64_t* t_and_part, int bits, double scale,
           std::int64_t* t, std::size_t count) {
  const Philox generate(key, lane);
  const Prefix prefix;
  const W w;
  const I i;
  const V order = zigzag();
  const auto start = hn::Set(i, t_and_part[0]);
  V sum = hn::Set(w, static_cast<std::uint64_t>(t_and_part[1]));
  V ties = hn::Zero(w);
  Philox::Words words;
  Logs logs0, logs1;
  generate(counter, order, words);
  for (std::size_t at = 0; at < count; at += 2 * Philox::blocks) {
    logs0.begin(words.w0);
    logs1.begin(words.w1);
    const std::size_t next = at + 2 * Philox::blocks;
    if (next < count) generate(counter + next / 2, order, words);
    V gaps0[Philox::side], gaps1[Philox::side];
    whole_gaps(logs0, scale, gaps0);
    whole_gaps(logs1, scale, gaps1);
#pragma GCC unroll 4
    for (int v = 0; v < Philox::side; ++v) {
      const V gap0 = gaps0[v], gap1 = gaps1[v];
      const V sums = prefix.sums(hn::Add(gap0, gap1));
      const V second = hn::Add(sum, sums), first = hn::Sub(second, gap1), before = hn::Sub(first, gap0);
      sum = hn::Add(sum, prefix.last(sums));
      const V t0 = hn::ShiftRightSame(first, bits), t1 = hn::ShiftRightSame(second, bits);
      const auto tie = hn::Or(hn::Eq(t0, t1), hn::Eq(t0, hn::ShiftRightSame(before, bits)));
      ties = hn::Or(ties, hn::VecFromMask(w, tie));
      store_pairs(hn::Add(start, hn::BitCast(i, t0)), hn::Add(start, hn::BitCast(i, t1)),
                  t + at + 2 * static_cast<std::size_t>(v) * Philox::lanes);
    }
  }
  const auto total = static_cast<std::int64_t>(hn::GetLane(sum));
  t_and_part[0] += total >> bits;
  t_and_part[1] = total & ((std::int64_t{1} << bits) - 1);
  return !hn::AllFalse(w, hn::Ne(ties, hn::Zero(w)));
}

void below(RandomKey key, std::uint64_t lane, std::uint64_t counter, std::uint32_t first, std::uint32_t n,
           std::uint32_t* out, std::size_t count) {
  const Philox generate(key, lane);
  const W w;
  const V order = hn::Iota(w, 0), low = hn::Set(w, 0xFFFFFFFFull);
  // floor(n word / 2^64), in the high half of each lane.
  const auto product = [&](V word) HWY_ATTR {
    return hn::Add(low_product(hn::ShiftRight<32>(word), n), hn::ShiftRight<32>(low_product(word, n)));
  };
  Philox::Words words;
  for (std::size_t at = 0; at < count; at += 2 * Philox::blocks) {
    generate(counter + at / 2, order, words);
#pragma GCC unroll 4
    for (int v = 0; v < Philox::side; ++v) {
      const V pair = hn::Or(hn::ShiftRight<32>(product(words.w0[v])), hn::AndNot(low, product(words.w1[v])));
      std::uint32_t* place = out + at + 2 * static_cast<std::size_t>(v) * Philox::lanes;
#if HWY_TARGET == HWY_SCALAR
      place[0] = first + static_cast<std::uint32_t>(hn::GetLane(pair));
      place[1] = first + static_cast<std::uint32_t>(hn::GetLane(pair) >> 32);
#else
      const hn::Repartition<std::uint32_t, W> u;
      hn::StoreU(hn::Add(hn::BitCast(u, pair), hn::Set(u, first)), u, place);
#endif
    }
  }
}

}  // namespace volley::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace volley {
HWY_EXPORT(times);
HWY_EXPORT(below);

bool superposed_times(RandomKey key, std::uint64_t lane, std::uint64_t counter, GapSum& sum,
                      std::span<std::int64_t> t) {
  std::int64_t t_and_part[2] = {sum.t, sum.part};
  const bool tie =
      HWY_DYNAMIC_DISPATCH(times)(key, lane, counter, t_and_part, sum.bits, sum.parts_per_gap, t.data(), t.size());
  sum.t = t_and_part[0];
  sum.part = t_and_part[1];
  return tie;
}

void words_below(RandomKey key, std::uint64_t lane, std::uint64_t counter, std::uint32_t first, std::uint32_t n,
                 std::span<std::uint32_t> out) {
  HWY_DYNAMIC_DISPATCH(below)(key, lane, counter, first, n, out.data(), out.size());
}

}  // namespace volley
#endif
