// SPDX-License-Identifier: Apache-2.0
// Once per instruction set: Highway includes this file again for each.
#include <engine/response_loops.h>

#include <algorithm>
#include <type_traits>

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/response_loops.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace volley::loops {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<double, 8>;

// The same operations in the same order as Responses::at.
void Respond(const Time* t, std::size_t n, Time frame, const Cells& cells, double factor, double* up, double* jump,
             double* response) {
  const D d;
  const hn::Rebind<std::int64_t, D> di;
  constexpr std::size_t most = HWY_MAX_BYTES / sizeof(double);
  const std::size_t lanes = hn::Lanes(d);
  const auto set = [&](double x) HWY_ATTR { return hn::Set(d, x); };
  const auto sum = [&](const auto& c, auto x) HWY_ATTR {
    constexpr std::size_t terms = std::extent_v<std::remove_reference_t<decltype(c)>>;
    auto y = set(c[terms - 1]);
    for (std::size_t k = terms - 1; k-- > 0;) y = hn::Add(set(c[k]), hn::Mul(x, y));
    return y;
  };
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
    const auto grown = hn::Mul(start_up, hn::Add(sum(series::exp_even, q), hn::Mul(x, sum(series::exp_odd, q))));
    hn::StoreU(grown, d, to_up);
    hn::StoreU(hn::Mul(set(factor), grown), d, to_jump);
    if (!response) return;
    const auto y = hn::Mul(set(cells.delta), u), r = hn::Mul(y, y);
    const auto way = hn::Add(sum(series::E_even, r), hn::Mul(y, sum(series::E_odd, r)));
    const auto E = hn::Add(start_E, hn::Mul(ratio, hn::Mul(u, way)));
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

HWY_EXPORT(Respond);

void respond(const Time* t, std::size_t n, Time frame, const Cells& cells, double factor, double* up, double* jump,
             double* response) {
  HWY_DYNAMIC_DISPATCH(Respond)(t, n, frame, cells, factor, up, jump, response);
}

}  // namespace volley::loops
#endif
