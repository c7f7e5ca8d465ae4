// SPDX-License-Identifier: Apache-2.0
#include <engine/direct_stream.h>

#include <volley/detail/clones.h>

#include <algorithm>

namespace volley {
namespace {
Time arrival(Time spike, Time delay) { return spike > never - delay ? never : spike + delay; }

// Loops without branches over n spikes; in most batches there is neither a foreign unit nor a tie.
VOLLEY_VECTOR_CLONES bool all_within(const std::uint32_t* unit, std::size_t n, std::uint32_t first,
                                     std::uint32_t count) {
  std::uint32_t foreign = 0;
  for (std::size_t k = 0; k < n; ++k) foreign |= unit[k] - first >= count;
  return foreign == 0;
}
VOLLEY_VECTOR_CLONES void to_arrivals(Time* t, const std::uint32_t* unit, Local* target, std::size_t n, Time delay,
                                      std::uint32_t shift) {
  for (std::size_t k = 0; k < n; ++k) t[k] += delay;
  for (std::size_t k = 0; k < n; ++k) target[k] = static_cast<Local>(unit[k] + shift);
}
VOLLEY_VECTOR_CLONES bool any_tie(const Time* t, std::size_t n) {
  Time ties = 0;
  for (std::size_t k = 1; k < n; ++k) ties |= t[k] == t[k - 1];
  return ties != 0;
}
// Quicker than bisection, whose steps wait for one another.
VOLLEY_VECTOR_CLONES std::size_t count_within(const Time* t, std::size_t n, Time until) {
  std::size_t count = 0;
  for (std::size_t k = 0; k < n; ++k) count += t[k] < until;
  return count;
}
std::size_t count_before(const Time* t, std::size_t n, Time until) {
  constexpr std::size_t piece = 32;
  std::size_t k = 0;
  while (k + piece <= n && t[k + piece - 1] < until) k += piece;
  return k + count_within(t + k, std::min(piece, n - k), until);
}
}  // namespace

DirectStream::DirectStream(std::unique_ptr<Source> source, const Wiring& w, std::size_t number)
    : wiring(w), source_(std::move(source)), number_(number), unit_(Stream::most),
      after_(arrival(source_->next_time(), w.delay)) {}

void DirectStream::refill(Time until) {
  t_.resize(Stream::most);
  target_.resize(Stream::most);
  const std::size_t n = source_->spikes(until - wiring.delay, t_, unit_);
  const std::size_t kept = all_within(unit_.data(), n, wiring.first, wiring.count) ? n : keep_own(n);
  to_arrivals(t_.data(), unit_.data(), target_.data(), kept, wiring.delay, wiring.target - wiring.first);
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

std::size_t DirectStream::keep_own(std::size_t n) {
  std::size_t kept = 0;
  for (std::size_t k = 0; k < n; ++k) {
    t_[kept] = t_[k];
    unit_[kept] = unit_[k];
    kept += unit_[k] - wiring.first < wiring.count;
  }
  return kept;
}

void DirectStream::find_tie() {
  constexpr std::size_t piece = 64;  // ties are rare in most streams and dense in some
  const Time* const t = t_.data();
  const std::size_t n = t_.size();
  std::size_t k = at_;
  while (k < n && !any_tie(t + k, std::min(piece + 1, n - k))) k += piece;
  tie_ = static_cast<std::size_t>(std::adjacent_find(t + std::min(k, n), t + n) - t);
  if (at_ < n && tie_ == n && t[n - 1] == after_) --tie_;
}

Stream DirectStream::before(Time until) const {
  const std::size_t n = count_before(t_.data() + at_, tie_ - at_, until);
  return {t_.data() + at_, target_.data() + at_, wiring.weight ? weight_.data() + at_ : nullptr, wiring.constant,
          n, t_.size() - at_, number_, draw_};
}

}  // namespace volley
