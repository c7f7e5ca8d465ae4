// SPDX-License-Identifier: Apache-2.0
// Sorting what is spread over a window: once into as many buckets of time as there are things, then each bucket.
#pragma once

#include <volley/time.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace volley {

// T has a time t; `before` orders by it first.
template <class T>
class TimeOrder {
 public:
  template <class Before>
  void sort(std::vector<T>& all, Before before) {
    constexpr std::size_t few = 32;
    const std::size_t n = all.size();
    Time first = never, last = 0;
    for (const T& x : all) first = std::min(first, x.t), last = std::max(last, x.t);
    if (n < few || first == last) {
      std::sort(all.begin(), all.end(), before);
      return;
    }
    const double scale = static_cast<double>(n) / (static_cast<double>(last - first) + 1.0);
    const auto bucket = [&](const T& x) {
      return std::min(n - 1, static_cast<std::size_t>(static_cast<double>(x.t - first) * scale));
    };
    end_.assign(n, 0);
    for (const T& x : all) ++end_[bucket(x)];
    for (std::size_t k = 1; k < n; ++k) end_[k] += end_[k - 1];
    sorted_.resize(n);
    for (const T& x : all) sorted_[--end_[bucket(x)]] = x;  // ends become beginnings
    all.swap(sorted_);
    for (std::size_t k = 0; k < n; ++k) {
      const std::size_t begin = end_[k], end = k + 1 < n ? end_[k + 1] : n;
      if (end - begin > 1)
        std::sort(all.begin() + static_cast<std::ptrdiff_t>(begin), all.begin() + static_cast<std::ptrdiff_t>(end),
                  before);
    }
  }

 private:
  std::vector<std::uint32_t> end_;
  std::vector<T> sorted_;
};

}  // namespace volley
