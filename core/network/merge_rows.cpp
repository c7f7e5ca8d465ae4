// SPDX-License-Identifier: Apache-2.0
#include <network/merge_rows.h>

#include <network/parallel.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <span>
#include <utility>

namespace volley {
namespace {

constexpr std::uint32_t no_class = 1u << 16;  // above every class of a slice

// What is left of a part's row: synapses from `at` on, slice by slice. A row of one delay is one slice.
struct Rest {
  const Rows* rows;
  std::span<const std::uint16_t> merged_class;  // of the part's classes
  std::uint64_t first, at, end;                 // synapses: of the row's start, next, end
  std::uint32_t slice = 0;

  Rest(const Rows& r, std::span<const std::uint16_t> merged, std::size_t row)
      : rows(&r), merged_class(merged), first(r.first[row]), at(first), end(r.first[row + 1]),
        slice(r.slice_first.empty() ? 0 : r.slice_first[row]) {}

  std::uint16_t next_class() const { return merged_class[rows->slice_class.empty() ? 0 : rows->slice_class[slice]]; }
  std::uint64_t next_end() const { return rows->slice_end.empty() ? end : first + rows->slice_end[slice]; }
};

// Synapses of one part that follow one another.
struct Piece {
  const Rows* rows;
  std::uint64_t from, to;
};

// f(class, pieces, synapses) for the slices of a row in their new order.
template <class F>
void each_slice(std::vector<Rest>& rests, F f) {
  std::vector<Piece> pieces;
  while (true) {
    std::uint32_t least = no_class;
    for (const Rest& r : rests)
      if (r.at < r.end) least = std::min<std::uint32_t>(least, r.next_class());
    if (least == no_class) return;
    pieces.clear();
    std::uint64_t count = 0;
    for (Rest& r : rests) {
      if (r.at == r.end || r.next_class() != least) continue;
      const std::uint64_t to = r.next_end();
      pieces.push_back({r.rows, r.at, to});
      count += to - r.at;
      r.at = to;
      ++r.slice;
    }
    f(least, std::span<const Piece>(pieces), count);
  }
}

template <class T>
void copy(const Large<T>& from, const Piece& p, T* to) {
  std::copy(from.data() + p.from, from.data() + p.to, to);
}

// What the merged rows are, before their synapses.
struct Merged {
  explicit Merged(const std::vector<Rows>& of) : parts(of) {
    all.projection = parts.front().projection;
    all.block = parts.front().block;
    all.sources = parts.front().sources;
    all.constant = parts.front().constant;
    all.all_negative = std::ranges::all_of(parts, &Rows::all_negative);
    all.classes = all_delays(parts);
    for (const Rows& r : parts) {
      merged_class.emplace_back();
      for (const Time t : r.classes)
        merged_class.back().push_back(
            static_cast<std::uint16_t>(std::ranges::lower_bound(all.classes, t) - all.classes.begin()));
    }
    all.first.assign(std::size_t{all.sources} + 1, 0);
    for (const Rows& r : parts)
      for (std::size_t row = 0; row <= all.sources; ++row) all.first[row] += r.first[row];
  }

  std::vector<Rest> rests(std::size_t row) const {
    std::vector<Rest> of;
    for (std::size_t k = 0; k < parts.size(); ++k) of.emplace_back(parts[k], merged_class[k], row);
    return of;
  }

  const std::vector<Rows>& parts;
  std::vector<std::vector<std::uint16_t>> merged_class;  // by part and its class
  Rows all;
};

}  // namespace

bool mergeable(std::span<const Rows* const> parts, const Rows& r) {
  const Rows& a = *parts.front();
  std::size_t classes = r.classes.size();
  for (const Rows* p : parts) classes += p->classes.size();
  return a.block == r.block && a.sources == r.sources && !a.continuous() && !r.continuous() && classes <= no_class &&
         a.weight.empty() == r.weight.empty() && (!a.weight.empty() || a.constant == r.constant);
}

std::vector<Time> all_delays(std::span<const Rows> parts) {
  std::vector<Time> all;
  for (const Rows& r : parts) all.insert(all.end(), r.classes.begin(), r.classes.end());
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

Rows merge_rows(std::vector<Rows> parts) {
  Merged m(parts);
  Rows& all = m.all;
  const bool slices = all.classes.size() > 1;
  all.target.resize(all.first.back());
  if (!parts.front().weight.empty()) all.weight.resize(all.first.back());
  if (slices) {
    all.slice_first.assign(std::size_t{all.sources} + 1, 0);
    parallel_for(all.sources, [&](std::size_t row) {
      std::vector<Rest> of = m.rests(row);
      each_slice(of, [&](std::uint32_t, std::span<const Piece>, std::uint64_t) { ++all.slice_first[row + 1]; });
    });
    std::partial_sum(all.slice_first.begin(), all.slice_first.end(), all.slice_first.begin());
    all.slice_class.resize(all.slice_first.back());
    all.slice_end.resize(all.slice_first.back());
  }
  parallel_for(all.sources, [&](std::size_t row) {
    std::vector<Rest> of = m.rests(row);
    std::uint64_t at = all.first[row];
    std::uint32_t slice = slices ? all.slice_first[row] : 0;
    each_slice(of, [&](std::uint32_t c, std::span<const Piece> pieces, std::uint64_t) {
      for (const Piece& p : pieces) {
        copy(p.rows->target, p, &all.target[at]);
        if (!all.weight.empty()) copy(p.rows->weight, p, &all.weight[at]);
        at += p.to - p.from;
      }
      if (!slices) return;
      all.slice_class[slice] = static_cast<std::uint16_t>(c);
      all.slice_end[slice++] = static_cast<std::uint32_t>(at - all.first[row]);
    });
  });
  return std::move(all);
}

Rows pack_rows(std::vector<Rows> parts) {
  Merged m(parts);
  Packed& packed = m.all.packed;
  packed.own_weights = !parts.front().weight.empty();
  packed.first.assign(std::size_t{m.all.sources} + 1, 0);
  parallel_for(m.all.sources, [&](std::size_t row) {
    std::vector<Rest> of = m.rests(row);
    each_slice(of, [&](std::uint32_t, std::span<const Piece>, std::uint64_t count) {
      packed.first[row + 1] += packed.size_of(count);
    });
  });
  std::partial_sum(packed.first.begin(), packed.first.end(), packed.first.begin());
  packed.bytes.resize(packed.first.back());
  parallel_for(m.all.sources, [&](std::size_t row) {
    std::vector<Rest> of = m.rests(row);
    std::byte* at = packed.bytes.data() + packed.first[row];
    each_slice(of, [&](std::uint32_t c, std::span<const Piece> pieces, std::uint64_t count) {
      const Packed::Head head{c, static_cast<std::uint32_t>(count)};
      std::memcpy(at, &head, sizeof head);
      auto* weight = reinterpret_cast<float*>(at + sizeof head);
      auto* target = reinterpret_cast<Local*>(weight + (packed.own_weights ? count : 0));
      for (const Piece& p : pieces) {
        if (packed.own_weights) copy(p.rows->weight, p, weight), weight += p.to - p.from;
        copy(p.rows->target, p, target), target += p.to - p.from;
      }
      at += packed.size_of(count);
    });
  });
  return std::move(m.all);
}

}  // namespace volley
