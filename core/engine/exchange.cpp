// SPDX-License-Identifier: Apache-2.0
#include <engine/exchange.h>

namespace volley {

void Exchange::send(std::size_t population, std::span<const SourceSpike> spikes) {
  if (spikes.empty()) return;
  for (Route& r : routes_[population]) {
    for (const SourceSpike& s : spikes) {
      if (s.unit < r.first || s.unit - r.first >= r.count) continue;
      const std::uint32_t row = s.unit - r.first;
      double factor = r.gain, e = 1.0;
      if (r.stage) {
        const Transmission x = r.stage->transmit(row, s.t);
        factor = r.gain * x.weight;
        e = x.e;
      }
      if (r.drive) {
        factor = s.value - r.level[row];
        r.level[row] = s.value;
      }
      const Time t = s.t - r.early;
      for (const Route::Destination& d : r.destinations) d.block->post({d.table, row, t, factor, e}, t + d.least_delay);
    }
  }
}

}  // namespace volley
