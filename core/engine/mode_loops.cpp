// SPDX-License-Identifier: Apache-2.0
// Hot loops of linear neurons, once per instruction set: Highway includes this file again for each target.
#include <engine/mode_loops.h>

#include <algorithm>
#include <cmath>
#include <limits>

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/mode_loops.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace volley::loops {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<double>;

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

template <int N, int J, int Kind>
HWY_INLINE bool add_one(double* HWY_RESTRICT Z, std::size_t i, const int* component, const double* dz,
                        const Test& t) {
  double* z = Z + i * N;
  for (int j = 0; j < J; ++j) z[component[j]] += dz[j];
  if constexpr (Kind == 0) return false;
  if constexpr (Kind == 1) return z[0] >= (t.uniform ? t.limit[0] : t.limit[i]) * t.scale;
  return (t.uniform ? t.limit[0] : t.limit[i]) + bound_of<N>(z, *t.bound) >= -t.bound->margin;
}

template <int N, int J, int Kind>
std::size_t AddLoop(double* HWY_RESTRICT Z, const Jump& jump, const Slice& s, const Test& test,
                    Local* HWY_RESTRICT marked) {
  int component[3];
  double coefficient[3];
  for (int j = 0; j < J; ++j) component[j] = jump.component[j], coefficient[j] = jump.coefficient[j];
  const Test t = test;
  const Local* HWY_RESTRICT target = s.target;
  const float* HWY_RESTRICT weight = s.weight;
  std::size_t n = 0;
  if (weight == nullptr) {
    double dz[3];
    for (int j = 0; j < J; ++j) dz[j] = static_cast<double>(s.constant) * coefficient[j];
    for (std::uint32_t k = 0; k < s.count; ++k) {
      const Local i = target[k];
      marked[n] = i;
      n += add_one<N, J, Kind>(Z, i, component, dz, t);
    }
  } else {
    for (std::uint32_t k = 0; k < s.count; ++k) {
      const Local i = target[k];
      const double w = static_cast<double>(weight[k]);
      double dz[3];
      for (int j = 0; j < J; ++j) dz[j] = w * coefficient[j];
      marked[n] = i;
      n += add_one<N, J, Kind>(Z, i, component, dz, t);
    }
  }
  return n;
}

// One component, a uniform limit: the case of most delta networks; a compare per eight synapses.
std::size_t AddUniform1(double* HWY_RESTRICT Z, double c, const Slice& s, double limit,
                        Local* HWY_RESTRICT marked) {
  const Local* HWY_RESTRICT target = s.target;
  std::size_t n = 0;
  std::uint32_t k = 0;
  const double constant = static_cast<double>(s.constant) * c;
  for (; k + 8 <= s.count; k += 8) {
    double top = -std::numeric_limits<double>::infinity();
    for (std::uint32_t j = 0; j < 8; ++j) {
      const double x = Z[target[k + j]] +=
          s.weight ? static_cast<double>(s.weight[k + j]) * c : constant;
      top = x > top ? x : top;
    }
    if (top >= limit) [[unlikely]]
      for (std::uint32_t j = 0; j < 8; ++j)
        if (Z[target[k + j]] >= limit) marked[n++] = target[k + j];
  }
  for (; k < s.count; ++k) {
    const double x = Z[target[k]] += s.weight ? static_cast<double>(s.weight[k]) * c : constant;
    if (x >= limit) marked[n++] = target[k];
  }
  return n;
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
    case 1:
      if (t.kind == 1 && t.uniform) return AddUniform1(Z, j.coefficient[0], s, t.limit[0] * t.scale, m);
      return add_jump<1>(Z, j, s, t, m);
    case 2: return add_jump<2>(Z, j, s, t, m);
    case 3: return add_jump<3>(Z, j, s, t, m);
    case 4: return add_jump<4>(Z, j, s, t, m);
    default: return add_jump<max_components>(Z, j, s, t, m);
  }
}

