// SPDX-License-Identifier: Apache-2.0
#include <engine/walks.h>

#include <algorithm>

namespace volley {

void Walks::Walk::meet() {
  const Packed::Head& head = rows->packed.head(slice.synapse);
  slice.count = head.count;
  slice.t = spike + rows->classes[head.delay];
}

bool Walks::Walk::advance() {
  slice.synapse += rows->packed.size_of(slice.count);
  if (slice.synapse == end) return false;
  meet();
  return true;
}

void Walks::begin(const Rows& rows, Volley v, Time spike) {
  v.synapse = rows.packed.first[v.row];
  Walk w{v, &rows, spike, rows.packed.first[v.row + 1]};
  if (v.synapse == w.end) return;
  w.meet();
  walks_.push_back(w);
  next_ = std::min(next_, w.slice.t);
}

void Walks::take(Time until, std::vector<Volley>& out) {
  if (next_ >= until) return;
  next_ = never;
  for (std::size_t k = 0; k < walks_.size();) {
    Walk& w = walks_[k];
    bool more = true;
    while (more && w.slice.t < until) {
      out.push_back(w.slice);
      more = w.advance();
    }
    if (more) {
      next_ = std::min(next_, w.slice.t);
      ++k;
    } else {
      w = walks_.back();
      walks_.pop_back();
    }
  }
}

std::uint64_t Walks::synapses() const {
  std::uint64_t n = 0;
  for (Walk w : walks_) {
    n += w.slice.count;
    while (w.advance()) n += w.slice.count;
  }
  return n;
}

}  // namespace volley
