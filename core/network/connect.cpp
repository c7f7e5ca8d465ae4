// SPDX-License-Identifier: Apache-2.0
// Rows in two passes over the same draws: count the synapses of each row, then put them in their places. Parts of a
// pass run in parallel; where a part's synapses go follows from the counts of the parts before it. A part drawn by
// target sorts its synapses by source in cache first: written one by one, each would miss cache and TLB.
#include <network/connect.h>

#include <network/error.h>
#include <network/finish_rows.h>
#include <network/pairs.h>
#include <network/parallel.h>
#include <network/synapses.h>

#include <fmt/format.h>
#include <tbb/enumerable_thread_specific.h>

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
  // Synapses of a part by source.
  std::vector<std::uint32_t> all_partners, next, sorted_codes;
  std::vector<Local> sorted_targets;
  std::vector<float> sorted_weights;
};

class Builder {
 public:
  Builder(const Experiment& e, std::size_t projection, const Placement& placement)
      : projection_(e.projections[projection]), pairs_(e, projection_), weights_(e, projection_),
        delays_(e, projection_), sources_(projection_.from.count), by_source_(pairs_.by_source()),
        own_weights_(!weights_.one() || projection_.rule.has_value()),
        own_delays_(delays_.kind() != Delays::Kind::one) {
    find_stretches(projection, placement);
    make_parts(expected_synapses(e, projection));
  }

