// SPDX-License-Identifier: Apache-2.0
#include <experiment/event_frames.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace volley {

Bins read_bins(const Keys& keys, Node& resolved) {
  const Node& bin = keys.at("bin", "the time of a row, such as 10 ms");
  Bins b{.bin = read_quantity(bin, {.unit = "ms"}) / 1000.0};
  if (b.bin <= 0.0) throw InputError(bin.where, fmt::format("found {}; a bin is longer than 0 ms", bin.found()));
  if (const Node* counts = keys.find("counts")) b.counts = read_flag(*counts);
  resolved["counts"] = Node::of(b.counts ? "true" : "false");
  return b;
}

void add_events(Dataset::Field& f, const Events& e, const Bins& b) {
  const auto row_of = [&](std::size_t k) { return static_cast<std::size_t>(e.times[k] / b.bin); };
  std::vector<std::size_t> order(e.times.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
    return std::pair(row_of(i), e.inputs[i]) < std::pair(row_of(j), e.inputs[j]);
  });
  const std::size_t rows = order.empty() ? 1 : row_of(order.back()) + 1, first = f.ends.size();
  f.ends.resize(first + rows);
  std::size_t next = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t begin = f.columns.size();
    for (; next < order.size() && row_of(order[next]) == row; ++next)
      if (b.counts || f.columns.size() == begin || f.columns.back() != e.inputs[order[next]])
        f.columns.push_back(e.inputs[order[next]]);
    f.ends[first + row] = f.columns.size();
  }
  f.start.push_back(f.ends.size());
}

}  // namespace volley
