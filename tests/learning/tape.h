// SPDX-License-Identifier: Apache-2.0
// A slow reverse-mode graph, written without any of the engine's code: scalars on a tape.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

namespace volley::test {

class Tape {
 public:
  struct Node { double value, gradient; std::size_t parent[2]; double slope[2]; };

  std::size_t number(double x) { return push(x, 0, 0.0, 0, 0.0); }
  std::size_t add(std::size_t a, std::size_t b) { return push(at(a) + at(b), a, 1.0, b, 1.0); }
  std::size_t times(std::size_t a, std::size_t b) { return push(at(a) * at(b), a, at(b), b, at(a)); }
  std::size_t one_minus(std::size_t a) { return push(1.0 - at(a), a, -1.0, a, 0.0); }
  // A function whose value and slope are given.
  std::size_t apply(std::size_t a, double value, double slope) { return push(value, a, slope, a, 0.0); }

  double at(std::size_t k) const { return nodes_[k].value; }
  double gradient(std::size_t k) const { return nodes_[k].gradient; }
  void seed(std::size_t k, double g) { nodes_[k].gradient += g; }
  void back() {
    for (std::size_t k = nodes_.size(); k-- > 0;)
      for (int j = 0; j < 2; ++j)
        if (nodes_[k].slope[j] != 0.0) nodes_[nodes_[k].parent[j]].gradient += nodes_[k].slope[j] * nodes_[k].gradient;
  }

 private:
  std::size_t push(double v, std::size_t a, double da, std::size_t b, double db) {
    nodes_.push_back({v, 0.0, {a, b}, {da, db}});
    return nodes_.size() - 1;
  }
  std::vector<Node> nodes_;
};

}  // namespace volley::test
