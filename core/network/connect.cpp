// SPDX-License-Identifier: Apache-2.0
// Rows in two passes over the same draws: count the synapses of each row, then put them in their places. Parts of a
// pass run in parallel; where a part's synapses go follows from the counts of the parts before it.
#include <network/connect.h>

#include <network/error.h>
#include <network/pairs.h>
#include <network/sort_rows.h>
#include <network/synapses.h>

#include <fmt/format.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_for_each.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <map>
#include <numeric>

namespace volley {
namespace {

// Targets first .. first + count - 1 of the view, at consecutive places of one block.
struct Stretch {
  std::size_t slot = 0;  // index among the rows
  std::uint32_t first = 0, count = 0;
  Local offset = 0;
};

// Units first .. first + count - 1 of the side that draws. Drawn by target, they are in one block; drawn by source,
// they reach all. A cursor for each row that they reach.
struct Part {
  std::uint32_t first = 0, count = 0;
  std::size_t slot = 0;
  Local offset = 0;
  std::vector<std::uint64_t> cursor;
};

struct Scratch {
  std::vector<std::uint32_t> partners, codes;
  std::vector<bool> marks;
  std::vector<double> numbers;
  std::vector<float> weights;
};

class Builder {
 public:
  Builder(const Experiment& e, std::size_t projection, const Placement& placement)
      : projection_(e.projections[projection]), pairs_(e, projection_), weights_(e, projection_),
        delays_(e, projection_), sources_(projection_.from.count), by_source_(pairs_.by_source()),
        own_weights_(!weights_.one() || projection_.rule.has_value()) {
    find_stretches(projection, placement);
    make_parts(expected_synapses(e, projection));
  }

  std::vector<Rows> build() {
    tbb::parallel_for_each(parts_, [&](Part& p) { count(p, scratch_.local()); });
    find_firsts();
    place_cursors();
    tbb::parallel_for_each(parts_, [&](Part& p) {
      fill(p, scratch_.local());
      p.cursor = {};
    });
    std::erase_if(rows_, [](const Rows& r) { return r.size() == 0; });
    sort_rows(rows_, delays_, !by_source_);
    tbb::parallel_for_each(rows_, [&](Rows& r) { note_signs(r); });
    return std::move(rows_);
  }

 private:
  void find_stretches(std::size_t projection, const Placement& placement) {
    const View& to = projection_.to;
    std::vector<std::pair<std::size_t, Stretch>> found;
    for (const Run& run : placement.of_population[to.population]) {
      const std::uint32_t first = std::max(run.first, to.first);
      const std::uint32_t last = std::min(run.first + run.count, to.first + to.count);
      if (first >= last) continue;
      const auto offset = static_cast<Local>(run.offset + (first - run.first));
      found.push_back({run.block, {0, first - to.first, last - first, offset}});
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
      return std::pair(a.first, a.second.offset) < std::pair(b.first, b.second.offset);
    });
    for (auto& [block, stretch] : found) {
      if (rows_.empty() || rows_.back().block != block) {
        Rows r;
        r.projection = projection;
        r.block = block;
        r.sources = sources_;
        rows_.push_back(std::move(r));
      }
      stretch.slot = rows_.size() - 1;
      stretches_.push_back(stretch);
    }
  }

  // A few parts for each thread, so that none waits long for the last; cursors stay small beside the synapses.
  void make_parts(double synapses) {
    const double most = 4.0 * std::max(1, tbb::this_task_arena::max_concurrency());
    const auto wanted = static_cast<std::uint32_t>(std::clamp(0.25 * synapses / std::max(1u, sources_), 1.0, most));
    const std::uint32_t size = std::max(16u, (pairs_.units() + wanted - 1) / wanted);
    const auto cut = [&](const Stretch& s, std::size_t rows_of_a_unit) {
      for (std::uint32_t k = 0; k < s.count; k += size) {
        Part p{s.first + k, std::min(size, s.count - k), s.slot, static_cast<Local>(s.offset + k), {}};
        p.cursor.resize(by_source_ ? rows_of_a_unit * p.count : sources_);
        parts_.push_back(std::move(p));
      }
    };
    if (by_source_) {
      cut({0, 0, sources_, 0}, rows_.size());
      where_.resize(projection_.to.count);
      for (const Stretch& s : stretches_)
        for (std::uint32_t k = 0; k < s.count; ++k)
          where_[s.first + k] = {static_cast<std::uint32_t>(s.slot), static_cast<Local>(s.offset + k)};
    } else {
      for (const Stretch& s : stretches_) cut(s, 1);
    }
    degree_.resize(pairs_.units());
  }

  void count(Part& p, Scratch& s) {
    Time longest = 0;
    for (std::uint32_t unit = p.first; unit < p.first + p.count; ++unit) {
      pairs_.of(unit, s.partners, s.marks);
      degree_[unit] = s.partners.size();
      if (by_source_)
        for (const std::uint32_t target : s.partners) ++p.cursor[where_[target].slot * p.count + (unit - p.first)];
      else
        for (const std::uint32_t source : s.partners) ++p.cursor[source];
      if (delays_.needs_longest()) {
        s.numbers.resize(s.partners.size());
        longest = std::max(longest, delays_.longest(unit, s.numbers));
      }
    }
    Time& mine = longest_.local();
    mine = std::max(mine, longest);
  }

