// SPDX-License-Identifier: Apache-2.0
// Random streams. A stream is a key (seed, purpose, name, index) and a counter: Philox 4x32-10 (Random123;
// Salmon et al. 2011, doi:10.1145/2063384.2063405). It depends on nothing else in the network.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace volley {

using RandomKey = std::array<std::uint32_t, 2>;

// A sum of exponential gaps: t ps and part 2^-bits ps.
struct GapSum {
  std::int64_t t, part;
  int bits;
  double parts_per_gap;  // of mean length
};

// What the host provides: block `counter` of stream (key, lane) is two 64-bit words.
struct RandomSource {
  // words.size() is even: blocks counter, counter + 1, ...
  void (*words)(RandomKey key, std::uint64_t lane, std::uint64_t counter, std::span<std::uint64_t> words);
  // -log(u), u uniform in (0, 1] with 53 bits, from the same words; vectorised.
  void (*exponentials)(std::span<const std::uint64_t> words, std::span<double> out);
  // t[i]: the sum's time after one more gap, from the words' exponentials; each gap is rounded to whole parts and is
  // below 2^62, all of them below 2^63. Whether two successive times are equal, or the sum's and t[0]. t.size() is a
  // multiple of 64.
  bool (*times)(RandomKey key, std::uint64_t lane, std::uint64_t counter, GapSum& sum, std::span<std::int64_t> t);
  // first + floor(n word / 2^64) of the words. out.size() is a multiple of 64.
  void (*below)(RandomKey key, std::uint64_t lane, std::uint64_t counter, std::uint32_t first, std::uint32_t n,
                std::span<std::uint32_t> out);
};

class Random {
 public:
  Random() = default;
  Random(const RandomSource* source, RandomKey key, std::uint64_t lane)
      : source_(source), key_(key), lane_(lane) {}

  std::uint64_t bits() {
    if (at_ == buffer_.size()) refill();
    return buffer_[at_++];
  }
  // Uniform in [0, 1), 53 bits.
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }
  // Uniform integer in [0, n): multiply and shift; the bias is below n / 2^64.
  std::uint64_t below(std::uint64_t n) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(bits()) * n) >> 64);
  }
  double exponential();  // mean 1
  double normal();       // mean 0, sd 1; Box-Muller, one draw a call

  // In bulk, for batches (see RandomSource); one word each.
  void fill(std::span<std::uint64_t> words) {
    source_->words(key_, lane_, counter_, words);
    counter_ += words.size() / 2;
  }
  bool times(GapSum& sum, std::span<std::int64_t> t) {
    const bool tie = source_->times(key_, lane_, counter_, sum, t);
    counter_ += t.size() / 2;
    return tie;
  }
  void below(std::uint32_t first, std::uint32_t n, std::span<std::uint32_t> out) {
    source_->below(key_, lane_, counter_, first, n, out);
    counter_ += out.size() / 2;
  }
  const RandomSource* source() const { return source_; }

 private:
  void refill() {
    fill(buffer_);
    at_ = 0;
  }
  const RandomSource* source_ = nullptr;
  RandomKey key_{};
  std::uint64_t lane_ = 0, counter_ = 0;
  std::size_t at_ = 8;
  std::array<std::uint64_t, 8> buffer_{};
};

}  // namespace volley

#include <cmath>

namespace volley {
inline double Random::exponential() {
  return -std::log(static_cast<double>((bits() >> 11) + 1) * 0x1p-53);
}
inline double Random::normal() {
  const double radius = std::sqrt(2.0 * exponential());
  return radius * std::cos(6.283185307179586 * uniform());
}
}  // namespace volley
