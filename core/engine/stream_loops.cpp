// SPDX-License-Identifier: Apache-2.0
// Arrivals of a stream, each at its own time: once per instruction set, Highway includes this file again for each.
#include <engine/arrival_loops.h>

#include <algorithm>
#include <cstring>

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/stream_loops.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <engine/sums-inl.h>

HWY_BEFORE_NAMESPACE();
namespace volley::loops {
namespace HWY_NAMESPACE {

// Where a marked target has a later event in the batch, what follows the mark is taken back in reverse order.
template <int N, int J, int Kind, bool Own>
HWY_INLINE Marked stream_loop(double* HWY_RESTRICT Z, const StreamJump& jump, const Stream& s, const Test& test,
                              const double* HWY_RESTRICT growth, std::uint8_t* HWY_RESTRICT marked) {
  int component[3];
  const double* coefficient[3];
  for (int j = 0; j < J; ++j) component[j] = N == 1 ? 0 : jump.component[j], coefficient[j] = jump.coefficient[j];
  const Test t = test;
  const Local* HWY_RESTRICT target = s.target;
  const float* HWY_RESTRICT weight = s.weight;
  const double constant = static_cast<double>(s.constant);
  Sums<N> sums;
  double before[J][batch];
  Pair before2[N == 2 ? batch : 1];
  // The coefficients of two components in their order; what moves one of them moves the other by 0.
  static constexpr double zero[batch] = {};
  const double* first = zero;
  const double* second = zero;
  if constexpr (N == 2)
    for (int j = 0; j < J; ++j) (component[j] == 0 ? first : second) = coefficient[j];
  const std::size_t m = std::min(s.count, batch);
  for (std::size_t k = 0; k < m; ++k) {
    const std::size_t i = target[k];
    double* z = Z + i * N;
    const double w = Own ? static_cast<double>(weight[k]) : constant;
    if constexpr (N == 2) {
      Pair sum;
      std::memcpy(&sum, z, sizeof sum);
      before2[k] = sum;
      sum += w * Pair{first[k], second[k]};
      std::memcpy(z, &sum, sizeof sum);
      keep<Kind>(sums, k, sum, i, t);
    } else {
      for (int j = 0; j < J; ++j) {
        before[j][k] = z[component[j]];
        z[component[j]] += w * coefficient[j][k];
      }
      keep<N, Kind>(sums, k, z, i, t);
    }
  }
  Marked out{m, 0};
  if constexpr (Kind != 0)
    each_mark<N, Kind>(sums, m, t, growth, [&](std::size_t at, unsigned bits) HWY_ATTR {
      for (; bits != 0; bits &= bits - 1) {
        const std::size_t k = at + static_cast<std::size_t>(__builtin_ctz(bits));
        marked[out.count++] = static_cast<std::uint8_t>(k);
        bool again = false;
        for (std::size_t later = k + 1; later < m; ++later) again |= target[later] == target[k];
        if (again) {
          out.taken = k + 1;
          return true;
        }
      }
      return false;
    });
  for (std::size_t k = m; k-- > out.taken;) {
    double* z = Z + std::size_t{target[k]} * N;
    if constexpr (N == 2) {
      std::memcpy(z, &before2[k], sizeof(Pair));
    } else {
      for (int j = 0; j < J; ++j) z[component[j]] = before[j][k];
    }
  }
  return out;
}
template <int N, int J, int Kind>
HWY_INLINE Marked stream_weight(double* Z, const StreamJump& j, const Stream& s, const Test& t, const double* growth,
                                std::uint8_t* marked) {
  if (s.weight) return stream_loop<N, J, Kind, true>(Z, j, s, t, growth, marked);
  return stream_loop<N, J, Kind, false>(Z, j, s, t, growth, marked);
}
template <int N, int J>
HWY_INLINE Marked stream_kind(double* Z, const StreamJump& j, const Stream& s, const Test& t, const double* growth,
                              std::uint8_t* marked) {
  if (t.kind == 0) return stream_weight<N, J, 0>(Z, j, s, t, growth, marked);
  if (t.kind == 1) return stream_weight<N, J, 1>(Z, j, s, t, growth, marked);
  return stream_weight<N, J, 2>(Z, j, s, t, growth, marked);
}
template <int N>
HWY_INLINE Marked stream_jump(double* Z, const StreamJump& j, const Stream& s, const Test& t, const double* growth,
                              std::uint8_t* marked) {
  if (j.count == 1) return stream_kind<N, 1>(Z, j, s, t, growth, marked);
  if constexpr (N >= 2)
    if (j.count == 2) return stream_kind<N, 2>(Z, j, s, t, growth, marked);
  if constexpr (N >= 3) return stream_kind<N, 3>(Z, j, s, t, growth, marked);
  return {};
}
Marked AddStream(double* Z, int n, const StreamJump& j, const Stream& s, const Test& t, const double* growth,
                 std::uint8_t* marked) {
  switch (n) {
    case 1: return stream_jump<1>(Z, j, s, t, growth, marked);
    case 2: return stream_jump<2>(Z, j, s, t, growth, marked);
    case 3: return stream_jump<3>(Z, j, s, t, growth, marked);
    case 4: return stream_jump<4>(Z, j, s, t, growth, marked);
    default: return stream_jump<max_components>(Z, j, s, t, growth, marked);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace volley::loops
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace volley::loops {

HWY_EXPORT(AddStream);

Marked add_stream(double* Z, int n, const StreamJump& j, const Stream& s, const Test& t, const double* growth,
                  std::uint8_t* marked) {
  return HWY_DYNAMIC_DISPATCH(AddStream)(Z, n, j, s, t, growth, marked);
}

}  // namespace volley::loops
#endif
