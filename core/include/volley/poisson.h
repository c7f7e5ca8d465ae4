// SPDX-License-Identifier: Apache-2.0
// Superposed Poisson streams: one exponential gap and one draw of the unit per spike, whatever the number of units.
#pragma once

#include <volley/random.h>
#include <volley/stimulator.h>

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace volley {

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

// The spikes of units that fire independently, in order of time. Times are whole picoseconds; short gaps are summed in
// 2^-20 ps, so that no rounding accumulates, and as integers, so that a sum does not wait for conversions.
class PoissonStream {
 public:
  // From `from` on, units first .. first + count - 1 at `rate` Hz each.
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

  // The next spike: gaps come in batches of 256. An exponential gap has no memory, so what is left of a batch serves
  // another rate as well.
  Signal next(Random& random) {
    if (parts_per_gap_ == 0.0) return Signal::end();
    if (at_ == batch) {
      random.fill(words_);
      random.source()->exponentials(std::span<const std::uint64_t>(words_).first(batch), gaps_);
      at_ = 0;
    }
    const double gap = gaps_[at_] * parts_per_gap_;
    if (gap >= static_cast<double>(never - t_) * parts_per_ps_) {
      parts_per_gap_ = 0.0;
      return Signal::end();
    }
    part_ += static_cast<std::int64_t>(gap + 0.5);
    t_ += part_ >> bits_;
    part_ &= (std::int64_t{1} << bits_) - 1;
    const std::uint64_t word = words_[batch + at_++];
    return {t_, equal_ ? first_ + pick_equal(word) : table_.pick(word)};
  }

 private:
  static constexpr std::size_t batch = 256;

  void begin(Time from, double total_hz) {
    t_ = from;
    part_ = 0;
    const double ps_per_gap = total_hz > 0.0 ? 1e12 / total_hz : 0.0;
    bits_ = ps_per_gap < 0x1p36 ? 20 : 0;  // a gap is at most 37 mean gaps: below 2^62 parts
    parts_per_ps_ = static_cast<double>(std::int64_t{1} << bits_);
    parts_per_gap_ = ps_per_gap * parts_per_ps_;
  }
  std::uint32_t pick_equal(std::uint64_t word) const {
    return static_cast<std::uint32_t>((static_cast<unsigned __int128>(word) * count_) >> 64);
  }

  Time t_ = 0;
  std::int64_t part_ = 0;  // of a picosecond, in 2^-bits_
  int bits_ = 0;
  double parts_per_ps_ = 1.0, parts_per_gap_ = 0.0;  // parts_per_gap_ 0: no spikes
  bool equal_ = true;
  std::uint32_t first_ = 0, count_ = 0;
  UnitTable table_;
  std::size_t at_ = batch;
  std::array<std::uint64_t, 2 * batch> words_{};  // gaps, then units
  std::array<double, batch> gaps_{};
};

}  // namespace volley
