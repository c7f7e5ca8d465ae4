// SPDX-License-Identifier: Apache-2.0
#include <engine/direct_stream.h>

#include <algorithm>

namespace volley {
namespace {
Time arrival(Time spike, Time delay) { return spike > never - delay ? never : spike + delay; }
}  // namespace

DirectStream::DirectStream(std::unique_ptr<Source> source, const Wiring& w)
    : wiring(w), source_(std::move(source)), unit_(Stream::most), after_(arrival(source_->next_time(), w.delay)) {}

void DirectStream::refill(Time until) {
  t_.resize(Stream::most);
  target_.resize(Stream::most);
  const std::size_t n = source_->spikes(until - wiring.delay, t_, unit_);
  std::size_t kept = 0;
  for (std::size_t k = 0; k < n; ++k) {
    const std::uint32_t row = unit_[k] - wiring.first;
    t_[kept] = t_[k] + wiring.delay;
    target_[kept] = static_cast<Local>(wiring.target + row);
    kept += row < wiring.count;
  }
  t_.resize(kept);
  target_.resize(kept);
  if (wiring.weight) {
    weight_.resize(kept);
    for (std::size_t k = 0; k < kept; ++k) weight_[k] = wiring.weight[target_[k] - wiring.target];
  }
  after_ = arrival(source_->next_time(), wiring.delay);
  at_ = 0;
  ++draw_;
  find_tie();
}

void DirectStream::find_tie() {
  tie_ = at_;
  while (tie_ + 1 < t_.size() && t_[tie_] != t_[tie_ + 1]) ++tie_;
  if (tie_ + 1 == t_.size() && t_[tie_] != after_) ++tie_;
}

Stream DirectStream::before(Time until, std::size_t number) const {
  const auto begin = t_.begin() + static_cast<std::ptrdiff_t>(at_);
  const auto end = std::lower_bound(begin, t_.begin() + static_cast<std::ptrdiff_t>(tie_), until);
  return {t_.data() + at_, target_.data() + at_, wiring.weight ? weight_.data() + at_ : nullptr, wiring.constant,
          static_cast<std::size_t>(end - begin), t_.size() - at_, number, draw_};
}

}  // namespace volley
