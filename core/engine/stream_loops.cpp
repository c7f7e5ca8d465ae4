// SPDX-License-Identifier: Apache-2.0
// Arrivals of a stream, each at its own time: once per instruction set, Highway includes this file again for each.
#include <engine/mode_loops.h>

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

// The series of mode_loops.h, in the same order of operations.
void StreamJumps(const Time* t, std::size_t n, Time frame, const Cells& cells, double factor, double* up, double* jump,
                 double* response) {
  const D d;
  const hn::Rebind<std::int64_t, D> di;
  constexpr std::size_t most = HWY_MAX_BYTES / sizeof(double);
  const std::size_t lanes = hn::Lanes(d);
  const auto set = [&](double x) HWY_ATTR { return hn::Set(d, x); };
  const auto horner = [&](auto x, auto value, double c) HWY_ATTR { return hn::Add(set(c), hn::Mul(x, value)); };
  HWY_ALIGN std::int64_t time[most] = {}, start[most];
  HWY_ALIGN double cell_up[most], cell_E[most], cell_ratio[most], tail[3][most];
  const auto some = [&](const Time* from, double* to_up, double* to_jump, double* to_response) HWY_ATTR {
    const Time first = (from[0] - frame) >> cells.shift, last = (from[lanes - 1] - frame) >> cells.shift;
    const Cell& cell = cells.first[static_cast<std::size_t>(first) * cells.stride];
    auto begin = hn::Set(di, frame + (first << cells.shift));
    auto start_up = set(cell.up), start_E = set(cell.E), ratio = set(cell.ratio);
    if (first != last) [[unlikely]] {
      for (std::size_t k = 0; k < lanes; ++k) {
        const Time number = (from[k] - frame) >> cells.shift;
        const Cell& own = cells.first[static_cast<std::size_t>(number) * cells.stride];
        start[k] = frame + (number << cells.shift);
        cell_up[k] = own.up, cell_E[k] = own.E, cell_ratio[k] = own.ratio;
      }
      begin = hn::Load(di, start);
      start_up = hn::Load(d, cell_up), start_E = hn::Load(d, cell_E), ratio = hn::Load(d, cell_ratio);
    }
    const auto u = hn::Mul(hn::ConvertTo(d, hn::Sub(hn::LoadU(di, from), begin)), set(1e-9));
    const auto x = hn::Mul(u, set(cells.per_ms)), q = hn::Mul(x, x);
    const auto even = horner(q, horner(q, horner(q, set(1.0 / 720), 1.0 / 24), 1.0 / 2), 1.0);
    const auto odd = hn::Mul(x, horner(q, horner(q, set(1.0 / 120), 1.0 / 6), 1.0));
    const auto grown = hn::Mul(start_up, hn::Add(even, odd));
    hn::StoreU(grown, d, to_up);
    hn::StoreU(hn::Mul(set(factor), grown), d, to_jump);
    if (!response) return;
    const auto y = hn::Mul(set(cells.delta), u), r = hn::Mul(y, y);
    const auto even_E = horner(r, horner(r, horner(r, set(1.0 / 5040), 1.0 / 120), 1.0 / 6), 1.0);
    const auto odd_E = hn::Mul(y, horner(r, horner(r, set(1.0 / 720), 1.0 / 24), 1.0 / 2));
    const auto E = hn::Add(start_E, hn::Mul(ratio, hn::Mul(u, hn::Add(even_E, odd_E))));
    hn::StoreU(hn::Mul(hn::Mul(set(factor), hn::Neg(E)), grown), d, to_response);
  };
  std::size_t k = 0;
  for (; k + lanes <= n; k += lanes) some(t + k, up + k, jump + k, response ? response + k : nullptr);
  if (k == n) return;
  for (std::size_t j = 0; j < lanes; ++j) time[j] = t[std::min(k + j, n - 1)];
  some(time, tail[0], tail[1], tail[2]);
  for (std::size_t j = 0; k + j < n; ++j) {
    up[k + j] = tail[0][j];
    jump[k + j] = tail[1][j];
    if (response) response[k + j] = tail[2][j];
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace volley::loops
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace volley::loops {

HWY_EXPORT(AddStream);
HWY_EXPORT(StreamJumps);

Marked add_stream(double* Z, int n, const StreamJump& j, const Stream& s, const Test& t, const double* growth,
                  std::uint8_t* marked) {
  return HWY_DYNAMIC_DISPATCH(AddStream)(Z, n, j, s, t, growth, marked);
}
void stream_jumps(const Time* t, std::size_t n, Time frame, const Cells& cells, double factor, double* up, double* jump,
                  double* response) {
  HWY_DYNAMIC_DISPATCH(StreamJumps)(t, n, frame, cells, factor, up, jump, response);
}

}  // namespace volley::loops
#endif