  std::vector<Rows> build() {
    parallel_for(parts_.size(), [&](std::size_t k) { count(parts_[k], scratch_.local()); });
    find_firsts();
    place_cursors();
    parallel_for(parts_.size(), [&](std::size_t k) {
      fill(parts_[k], scratch_.local());
      parts_[k].cursor = {};
    });
    std::erase_if(rows_, [](const Rows& r) { return r.size() == 0; });
    finish_rows(rows_, delays_, !by_source_);
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

  // Synapses that a part sorts in cache, fewer if threads would wait for the last part; but cursors stay small beside
  // the synapses.
  void make_parts(double synapses) {
    const double threads = std::max(1, worker_count()), in_cache = 1 << 17;
    const double of_a_part = std::max(4.0 * sources_, std::min(in_cache, synapses / (4.0 * threads)));
    const double wanted = pairs_.units() * of_a_part / std::max(1.0, synapses);
    const auto size = static_cast<std::uint32_t>(std::clamp(wanted, 1.0, 1.0 * std::max(1u, pairs_.units())));
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
    total_ = std::reduce(degree_.begin(), degree_.end());
    for (const std::span<const double> own : {weights_.own(), delays_.own()})
      if (!own.empty() && own.size() != total_)
        throw InputError(projection_.where,
                         fmt::format("{} values for {} synapses; each needs one", own.size(), total_));
    std::exclusive_scan(degree_.begin(), degree_.end(), degree_.begin(), std::uint64_t{0});
    if (delays_.needs_longest()) delays_.fit(longest_.combine([](Time a, Time b) { return std::max(a, b); }));
  }

  // Counts become places: rows follow each other, and in each row the parts.
  void place_cursors() {
    std::vector<std::vector<Part*>> parts_of(rows_.size());
    if (!by_source_)
      for (Part& p : parts_) parts_of[p.slot].push_back(&p);
    parallel_for(rows_.size(), [&](std::size_t slot) {
      Rows& r = rows_[slot];
      r.first.assign(std::size_t{sources_} + 1, 0);
      if (by_source_) {
        for (const Part& p : parts_)
          for (std::uint32_t k = 0; k < p.count; ++k) r.first[p.first + k + 1] = p.cursor[slot * p.count + k];
      } else {
        for (const Part* p : parts_of[slot])
          for (std::uint32_t source = 0; source < sources_; ++source) r.first[source + 1] += p->cursor[source];
      }
      std::partial_sum(r.first.begin(), r.first.end(), r.first.begin());
      if (by_source_) {
        for (Part& p : parts_)
          for (std::uint32_t k = 0; k < p.count; ++k) p.cursor[slot * p.count + k] = r.first[p.first + k];
      } else {
        std::vector<std::uint64_t> next(r.first.begin(), r.first.end() - 1);
        for (Part* p : parts_of[slot])
          for (std::uint32_t source = 0; source < sources_; ++source)
            next[source] += std::exchange(p->cursor[source], next[source]);
      }
      const std::uint64_t at = r.first.back();
      r.target.resize(at);
      if (own_weights_) r.weight.resize(at);
      if (own_delays_) r.delay.resize(at);
      r.constant = weights_.one() ? weights_.constant() : 0.0f;
    });
  }

  void fill(Part& p, Scratch& s) {
    if (by_source_) fill_by_source(p, s);
    else fill_by_target(p, s);
  }

  // Weights and delays of n synapses of a unit, if each has its own.
  void draw(std::uint32_t unit, std::size_t n, Scratch& s) {
    const Places places{degree_[unit], pairs_.listed(unit)};
    s.numbers.resize(n);
    if (own_weights_ && weights_.one()) {
      s.weights.assign(n, weights_.constant());
    } else if (own_weights_) {
      s.weights.resize(n);
      weights_.of(unit, places, s.numbers, s.weights);
    }
    if (own_delays_) {
      s.codes.resize(n);
      delays_.of(unit, places, s.numbers, s.codes);
    }
  }

  void fill_by_source(Part& p, Scratch& s) {
    for (std::uint32_t unit = p.first; unit < p.first + p.count; ++unit) {
      pairs_.of(unit, s.partners, s.marks);
      draw(unit, s.partners.size(), s);
      for (std::size_t k = 0; k < s.partners.size(); ++k) {
        const Target t = where_[s.partners[k]];
        Rows& r = rows_[t.slot];
        const std::uint64_t at = p.cursor[t.slot * p.count + (unit - p.first)]++;
        r.target[at] = t.local;
        if (own_weights_) r.weight[at] = s.weights[k];
        if (own_delays_) r.delay[at] = s.codes[k];
      }
    }
  }

  void fill_by_target(Part& p, Scratch& s) {
    s.all_partners.clear();
    s.next.assign(std::size_t{sources_} + 1, 0);
    for (std::uint32_t unit = p.first; unit < p.first + p.count; ++unit) {
      pairs_.of(unit, s.partners, s.marks);
      s.all_partners.insert(s.all_partners.end(), s.partners.begin(), s.partners.end());
    }
    for (const std::uint32_t source : s.all_partners) ++s.next[source + 1];
    std::partial_sum(s.next.begin(), s.next.end(), s.next.begin());
    const std::size_t size = s.all_partners.size();
    s.sorted_targets.resize(size);
    if (own_weights_) s.sorted_weights.resize(size);
    if (own_delays_) s.sorted_codes.resize(size);
    const std::uint32_t* partner = s.all_partners.data();
    for (std::uint32_t unit = p.first; unit < p.first + p.count; ++unit) {
      const std::size_t n = (unit + 1 < degree_.size() ? degree_[unit + 1] : total_) - degree_[unit];
      draw(unit, n, s);
      for (std::size_t k = 0; k < n; ++k) {
        const std::uint32_t at = s.next[partner[k]]++;
        s.sorted_targets[at] = static_cast<Local>(p.offset + (unit - p.first));
        if (own_weights_) s.sorted_weights[at] = s.weights[k];
        if (own_delays_) s.sorted_codes[at] = s.codes[k];
      }
      partner += n;
    }
    Rows& r = rows_[p.slot];
    std::uint32_t begin = 0;
    for (std::uint32_t source = 0; source < sources_; ++source) {  // next[source] is now the end of its synapses
      const std::uint32_t end = s.next[source];
      const std::uint64_t at = p.cursor[source];
      for (std::uint32_t k = begin; k < end; ++k) r.target[at + (k - begin)] = s.sorted_targets[k];
      if (own_weights_)
        for (std::uint32_t k = begin; k < end; ++k) r.weight[at + (k - begin)] = s.sorted_weights[k];
      if (own_delays_)
        for (std::uint32_t k = begin; k < end; ++k) r.delay[at + (k - begin)] = s.sorted_codes[k];
      begin = end;
    }
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
  bool by_source_, own_weights_, own_delays_;
  std::vector<Rows> rows_;
  std::vector<Stretch> stretches_;
  std::vector<Part> parts_;
  std::vector<Target> where_;          // of each target; drawn by source only
  std::vector<std::uint64_t> degree_;  // of each unit; then the place of its first pair
  std::uint64_t total_ = 0;
  tbb::enumerable_thread_specific<Time> longest_{Time{0}};
  tbb::enumerable_thread_specific<Scratch> scratch_;
};

}  // namespace

std::vector<Rows> build_rows(const Experiment& e, std::size_t projection, const Placement& placement) {
  return Builder(e, projection, placement).build();
}

}  // namespace volley
