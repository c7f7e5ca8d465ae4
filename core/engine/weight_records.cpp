// SPDX-License-Identifier: Apache-2.0
#include <engine/weight_records.h>

#include <network/connect.h>

#include <algorithm>
#include <tuple>

namespace volley {
namespace {

// Of each of `count` units, whether it is on a list; an empty list means all.
std::vector<char> chosen(const std::vector<std::uint32_t>& list, std::uint32_t count) {
  std::vector<char> yes(count, list.empty());
  for (const std::uint32_t x : list) yes[x] = 1;
  return yes;
}

// A projection's synapses into one block, and which of them a record watches.
struct Part {
  SynapseTable* table;
  std::size_t block;
  std::size_t neurons;
  std::vector<std::uint32_t> watched;
  std::vector<std::uint64_t> index;
};

}  // namespace

WeightRecords::WeightRecords(const Experiment& e, BuiltNetwork& n) {
  for (const WeightRecord& r : e.record.weights) list(e, n, r);
}

void WeightRecords::list(const Experiment& e, BuiltNetwork& n, const WeightRecord& r) {
  const ProjectionSpec& p = e.projections[r.projection];
  std::vector<Part> parts;
  for (std::size_t b = 0; b < n.blocks.size(); ++b)
    for (SynapseTable& t : n.blocks[b]->tables)
      if (t.rows.projection == r.projection)
        parts.push_back({&t, b, n.placement.block_size[b], {}, {}});

  SynapseList list;
  std::vector<const float*> weight;
  const std::vector<char> sources = chosen(r.sources, p.from.count), targets = chosen(r.targets, p.to.count);
  struct Synapse {
    Time delay;
    std::uint32_t target;
    Part* part;
    std::uint64_t place;
  };
  std::vector<Synapse> row;
  for (std::uint32_t source = 0; source < p.from.count; ++source) {
    if (!sources[source]) continue;
    row.clear();
    for (Part& part : parts) {
      const Rows& rows = part.table->rows;
      for (std::uint64_t k = rows.first[source]; k < rows.first[source + 1]; ++k) {
        const Run& run = n.run_of(part.block, rows.target[k]);
        const std::uint32_t target = run.first + (rows.target[k] - run.offset);
        if (targets[target - p.to.first]) row.push_back({delay_of(rows, source, k), target, &part, k});
      }
    }
    // Each part is in this order already, and holds targets of its own.
    if (parts.size() > 1)
      std::stable_sort(row.begin(), row.end(), [](const Synapse& a, const Synapse& b) {
        return std::tie(a.delay, a.target) < std::tie(b.delay, b.target);
      });
    for (const Synapse& s : row) {
      const Rows& rows = s.part->table->rows;
      if (r.on_change) {
        s.part->watched.push_back(static_cast<std::uint32_t>(s.place));
        s.part->index.push_back(weight.size());
      }
      weight.push_back(rows.weight.empty() ? &rows.constant : &rows.weight[s.place]);
      list.source.push_back(p.from.first + source);
      list.target.push_back(s.target);
      list.weight.push_back(*weight.back());
      list.delay_ms.push_back(to_ms(s.delay));
    }
  }
  lists_.push_back(std::move(list));
  weight_.push_back(std::move(weight));

  logs_.emplace_back();
  for (Part& part : parts) {
    if (part.watched.empty()) continue;
    logs_.back().push_back(std::make_unique<ChangeLog>(part.table->rows, part.neurons, std::move(part.watched),
                                                       std::move(part.index)));
    part.table->plastic->logs.push_back(logs_.back().back().get());
  }
}

void WeightRecords::read(std::size_t record, std::vector<float>& out) const {
  out.clear();
  for (const float* w : weight_[record]) out.push_back(*w);
}

void WeightRecords::record_changes(std::size_t record, bool on, Time t) {
  for (const auto& log : logs_[record]) log->record(on, t);
}

void WeightRecords::tell_changes(Results& results) {
  for (std::size_t r = 0; r < logs_.size(); ++r) {
    all_.clear();
    for (const auto& log : logs_[r]) {
      all_.insert(all_.end(), log->changes.begin(), log->changes.end());
      log->changes.clear();
    }
    if (all_.empty()) continue;
    // A synapse lies in one table: of one instant its changes stay in the order in which they happened.
    std::stable_sort(all_.begin(), all_.end(), [](const ChangeLog::Change& a, const ChangeLog::Change& b) {
      return std::tie(a.t, a.synapse) < std::tie(b.t, b.synapse);
    });
    t_.clear(), synapse_.clear(), w_.clear();
    for (const ChangeLog::Change& c : all_) t_.push_back(c.t), synapse_.push_back(c.synapse), w_.push_back(c.weight);
    results.weight_changes(r, t_, synapse_, w_);
  }
}

}  // namespace volley
