// SPDX-License-Identifier: Apache-2.0
// The neurons of a block that an instant may make fire. Each is asked once, in ascending order, however often it is
// marked.
#pragma once

#include <volley/kernel.h>

#include <algorithm>
#include <span>
#include <vector>

namespace volley::detail {

class Marks {
 public:
  void add(Local i) { marked_.push_back(i); }
  void add(std::span<const Local> some) { marked_.insert(marked_.end(), some.begin(), some.end()); }

  // f(i) for each; then none is marked. f marks nobody.
  template <class F>
  void settle(F f) {
    if (marked_.size() > 1) {
      std::sort(marked_.begin(), marked_.end());
      marked_.erase(std::unique(marked_.begin(), marked_.end()), marked_.end());
    }
    for (const Local i : marked_) f(i);
    marked_.clear();
  }

 private:
  std::vector<Local> marked_;
};

}  // namespace volley::detail
