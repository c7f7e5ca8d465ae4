// SPDX-License-Identifier: Apache-2.0
// Superposed Poisson streams: one exponential gap and one draw of the unit per spike, whatever the number of units.
#pragma once

#include <volley/random.h>
#include <volley/stimulator.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace volley {

// Of a unit, in Hz: a spike a picosecond is the most that times can tell apart.
inline constexpr Bounds poisson_rate = between(0.0, 1e12);

// Picks units with probabilities in proportion to their rates from one word (Walker's alias table, built as
// Vose 1991, doi:10.1109/32.92917). A unit of rate 0 is never picked.
class UnitTable {
 public:
  void build(std::uint32_t first, std::span<const double> rates, double total) {
    slots_.clear();
    std::vector<std::uint32_t> small, large;
    std::vector<double> share;  // of a slot
    std::uint32_t firing = 0;
    for (const double r : rates) firing += r > 0.0;
    for (std::uint32_t i = 0; i < rates.size(); ++i) {
      if (rates[i] <= 0.0) continue;
      const auto slot = static_cast<std::uint32_t>(slots_.size());
      slots_.push_back({certain, first + i, first + i});
      share.push_back(rates[i] * firing / total);
      (share.back() < 1.0 ? small : large).push_back(slot);
    }
    while (!small.empty() && !large.empty()) {
      const std::uint32_t s = small.back(), l = large.back();
      small.pop_back();
      slots_[s].own = static_cast<std::uint64_t>(share[s] * 0x1p64);
      slots_[s].other = slots_[l].unit;
      share[l] -= 1.0 - share[s];
      if (share[l] < 1.0) {
        large.pop_back();
        small.push_back(l);
      }
    }
  }
  std::uint32_t pick(std::uint64_t word) const {
    const auto product = static_cast<unsigned __int128>(word) * slots_.size();
    const Slot& s = slots_[static_cast<std::size_t>(product >> 64)];
    return static_cast<std::uint64_t>(product) < s.own ? s.unit : s.other;
  }

 private:
  static constexpr std::uint64_t certain = std::numeric_limits<std::uint64_t>::max();
  struct Slot {
    std::uint64_t own;  // below it the slot's own unit, in 2^-64
    std::uint32_t unit, other;
  };
  std::vector<Slot> slots_;
};

// The spikes of units that fire independently, in order of time and unit. Times are whole picoseconds; short gaps are
// summed in 2^-20 ps, so that no rounding accumulates.
class PoissonStream {
 public:
  // From `from` on, units first .. first + count - 1 at `rate` Hz each. An exponential gap has no memory: what was
  // drawn for another rate is forgotten.
  void start(Time from, std::uint32_t first, std::uint32_t count, double rate) {
    equal_ = true;
    first_ = first;
    count_ = count;
    begin(from, rate * count);
  }
  // ... at rates[i] Hz.
  void start(Time from, std::uint32_t first, std::span<const double> rates) {
    bool equal = true;
    double total = 0.0;
    for (const double r : rates) {
      equal = equal && r == rates[0];
      total += r;
    }
    if (equal) return start(from, first, static_cast<std::uint32_t>(rates.size()), rates.empty() ? 0.0 : rates[0]);
    equal_ = false;
    table_.build(first, rates, total);
    begin(from, total);
  }

  Signal next(Random& random) {
    if (at_ == ready_) refill(random);
    if (at_ == ready_) return Signal::end();
    const std::size_t k = at_++;
    return {spike_t_[k], spike_unit_[k]};
  }
  // Spikes before `until`, at most t.size() of them, as next() would give them one by one.
  std::size_t take(Random& random, Time until, std::span<Time> t, std::span<std::uint32_t> unit) {
    std::size_t n = 0;
    while (n < t.size()) {
      if (at_ == ready_) refill(random);
      const auto begin = spike_t_.begin() + static_cast<std::ptrdiff_t>(at_);
      auto end = begin + static_cast<std::ptrdiff_t>(std::min(ready_ - at_, t.size() - n));
      const bool all = begin != end && *(end - 1) < until;
      if (!all) end = std::lower_bound(begin, end, until);
      const auto count = static_cast<std::size_t>(end - begin);
      std::copy(begin, end, t.data() + n);
      std::copy_n(spike_unit_.data() + at_, count, unit.data() + n);
      at_ += count;
      n += count;
      if (!all) break;
    }
    return n;
  }