  // Places in the user's values: pairs count on from unit to unit.
  void find_firsts() {
    const std::uint64_t total = std::reduce(degree_.begin(), degree_.end());
    for (const std::span<const double> own : {weights_.own(), delays_.own()})
      if (!own.empty() && own.size() != total)
        throw InputError(projection_.where, fmt::format("{} values for {} synapses; each needs one", own.size(), total));
    std::exclusive_scan(degree_.begin(), degree_.end(), degree_.begin(), std::uint64_t{0});
    if (delays_.needs_longest()) delays_.fit(longest_.combine([](Time a, Time b) { return std::max(a, b); }));
  }

  // Counts become places: rows follow each other, and in each row the parts.
  void place_cursors() {
    std::vector<std::vector<Part*>> parts_of(rows_.size());
    if (!by_source_)
      for (Part& p : parts_) parts_of[p.slot].push_back(&p);
    tbb::parallel_for(std::size_t{0}, rows_.size(), [&](std::size_t slot) {
      Rows& r = rows_[slot];
      r.first.reserve(std::size_t{sources_} + 1);
      std::uint64_t at = 0;
      const auto take = [&](std::uint64_t& cursor) { at += std::exchange(cursor, at); };
      if (by_source_) {
        for (Part& p : parts_)
          for (std::uint32_t k = 0; k < p.count; ++k) r.first.push_back(at), take(p.cursor[slot * p.count + k]);
      } else {
        for (std::uint32_t source = 0; source < sources_; ++source) {
          r.first.push_back(at);
          for (Part* p : parts_of[slot]) take(p->cursor[source]);
        }
      }
      r.first.push_back(at);
      r.target.resize(at);
      if (own_weights_) r.weight.resize(at);
      if (delays_.kind() != Delays::Kind::one) r.delay.resize(at);
      r.constant = weights_.one() ? weights_.constant() : 0.0f;
    });
  }

  void fill(Part& p, Scratch& s) {
    const bool own_delays = delays_.kind() != Delays::Kind::one;
    for (std::uint32_t unit = p.first; unit < p.first + p.count; ++unit) {
      pairs_.of(unit, s.partners, s.marks);
      const std::size_t n = s.partners.size();
      const Places places{degree_[unit], pairs_.listed(unit)};
      s.numbers.resize(n);
      if (own_weights_ && weights_.one()) {
        s.weights.assign(n, weights_.constant());
      } else if (own_weights_) {
        s.weights.resize(n);
        weights_.of(unit, places, s.numbers, s.weights);
      }
      if (own_delays) {
        s.codes.resize(n);
        delays_.of(unit, places, s.numbers, s.codes);
      }
      const auto put = [&](Rows& r, std::uint64_t at, Local target, std::size_t k) {
        r.target[at] = target;
        if (own_weights_) r.weight[at] = s.weights[k];
        if (own_delays) r.delay[at] = s.codes[k];
      };
      if (by_source_) {
        for (std::size_t k = 0; k < n; ++k) {
          const Target t = where_[s.partners[k]];
          put(rows_[t.slot], p.cursor[t.slot * p.count + (unit - p.first)]++, t.local, k);
        }
      } else {
        Rows& r = rows_[p.slot];
        const auto target = static_cast<Local>(p.offset + (unit - p.first));
        for (std::size_t k = 0; k < n; ++k) put(r, p.cursor[s.partners[k]]++, target, k);
      }
    }
  }

  static void note_signs(Rows& r) {
    const auto [low, high] = r.weight.empty() ? std::pair(r.constant, r.constant) : extremes(r.weight);
    r.all_positive = low >= 0.0f;
    r.all_negative = high <= 0.0f;
  }
  static std::pair<float, float> extremes(const std::vector<float>& w) {
    float low = w[0], high = w[0];
    for (const float x : w) {
      low = std::min(low, x);
      high = std::max(high, x);
    }
    return {low, high};
  }

  struct Target {
    std::uint32_t slot = 0;
    Local local = 0;
  };

  const ProjectionSpec& projection_;
  Pairs pairs_;
  Weights weights_;
  Delays delays_;
  std::uint32_t sources_;
  bool by_source_, own_weights_;
  std::vector<Rows> rows_;
  std::vector<Stretch> stretches_;
  std::vector<Part> parts_;
  std::vector<Target> where_;          // of each target; drawn by source only
  std::vector<std::uint64_t> degree_;  // of each unit; then the place of its first pair
  tbb::enumerable_thread_specific<Time> longest_{Time{0}};
  tbb::enumerable_thread_specific<Scratch> scratch_;
};

}  // namespace

std::vector<Rows> build_rows(const Experiment& e, std::size_t projection, const Placement& placement) {
  return Builder(e, projection, placement).build();
}

}  // namespace volley
