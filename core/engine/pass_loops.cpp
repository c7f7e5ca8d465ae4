// SPDX-License-Identifier: Apache-2.0
#include <engine/pass_loops.h>

#include <algorithm>
#include <cmath>
#include <limits>

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/pass_loops.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <engine/bound-inl.h>

HWY_BEFORE_NAMESPACE();
namespace volley::loops {
namespace HWY_NAMESPACE {

template <int N>
HWY_INLINE void load(const double* z, V* zs) {
  const D d;
  if constexpr (N == 1) zs[0] = hn::LoadU(d, z);
  else if constexpr (N == 2) hn::LoadInterleaved2(d, z, zs[0], zs[1]);
  else if constexpr (N == 3) hn::LoadInterleaved3(d, z, zs[0], zs[1], zs[2]);
  else if constexpr (N == 4) hn::LoadInterleaved4(d, z, zs[0], zs[1], zs[2], zs[3]);
  else {
    HWY_ALIGN double lane[HWY_MAX_BYTES / sizeof(double)];
    for (std::size_t c = 0; c < static_cast<std::size_t>(N); ++c) {
      for (std::size_t k = 0; k < hn::Lanes(d); ++k) lane[k] = z[k * N + c];
      zs[c] = hn::Load(d, lane);
    }
  }
}

template <int N>
HWY_INLINE std::size_t candidates(const double* HWY_RESTRICT Z, std::size_t neurons, const double* HWY_RESTRICT c0,
                                  bool uniform, const Bound& bound, Local* HWY_RESTRICT marked) {
  const D d;
  const Bound b = bound;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t n = 0;
  V zs[N];
  const auto mark = [&](std::size_t first, unsigned bits) HWY_ATTR {
    for (; bits != 0; bits &= bits - 1)
      marked[n++] = static_cast<Local>(first + static_cast<std::size_t>(__builtin_ctz(bits)));
  };
  std::size_t i = 0;
  for (; i + lanes <= neurons; i += lanes) {
    load<N>(Z + i * N, zs);
    mark(i, bits_of(may_cross<N>(zs, uniform ? hn::Set(d, c0[0]) : hn::LoadU(d, c0 + i), b)));
  }
  if (i < neurons) {
    double z[N * HWY_MAX_BYTES / sizeof(double)] = {}, c[HWY_MAX_BYTES / sizeof(double)] = {};
    std::copy(Z + i * N, Z + neurons * N, z);
    for (std::size_t k = 0; i + k < neurons; ++k) c[k] = uniform ? c0[0] : c0[i + k];
    load<N>(z, zs);
    mark(i, bits_of(may_cross<N>(zs, hn::LoadU(d, c), b)) & ((1u << (neurons - i)) - 1));
  }
  return n;
}

// No input ever after: v <= max(v, 0) + sum of the responses to what is there now, and a lowered threshold rises.
template <int N>
HWY_INLINE bool awake_later(const double* HWY_RESTRICT Z, std::size_t neurons, const double* HWY_RESTRICT c0,
                            bool uniform, const Bound& b, const double* now, const double* kappa) {
  for (std::size_t i = 0; i < neurons; ++i) {
    const double* z = Z + i * N;
    const double c = c0[uniform ? 0 : i];
    double v = now[0] * z[0], rest = 0.0;
    for (int j = 1; j < N; ++j) {
      v += now[j] * z[j];
      rest += std::max(0.0, kappa[j] * (z[j] + b.lead[j] * z[j - 1]));
      if (b.any_theta) rest += std::max(0.0, b.theta[j] * z[j] * b.theta_grow[j]);
    }
    const double push = std::max(0.0, v) + rest;
    if ((c > 0.0 || push > 0.0) && c + push >= -b.margin) return true;  // without a push D only approaches c <= 0
  }
  return false;
}

template <int N>
HWY_INLINE std::size_t scan_n(const double* Z, std::size_t neurons, const double* c0, bool uniform, const Bound& b,
                              const double* now, const double* kappa, Local* marked, bool& awake) {
  const std::size_t n = candidates<N>(Z, neurons, c0, uniform, b, marked);
  awake = n > 0 || awake_later<N>(Z, neurons, c0, uniform, b, now, kappa);
  return n;
}
std::size_t Scan(const double* Z, int n, std::size_t neurons, const double* c0, bool uniform, const Bound& b,
                 const double* now, const double* kappa, Local* marked, bool& awake) {
  switch (n) {
    case 1: return scan_n<1>(Z, neurons, c0, uniform, b, now, kappa, marked, awake);
    case 2: return scan_n<2>(Z, neurons, c0, uniform, b, now, kappa, marked, awake);
    case 3: return scan_n<3>(Z, neurons, c0, uniform, b, now, kappa, marked, awake);
    case 4: return scan_n<4>(Z, neurons, c0, uniform, b, now, kappa, marked, awake);
    default: return scan_n<max_components>(Z, neurons, c0, uniform, b, now, kappa, marked, awake);
  }
}

template <int N>
HWY_INLINE bool move_n(double* HWY_RESTRICT Z, std::size_t neurons, const Move& move) {
  const Move m = move;
  const double gone = -std::numeric_limits<double>::infinity();
  double left = 0.0;
  for (std::size_t i = 0; i < neurons; ++i) {
    double* z = Z + i * N;
    double x = m.membrane[0] * z[0];
    for (int c = 1; c < N; ++c) x += m.membrane[c] * z[c];
    for (int c = N - 1; c > 0; --c) {
      // The membrane feeds no other element; a refractory one, minus infinity, times 0 would be NaN.
      const double y = m.decay[c] * z[c] + (c > 1 ? m.feed[c] * z[c - 1] : 0.0);
      z[c] = std::fabs(y) < 1e-30 ? 0.0 : y;
      left += std::fabs(z[c]);
    }
    x = z[0] == gone ? gone : (std::fabs(x) < 1e-30 ? 0.0 : x);
    left += x == gone ? 0.0 : std::fabs(x);
    z[0] = x;
  }
  return left == 0.0;
}
bool MoveFrame(double* Z, int n, std::size_t neurons, const Move& m) {
  switch (n) {
    case 1: return move_n<1>(Z, neurons, m);
    case 2: return move_n<2>(Z, neurons, m);
    case 3: return move_n<3>(Z, neurons, m);
    case 4: return move_n<4>(Z, neurons, m);
    default: return move_n<max_components>(Z, neurons, m);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace volley::loops
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace volley::loops {

HWY_EXPORT(Scan);
HWY_EXPORT(MoveFrame);

std::size_t scan(const double* Z, int n, std::size_t neurons, const double* c0, bool uniform, const Bound& b,
                 const double* now, const double* kappa, Local* marked, bool& awake) {
  return HWY_DYNAMIC_DISPATCH(Scan)(Z, n, neurons, c0, uniform, b, now, kappa, marked, awake);
}
bool move(double* Z, int n, std::size_t neurons, const Move& m) {
  return HWY_DYNAMIC_DISPATCH(MoveFrame)(Z, n, neurons, m);
}

}  // namespace volley::loops
#endif