 private:
  static constexpr std::size_t batch = 256;
  static constexpr double longest = 37.0;  // mean gaps: -log(2^-53) is 36.7

  void begin(Time from, double total_hz) {
    spike_t_.clear();
    spike_unit_.clear();
    at_ = ready_ = 0;
    ended_ = total_hz <= 0.0;
    const double ps_per_gap = ended_ ? 1.0 : 1e12 / total_hz;
    const int bits = std::clamp(47 - std::ilogb(ps_per_gap), 0, 20);  // the gaps of a batch stay below 2^62 parts
    parts_per_ps_ = static_cast<double>(std::int64_t{1} << bits);
    sum_ = {.t = from, .part = 0, .bits = bits, .parts_per_gap = ps_per_gap * parts_per_ps_};
  }

  // Spikes of the last picosecond wait for the next batch, which may hold more of them.
  void refill(Random& random) {
    do {
      const auto gone = static_cast<std::ptrdiff_t>(ready_);
      spike_t_.erase(spike_t_.begin(), spike_t_.begin() + gone);
      spike_unit_.erase(spike_unit_.begin(), spike_unit_.begin() + gone);
      at_ = ready_ = 0;
      if (!ended_) draw(random);
      ready_ = spike_t_.size();
      while (!ended_ && ready_ > 0 && spike_t_[ready_ - 1] == sum_.t) --ready_;
    } while (ready_ == 0 && !ended_);
  }

  void draw(Random& random) {
    if (longest * batch * sum_.parts_per_gap >= left()) return draw_last(random);
    const std::size_t before = spike_t_.size();
    spike_t_.resize(before + batch);
    spike_unit_.resize(before + batch);
    const bool tie = random.times(sum_, std::span(spike_t_).subspan(before));
    const auto unit = std::span(spike_unit_).subspan(before);
    if (equal_) random.below(first_, count_, unit);
    else pick(random, unit);
    if (tie) order();
  }
  void pick(Random& random, std::span<std::uint32_t> unit) {
    std::array<std::uint64_t, batch> words;
    random.fill(words);
    for (std::size_t i = 0; i < batch; ++i) unit[i] = table_.pick(words[i]);
  }

  // Until the end of time, in parts.
  double left() const { return static_cast<double>(never - sum_.t) * parts_per_ps_; }

  // As draw(), but the stream may reach the end of time.
  void draw_last(Random& random) {
    std::array<std::uint64_t, batch> words;
    std::array<double, batch> gaps;
    std::array<std::uint32_t, batch> unit;
    random.fill(words);
    random.source()->exponentials(words, gaps);
    if (equal_) random.below(first_, count_, unit);
    else pick(random, unit);
    for (std::size_t i = 0; i < batch; ++i) {
      const double gap = gaps[i] * sum_.parts_per_gap;
      if (gap >= left()) {
        ended_ = true;
        break;
      }
      sum_.part += static_cast<std::int64_t>(gap + 0.5);
      sum_.t += sum_.part >> sum_.bits;
      sum_.part &= (std::int64_t{1} << sum_.bits) - 1;
      spike_t_.push_back(sum_.t);
      spike_unit_.push_back(unit[i]);
    }
    order();
  }

  // Spikes of one time in order of their units.
  void order() {
    for (std::size_t i = 0; i < spike_t_.size();) {
      std::size_t end = i + 1;
      while (end < spike_t_.size() && spike_t_[end] == spike_t_[i]) ++end;
      std::sort(spike_unit_.data() + i, spike_unit_.data() + end);
      i = end;
    }
  }

  GapSum sum_{};
  double parts_per_ps_ = 1.0;
  bool ended_ = true, equal_ = true;
  std::uint32_t first_ = 0, count_ = 0;
  UnitTable table_;
  std::vector<Time> spike_t_;  // drawn; from at_ up to ready_ they can go
  std::vector<std::uint32_t> spike_unit_;
  std::size_t at_ = 0, ready_ = 0;
};

}  // namespace volley