template <int N, int J, int Kind, bool Own>
HWY_INLINE std::size_t stream_loop(double* HWY_RESTRICT Z, const StreamJump& jump, const Stream& s, Test t,
                                   const double* HWY_RESTRICT scale, bool& hit) {
  int component[3];
  const double* coefficient[3];
  for (int j = 0; j < J; ++j) component[j] = jump.component[j], coefficient[j] = jump.coefficient[j];
  const Local* HWY_RESTRICT target = s.target;
  const float* HWY_RESTRICT weight = s.weight;
  const std::size_t count = s.count;
  const double constant = static_cast<double>(s.constant);
  for (std::size_t k = 0; k < count; ++k) {
    double dz[3];
    const double w = Own ? static_cast<double>(weight[k]) : constant;
    for (int j = 0; j < J; ++j) dz[j] = w * coefficient[j][k];
    if constexpr (Kind == 1) t.scale = scale[k];
    if (add_one<N, J, Kind>(Z, target[k], component, dz, t)) [[unlikely]] {
      hit = true;
      return k + 1;
    }
  }
  hit = false;
  return count;
}
template <int N, int J, int Kind>
HWY_INLINE std::size_t stream_weight(double* Z, const StreamJump& j, const Stream& s, const Test& t,
                                     const double* scale, bool& hit) {
  if (s.weight) return stream_loop<N, J, Kind, true>(Z, j, s, t, scale, hit);
  return stream_loop<N, J, Kind, false>(Z, j, s, t, scale, hit);
}
template <int N, int J>
HWY_INLINE std::size_t stream_kind(double* Z, const StreamJump& j, const Stream& s, const Test& t,
                                   const double* scale, bool& hit) {
  if (t.kind == 0) return stream_weight<N, J, 0>(Z, j, s, t, scale, hit);
  if (t.kind == 1) return stream_weight<N, J, 1>(Z, j, s, t, scale, hit);
  return stream_weight<N, J, 2>(Z, j, s, t, scale, hit);
}
template <int N>
HWY_INLINE std::size_t stream_jump(double* Z, const StreamJump& j, const Stream& s, const Test& t,
                                   const double* scale, bool& hit) {
  if (j.count == 1) return stream_kind<N, 1>(Z, j, s, t, scale, hit);
  if constexpr (N >= 2)
    if (j.count == 2) return stream_kind<N, 2>(Z, j, s, t, scale, hit);
  if constexpr (N >= 3) return stream_kind<N, 3>(Z, j, s, t, scale, hit);
  return s.count;
}
std::size_t AddStream(double* Z, int n, const StreamJump& j, const Stream& s, const Test& t, const double* scale,
                      bool& hit) {
  switch (n) {
    case 1: return stream_jump<1>(Z, j, s, t, scale, hit);
    case 2: return stream_jump<2>(Z, j, s, t, scale, hit);
    case 3: return stream_jump<3>(Z, j, s, t, scale, hit);
    case 4: return stream_jump<4>(Z, j, s, t, scale, hit);
    default: return stream_jump<max_components>(Z, j, s, t, scale, hit);
  }
}

void SinceLoop(const Time* t, Time frame, double* s, std::size_t n) {
  const D d;
  const hn::Rebind<std::int64_t, D> di;
  const std::size_t lanes = hn::Lanes(d);
  const auto ps = hn::Set(d, 1e9);
  std::size_t k = 0;
  for (; k + lanes <= n; k += lanes) {
    const auto ticks = hn::Sub(hn::LoadU(di, t + k), hn::Set(di, frame));
    hn::StoreU(hn::Div(hn::ConvertTo(d, ticks), ps), d, s + k);
  }
  for (; k < n; ++k) s[k] = static_cast<double>(t[k] - frame) / 1e9;
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

HWY_EXPORT(ExpLoop);
HWY_EXPORT(Expm1Loop);
HWY_EXPORT(Add);
HWY_EXPORT(AddStream);
HWY_EXPORT(SinceLoop);
HWY_EXPORT(Scan);
HWY_EXPORT(MoveFrame);

std::size_t add(double* Z, int n, const Jump& j, const Slice& s, const Test& t, Local* marked) {
  return HWY_DYNAMIC_DISPATCH(Add)(Z, n, j, s, t, marked);
}
std::size_t add_stream(double* Z, int n, const StreamJump& j, const Stream& s, const Test& t, const double* scale,
                       bool& hit) {
  return HWY_DYNAMIC_DISPATCH(AddStream)(Z, n, j, s, t, scale, hit);
}
void since(const Time* t, Time frame, double* s, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(SinceLoop)(t, frame, s, n);
}
std::size_t scan(const double* Z, int n, std::size_t neurons, const double* c0, bool uniform, const Bound& b,
                 const double* now, const double* kappa, Local* marked, bool& awake) {
  return HWY_DYNAMIC_DISPATCH(Scan)(Z, n, neurons, c0, uniform, b, now, kappa, marked, awake);
}
bool move(double* Z, int n, std::size_t neurons, const Move& m) {
  return HWY_DYNAMIC_DISPATCH(MoveFrame)(Z, n, neurons, m);
}
void exp(const double* x, double* y, std::size_t n) { HWY_DYNAMIC_DISPATCH(ExpLoop)(x, y, n); }
void expm1(const double* x, double* y, std::size_t n) { HWY_DYNAMIC_DISPATCH(Expm1Loop)(x, y, n); }
double exp(double x) {
  double y;
  exp(&x, &y, 1);
  return y;
}
double expm1(double x) {
  double y;
  expm1(&x, &y, 1);
  return y;
}

}  // namespace volley::loops
#endif
