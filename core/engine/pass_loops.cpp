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

HWY_BEFORE_NAMESPACE();
namespace volley::loops {
namespace HWY_NAMESPACE {

// The bound of one neuron without c0. N components, z its state.
template <int N>
HWY_INLINE double bound_of(const double* z, const Bound& b) {
  double v = b.end[0] * z[0];
  double extra = 0.0;
  for (int c = 1; c < N; ++c) {
    v += b.end[c] * z[c];
    const double level = z[c] + b.lead[c] * z[c - 1];
    extra += (level < 0.0 ? -level : 0.0) * b.negative[c];
  }
  if (b.any_theta) {
    for (int c = 1; c < N; ++c) {
      const double d = b.theta[c] * z[c];
      extra += d > 0.0 ? d * b.theta_grow[c] : d;
    }
  }
  const double grown = v * b.grow;
  return (grown > v ? grown : v) + extra;
}

template <int N>
HWY_INLINE std::size_t scan_n(const double* HWY_RESTRICT Z, std::size_t neurons,
                              const double* HWY_RESTRICT c0, bool uniform, const Bound& bound,
                              const double* now, const double* kappa, Local* HWY_RESTRICT marked,
                              bool& awake) {
  constexpr std::size_t chunk = 256;
  double top[chunk];
  std::size_t n = 0;
  const Bound b = bound;
  constexpr double asleep = -std::numeric_limits<double>::infinity();
  double later = asleep;
  for (std::size_t at = 0; at < neurons; at += chunk) {
    const std::size_t m = std::min(chunk, neurons - at);
    for (std::size_t k = 0; k < m; ++k) {
      const double* z = Z + (at + k) * N;
      const double c = uniform ? c0[0] : c0[at + k];
      top[k] = c + bound_of<N>(z, b);
      // No input ever after: v <= max(v, 0) + sum of the responses to what is there now, and a lowered threshold rises.
      double v = now[0] * z[0], rest = 0.0;
      for (int j = 1; j < N; ++j) {
        v += now[j] * z[j];
        const double x = kappa[j] * (z[j] + b.lead[j] * z[j - 1]);
        rest += x > 0.0 ? x : 0.0;
      }
      if (b.any_theta) {
        for (int j = 1; j < N; ++j) {
          const double d = b.theta[j] * z[j] * b.theta_grow[j];
          rest += d > 0.0 ? d : 0.0;
        }
      }
      const double push = (v > 0.0 ? v : 0.0) + rest;
      const double sup = c > 0.0 || push > 0.0 ? c + push : asleep;  // without a push D only approaches c <= 0
      later = sup > later ? sup : later;
    }
    for (std::size_t k = 0; k < m; ++k) {
      marked[n] = static_cast<Local>(at + k);
      n += top[k] >= -b.margin;
    }
  }
  awake = later >= -b.margin;
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
