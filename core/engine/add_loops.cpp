// SPDX-License-Identifier: Apache-2.0
// A slice of a row arrives: once per instruction set, Highway includes this file again for each.
#include <engine/arrival_loops.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/add_loops.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <engine/sums-inl.h>

HWY_BEFORE_NAMESPACE();
namespace volley::loops {
namespace HWY_NAMESPACE {

// Asks for the lines in which first[0] .. first[count - 1] begin or end.
template <class T>
HWY_INLINE void ask(const T* first, std::size_t count) {
  constexpr std::uintptr_t line = 64;
  const auto at = reinterpret_cast<std::uintptr_t>(first), end = at + count * sizeof(T);
  for (std::uintptr_t p = at & ~(line - 1); p < end; p += line) __builtin_prefetch(reinterpret_cast<const void*>(p));
}

// Asks for the part of the next slice that is as far from its start as events first .. first + count - 1 of this one;
// with the last of them for all that is left, up to `most`.
HWY_INLINE void ask_ahead(const Slice& s, std::size_t first, std::size_t count) {
  constexpr std::size_t most = 512;
  if (first >= s.next_count) return;
  const std::size_t left = s.next_count - first;
  count = first + count >= s.count ? std::min(left, most) : std::min(left, count);
  ask(s.next_target + first, count);
  if (s.next_weight) ask(s.next_weight + first, count);
}

template <int N, int J, int Kind, bool Own>
HWY_INLINE std::size_t add_loop(double* HWY_RESTRICT Z, const Jump& jump, const Slice& s, const Test& test,
                                Local* HWY_RESTRICT marked) {
  int component[3];
  double coefficient[3], dz[3];
  for (int j = 0; j < J; ++j) {
    component[j] = N == 1 ? 0 : jump.component[j];
    coefficient[j] = jump.coefficient[j];
    dz[j] = static_cast<double>(s.constant) * coefficient[j];
  }
  const Test t = test;
  const Local* HWY_RESTRICT target = s.target;
  const float* HWY_RESTRICT weight = s.weight;
  Pair both{}, dz2{};  // of two components, in their order
  if constexpr (N == 2) {
    for (int j = 0; j < J; ++j) both[component[j]] = coefficient[j];
    dz2 = static_cast<double>(s.constant) * both;
  }
  Sums<N> sums;
  std::size_t n = 0;
  for (std::size_t left = s.count; left > 0;) {
    const std::size_t m = std::min(left, batch);
    ask_ahead(s, s.count - left, m);
    for (std::size_t k = 0; k < m; ++k) {
      const std::size_t i = target[k];
      double* z = Z + i * N;
      if constexpr (N == 2) {
        Pair sum;
        std::memcpy(&sum, z, sizeof sum);
        sum += Own ? static_cast<double>(weight[k]) * both : dz2;
        std::memcpy(z, &sum, sizeof sum);
        keep<Kind>(sums, k, sum, i, t);
      } else {
        if constexpr (Own)
          for (int j = 0; j < J; ++j) dz[j] = static_cast<double>(weight[k]) * coefficient[j];
        for (int j = 0; j < J; ++j) z[component[j]] += dz[j];
        keep<N, Kind>(sums, k, z, i, t);
      }
    }
    if constexpr (Kind != 0)
      each_mark<N, Kind>(sums, m, t, nullptr, [&](std::size_t at, unsigned bits) HWY_ATTR {
        for (; bits != 0; bits &= bits - 1) marked[n++] = target[at + static_cast<std::size_t>(__builtin_ctz(bits))];
        return false;
      });
    target += m;
    if constexpr (Own) weight += m;
    left -= m;
  }
  return n;
}

// True when one of the four 16-bit lanes of x and y may be the same.
HWY_INLINE bool any_equal(std::uint64_t x, std::uint64_t y) {
  const std::uint64_t d = x ^ y;
  return ((d - 0x0001000100010001ull) & ~d & 0x8000800080008000ull) != 0;
}

// One element: eight arrivals at a time, with one comparison for all of them.
template <bool Own, bool Uniform>
HWY_INLINE std::size_t add_single(double* HWY_RESTRICT Z, double coefficient, const Slice& s, const Test& test,
                                  Local* HWY_RESTRICT marked) {
  const Local* HWY_RESTRICT target = s.target;
  const float* HWY_RESTRICT weight = s.weight;
  const double* HWY_RESTRICT limit = test.limit;
  const unsigned shift = test.shift;
  const double scale = test.scale, one_dz = static_cast<double>(s.constant) * coefficient;
  const double least = Uniform ? limit[0] * scale : 0.0;  // of what is compared: z, or z - limit
  std::size_t n = 0, at = 0;
  const auto arrive = [&](std::size_t k) HWY_ATTR {
    const std::size_t i = target[k];
    const double z = Z[i] + (Own ? static_cast<double>(weight[k]) * coefficient : one_dz);
    Z[i] = z;
    return Uniform ? z : z - limit[i >> shift] * scale;
  };
  const auto greater = [](auto x, auto y) { return x > y ? x : y; };
  const auto mark = [&](std::size_t k) HWY_ATTR {
    const std::size_t i = target[k];
    if (Z[i] >= limit[Uniform ? 0 : i >> shift] * scale) marked[n++] = target[k];
  };
  for (; at + 8 <= s.count; at += 8) {
    if (at % 64 == 0) ask_ahead(s, at, 64);
    std::uint64_t low, high;
    std::memcpy(&low, target + at, sizeof low);
    std::memcpy(&high, target + at + 4, sizeof high);
    double top;
    if (!Own && !any_equal(low, high)) {  // k and k + 4 in one register; a target's own order matters to no constant
      Pair most{};
#pragma GCC unroll 4
      for (std::size_t j = 0; j < 4; ++j) {
        const std::size_t a = low >> (16 * j) & 0xFFFF, b = high >> (16 * j) & 0xFFFF;
        const Pair z = Pair{Z[a], Z[b]} + Pair{one_dz, one_dz};
        Z[a] = z[0];
        Z[b] = z[1];
        const Pair above = Uniform ? z : z - Pair{limit[a >> shift], limit[b >> shift]} * scale;
        most = j == 0 ? above : greater(above, most);
      }
      top = greater(most[0], most[1]);
    } else {
      top = arrive(at);
#pragma GCC unroll 7
      for (std::size_t j = 1; j < 8; ++j) top = greater(arrive(at + j), top);
    }
    if (top >= least) [[unlikely]]
      for (std::size_t j = 0; j < 8; ++j) mark(at + j);
  }
  if (at % 64 == 0 && at < s.count) ask_ahead(s, at, 8);
  for (; at < s.count; ++at) arrive(at), mark(at);
  return n;
}

template <int N, int J, int Kind>
HWY_INLINE std::size_t AddLoop(double* Z, const Jump& j, const Slice& s, const Test& t, Local* m) {
  if constexpr (N == 1 && Kind == 1) {
    const double c = j.coefficient[0];
    if (s.weight) return t.uniform() ? add_single<true, true>(Z, c, s, t, m) : add_single<true, false>(Z, c, s, t, m);
    return t.uniform() ? add_single<false, true>(Z, c, s, t, m) : add_single<false, false>(Z, c, s, t, m);
  }
  if (s.weight) return add_loop<N, J, Kind, true>(Z, j, s, t, m);
  return add_loop<N, J, Kind, false>(Z, j, s, t, m);
}

template <int N, int J>
HWY_INLINE std::size_t add_kind(double* Z, const Jump& j, const Slice& s, const Test& t, Local* m) {
  if (t.kind == 0) return AddLoop<N, J, 0>(Z, j, s, t, m);
  if (t.kind == 1) return AddLoop<N, J, 1>(Z, j, s, t, m);
  return AddLoop<N, J, 2>(Z, j, s, t, m);
}
template <int N>
HWY_INLINE std::size_t add_jump(double* Z, const Jump& j, const Slice& s, const Test& t, Local* m) {
  if (j.count == 1) return add_kind<N, 1>(Z, j, s, t, m);
  if constexpr (N >= 2)
    if (j.count == 2) return add_kind<N, 2>(Z, j, s, t, m);
  if constexpr (N >= 3) return add_kind<N, 3>(Z, j, s, t, m);
  return 0;
}
std::size_t Add(double* Z, int n, const Jump& j, const Slice& s, const Test& t, Local* m) {
  switch (n) {
    case 1: return add_jump<1>(Z, j, s, t, m);
    case 2: return add_jump<2>(Z, j, s, t, m);
    case 3: return add_jump<3>(Z, j, s, t, m);
    case 4: return add_jump<4>(Z, j, s, t, m);
    default: return add_jump<max_components>(Z, j, s, t, m);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace volley::loops
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace volley::loops {

HWY_EXPORT(Add);

std::size_t add(double* Z, int n, const Jump& j, const Slice& s, const Test& t, Local* marked) {
  return HWY_DYNAMIC_DISPATCH(Add)(Z, n, j, s, t, marked);
}

}  // namespace volley::loops
#endif
