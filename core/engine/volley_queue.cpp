// SPDX-License-Identifier: Apache-2.0
#include <engine/volley_queue.h>

#include <algorithm>
#include <bit>

namespace volley {
namespace {
bool later(const Volley& a, const Volley& b) { return a.t > b.t; }
}  // namespace

void VolleyQueue::set_window(Time window) {
  const auto width = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(window))) - 1;
  shift_ = std::min(width, 33);  // 8.6 ms, for networks without projections
}

void VolleyQueue::push(const Volley& v) {
  next_ = std::min(next_, v.t);
  const std::int64_t number = std::max(base_, v.t >> shift_);
  if (number - base_ < static_cast<std::int64_t>(buckets)) {
    bucket(number).push_back(v);
    ++in_ring_;
  } else {
    beyond_.push_back(v);
    std::push_heap(beyond_.begin(), beyond_.end(), later);
  }
}

void VolleyQueue::take(Time until, std::vector<Volley>& out) {
  if (next_ < until) {
    const std::int64_t last = until >> shift_;  // the bucket that `until` cuts
    while (in_ring_ > 0 || !beyond_.empty()) {
      if (in_ring_ == 0) base_ = std::min(last, beyond_.front().t >> shift_);
      draw_in();
      Bucket& b = bucket(base_);
      const auto stays = [&](const Volley& v) { return v.t >= until; };
      const auto taken = base_ < last ? b.begin() : std::partition(b.begin(), b.end(), stays);
      out.insert(out.end(), taken, b.end());
      in_ring_ -= static_cast<std::size_t>(b.end() - taken);
      b.erase(taken, b.end());
      if (base_ == last) break;
      ++base_;
    }
    find_next();
  }
  base_ = std::max(base_, until >> shift_);  // whatever is skipped is empty
  draw_in();
}

void VolleyQueue::draw_in() {
  while (!beyond_.empty() && (beyond_.front().t >> shift_) - base_ < static_cast<std::int64_t>(buckets)) {
    std::pop_heap(beyond_.begin(), beyond_.end(), later);
    bucket(beyond_.back().t >> shift_).push_back(beyond_.back());
    beyond_.pop_back();
    ++in_ring_;
  }
}

void VolleyQueue::find_next() {
  next_ = beyond_.empty() ? never : beyond_.front().t;
  if (in_ring_ == 0) return;
  std::int64_t number = base_;
  while (bucket(number).empty()) ++number;
  for (const Volley& v : bucket(number)) next_ = std::min(next_, v.t);
}

}  // namespace volley
