// SPDX-License-Identifier: Apache-2.0
// Hot loops of linear neurons, once per instruction set: Highway includes this file again for each target.
#include <engine/mode_loops.h>

#include <algorithm>
#include <cstring>

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/mode_loops.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>

#include <engine/bound-inl.h>

HWY_BEFORE_NAMESPACE();
namespace volley::loops {
namespace HWY_NAMESPACE {
template <class F>
HWY_INLINE void map(const double* x, double* y, std::size_t n, F f) {
  const D d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t k = 0;
  for (; k + lanes <= n; k += lanes) hn::StoreU(f(d, hn::LoadU(d, x + k)), d, y + k);
  if (k < n) {
    HWY_ALIGN double tail[HWY_MAX_BYTES / sizeof(double)] = {};
    for (std::size_t j = 0; k + j < n; ++j) tail[j] = x[k + j];
    hn::Store(f(d, hn::Load(d, tail)), d, tail);
    for (std::size_t j = 0; k + j < n; ++j) y[k + j] = tail[j];
  }
}

void ExpLoop(const double* x, double* y, std::size_t n) {
  map(x, y, n, [](D d, auto v) HWY_ATTR { return hn::Exp(d, v); });
}
void Expm1Loop(const double* x, double* y, std::size_t n) {
  map(x, y, n, [](D d, auto v) HWY_ATTR { return hn::Expm1(d, v); });
}

// Additions are scalar, one cache line each; the test is a vector operation over a batch of the sums just made.
constexpr std::size_t batch = 64;

// Two numbers side by side, on any machine.
using Pair = double __attribute__((vector_size(16)));

// What the test needs of up to `batch` events: the components after each, the limit or c0 of its target.
template <int N>
struct Sums {
  HWY_ALIGN double z[N][batch];
  HWY_ALIGN double c[batch];
};
template <>
struct Sums<2> {
  HWY_ALIGN Pair z[batch];
  HWY_ALIGN double c[batch];
};

template <int N, int Kind>
HWY_INLINE void keep(Sums<N>& sums, std::size_t k, const double* z, std::size_t i, const Test& t) {
  if constexpr (Kind == 1) sums.z[0][k] = z[0];
  if constexpr (Kind == 2)
    for (int c = 0; c < N; ++c) sums.z[c][k] = z[c];
  if constexpr (Kind != 0)
    if (!t.uniform) sums.c[k] = t.limit[i];
}
template <int Kind>
HWY_INLINE void keep(Sums<2>& sums, std::size_t k, Pair z, std::size_t i, const Test& t) {
  if constexpr (Kind != 0) {
    sums.z[k] = z;
    if (!t.uniform) sums.c[k] = t.limit[i];
  }
}

// For each vector of the batch, f(first event, bits of the events that may have crossed); f returns true to end.
template <int N, int Kind, class F>
HWY_INLINE void each_mark(const Sums<N>& sums, std::size_t n, const Test& t, const double* growth, F f) {
  const D d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t k = 0; k < n; k += lanes) {
    const auto c = t.uniform ? hn::Set(d, t.limit[0]) : hn::Load(d, sums.c + k);
    V zs[N];
    if constexpr (N == 2) {
      hn::LoadInterleaved2(d, reinterpret_cast<const double*>(sums.z + k), zs[0], zs[1]);
    } else {
      for (int j = 0; j < (Kind == 1 ? 1 : N); ++j) zs[j] = hn::Load(d, sums.z[j] + k);
    }
    const auto z0 = zs[0];
    auto mark = hn::FirstN(d, n - k);
    if constexpr (Kind == 1) {
      auto scale = hn::Set(d, t.scale);
      if (growth) scale = hn::Mul(hn::LoadU(d, growth + k), scale);
      mark = hn::And(mark, hn::Ge(z0, hn::Mul(c, scale)));
    } else {
      mark = hn::And(mark, may_cross<N>(zs, c, *t.bound));
    }
    if (!hn::AllFalse(d, mark)) [[unlikely]] {
      if (f(k, bits_of(mark))) return;
    }
  }
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
  const double scale = test.scale, one_dz = static_cast<double>(s.constant) * coefficient;
  const double least = Uniform ? limit[0] * scale : 0.0;  // of what is compared: z, or z - limit
  std::size_t n = 0, at = 0;
  const auto arrive = [&](std::size_t k) HWY_ATTR {
    const std::size_t i = target[k];
    const double z = Z[i] + (Own ? static_cast<double>(weight[k]) * coefficient : one_dz);
    Z[i] = z;
    return Uniform ? z : z - limit[i] * scale;
  };
  const auto greater = [](auto x, auto y) { return x > y ? x : y; };
  const auto mark = [&](std::size_t k) HWY_ATTR {
    const std::size_t i = target[k];
    if (Z[i] >= limit[Uniform ? 0 : i] * scale) marked[n++] = target[k];
  };
  for (; at + 8 <= s.count; at += 8) {
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
        const Pair above = Uniform ? z : z - Pair{limit[a], limit[b]} * scale;
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
  for (; at < s.count; ++at) arrive(at), mark(at);
  return n;
}

template <int N, int J, int Kind>
HWY_INLINE std::size_t AddLoop(double* Z, const Jump& j, const Slice& s, const Test& t, Local* m) {
  if constexpr (N == 1 && Kind == 1) {
    const double c = j.coefficient[0];
    if (s.weight) return t.uniform ? add_single<true, true>(Z, c, s, t, m) : add_single<true, false>(Z, c, s, t, m);
    return t.uniform ? add_single<false, true>(Z, c, s, t, m) : add_single<false, false>(Z, c, s, t, m);
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

// Where a marked target has a later event in the batch, what follows the mark is taken back in reverse order.
template <int N, int J, int Kind, bool Own>
HWY_INLINE Marked stream_loop(double* HWY_RESTRICT Z, const StreamJump& jump, const Stream& s, const Test& test,
                              const double* HWY_RESTRICT growth, std::uint8_t* HWY_RESTRICT marked) {
  static_assert(stretch == batch);
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

HWY_EXPORT(ExpLoop);
HWY_EXPORT(Expm1Loop);
HWY_EXPORT(Add);
HWY_EXPORT(AddStream);
HWY_EXPORT(StreamJumps);

std::size_t add(double* Z, int n, const Jump& j, const Slice& s, const Test& t, Local* marked) {
  return HWY_DYNAMIC_DISPATCH(Add)(Z, n, j, s, t, marked);
}
Marked add_stream(double* Z, int n, const StreamJump& j, const Stream& s, const Test& t, const double* growth,
                  std::uint8_t* marked) {
  return HWY_DYNAMIC_DISPATCH(AddStream)(Z, n, j, s, t, growth, marked);
}
void stream_jumps(const Time* t, std::size_t n, Time frame, const Cells& cells, double factor, double* up, double* jump,
                  double* response) {
  HWY_DYNAMIC_DISPATCH(StreamJumps)(t, n, frame, cells, factor, up, jump, response);
}
void exp(const double* x, double* y, std::size_t n) { HWY_DYNAMIC_DISPATCH(ExpLoop)(x, y, n); }
void expm1(const double* x, double* y, std::size_t n) { HWY_DYNAMIC_DISPATCH(Expm1Loop)(x, y, n); }
double exp(double x) { return exp(&x, &x, 1), x; }
double expm1(double x) { return expm1(&x, &x, 1), x; }

}  // namespace volley::loops
#endif
