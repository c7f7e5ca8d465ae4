// SPDX-License-Identifier: Apache-2.0
// Rows in order of (delay, target), row by row in parallel; classes and slices; signs.
#include <network/finish_rows.h>

#include <network/connect.h>
#include <network/parallel.h>

#include <tbb/enumerable_thread_specific.h>

#include <algorithm>
#include <cstdint>
#include <span>

namespace volley {
namespace {

struct Scratch {
  struct Key {
    std::uint64_t order;  // delay, target
    std::uint64_t place;  // ties in the order drawn
    auto operator<=>(const Key&) const = default;
  };
  std::vector<Key> keys;
  std::vector<std::uint64_t> from;  // the row's old places in their new order
  std::vector<std::uint32_t> count;
  std::vector<std::uint32_t> words;
  std::vector<Local> targets;
  std::vector<float> weights;
};

template <class T>
void permute(Large<T>& values, std::vector<T>& copy, std::uint64_t first, std::span<const std::uint64_t> from) {
  if (values.empty()) return;
  copy.resize(from.size());
  for (std::size_t k = 0; k < from.size(); ++k) copy[k] = values[first + from[k]];
  std::copy(copy.begin(), copy.end(), values.begin() + static_cast<std::ptrdiff_t>(first));
}

// Stable counting sort of a row whose targets ascend already; codes are below `codes`.
void order_by_code(const Rows& r, std::uint64_t first, std::size_t n, std::size_t codes, Scratch& s) {
  s.count.assign(codes + 1, 0);
  const std::uint32_t* code = r.delay.data() + first;
  for (std::size_t k = 0; k < n; ++k) ++s.count[code[k] + 1];
  for (std::size_t c = 1; c < codes; ++c) s.count[c] += s.count[c - 1];
  for (std::size_t k = 0; k < n; ++k) s.from[s.count[code[k]]++] = k;
}

void order_by_key(const Rows& r, std::uint64_t first, std::size_t n, Scratch& s) {
  s.keys.resize(n);
  for (std::size_t k = 0; k < n; ++k) {
    const std::uint64_t delay = r.delay.empty() ? 0 : r.delay[first + k];
    s.keys[k] = {delay << 16 | r.target[first + k], k};
  }
  std::sort(s.keys.begin(), s.keys.end());
  for (std::size_t k = 0; k < n; ++k) s.from[k] = s.keys[k].place;
}

void sort_row(Rows& r, std::uint32_t row, bool by_target, Scratch& s) {
  const std::uint64_t first = r.first[row];
  const std::size_t n = r.first[row + 1] - first;
  const std::size_t codes = r.classes.size();
  s.from.resize(n);
  if (by_target && codes > 0 && codes <= 64 + 4 * n) order_by_code(r, first, n, codes, s);
  else order_by_key(r, first, n, s);
  permute(r.target, s.targets, first, s.from);
  permute(r.weight, s.weights, first, s.from);
  permute(r.delay, s.words, first, s.from);
}

// The codes that occur become classes 0, 1, ... of ascending delay.
void make_classes(std::vector<Rows>& all, const Delays& delays) {
  std::vector<char> used(delays.codes());
  tbb::enumerable_thread_specific<std::vector<char>> partial(used);
  for (const Rows& r : all)
    parallel_ranges(r.delay.size(), 1 << 16, [&](std::size_t begin, std::size_t end) {
      std::vector<char>& mine = partial.local();
      for (std::size_t k = begin; k < end; ++k) mine[r.delay[k]] = 1;
    });
  for (const auto& mine : partial)
    for (std::size_t c = 0; c < used.size(); ++c) used[c] |= mine[c];
  std::vector<std::uint32_t> number(used.size());
  std::vector<Time> classes;
  for (std::size_t c = 0; c < used.size(); ++c) {
    if (!used[c]) continue;
    number[c] = static_cast<std::uint32_t>(classes.size());
    classes.push_back(delays.time(static_cast<std::uint32_t>(c)));
  }
  for (Rows& r : all) {
    r.classes = classes;
    if (classes.size() == 1) {
      r.delay = {};
      continue;
    }
    parallel_ranges(r.delay.size(), 1 << 16, [&](std::size_t begin, std::size_t end) {
      for (std::size_t k = begin; k < end; ++k) r.delay[k] = number[r.delay[k]];
    });
  }
}

// Runs of equal class in a row; the class of each synapse is no longer needed.
void make_slices(Rows& r) {
  r.slice_first.assign(std::size_t{r.sources} + 1, 0);
  const auto each_slice = [&](std::size_t row, auto f) {
    for (std::uint64_t k = r.first[row]; k < r.first[row + 1]; ++k)
      if (k + 1 == r.first[row + 1] || r.delay[k + 1] != r.delay[k]) f(k);
  };
  parallel_for(r.sources, [&](std::size_t row) {
    each_slice(row, [&](std::uint64_t) { ++r.slice_first[row + 1]; });
  });
  for (std::uint32_t row = 0; row < r.sources; ++row) r.slice_first[row + 1] += r.slice_first[row];
  r.slice_class.resize(r.slice_first.back());
  r.slice_end.resize(r.slice_first.back());
  parallel_for(r.sources, [&](std::size_t row) {
    std::uint32_t slice = r.slice_first[row];
    each_slice(row, [&](std::uint64_t k) {
      r.slice_class[slice] = static_cast<std::uint16_t>(r.delay[k]);
      r.slice_end[slice++] = static_cast<std::uint32_t>(k + 1 - r.first[row]);
    });
  });
  r.delay = {};
}

void note_sign(Rows& r) {
  r.all_negative = r.weight.empty() ? r.constant <= 0.0f
                                    : std::ranges::all_of(r.weight, [](float w) { return w <= 0.0f; });
}

}  // namespace

void finish_rows(std::vector<Rows>& all, const Delays& delays, bool by_target) {
  switch (delays.kind()) {
    case Delays::Kind::one:
      for (Rows& r : all) r.classes = {delays.time(0)};
      break;
    case Delays::Kind::table:
    case Delays::Kind::steps: make_classes(all, delays); break;
    case Delays::Kind::multiples:
      for (Rows& r : all) r.unit = delays.unit();
      break;
  }
  tbb::enumerable_thread_specific<Scratch> scratch;
  for (Rows& r : all) {
    if (!by_target || !r.delay.empty())
      parallel_ranges(r.sources, 1, [&](std::size_t begin, std::size_t end) {
        Scratch& mine = scratch.local();
        for (std::size_t row = begin; row < end; ++row) sort_row(r, static_cast<std::uint32_t>(row), by_target, mine);
      });
    if (r.classes.size() > 1) make_slices(r);
    note_sign(r);
  }
}

Time delay_of(const Rows& r, std::uint32_t row, std::uint64_t synapse) {
  if (r.continuous()) return static_cast<Time>(r.delay[synapse]) * r.unit;
  if (r.classes.size() == 1) return r.classes[0];
  const auto begin = r.slice_end.begin();
  const auto slice = std::upper_bound(begin + r.slice_first[row], begin + r.slice_first[row + 1],
                                      static_cast<std::uint32_t>(synapse - r.first[row]));
  return r.classes[r.slice_class[static_cast<std::size_t>(slice - begin)]];
}

}  // namespace volley
