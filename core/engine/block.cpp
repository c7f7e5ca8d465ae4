// SPDX-License-Identifier: Apache-2.0
#include <engine/block.h>

#include <algorithm>
#include <tuple>

namespace volley {

// Order inside an instant: projection (tables ascend by it), source, row position.
bool Block::later(const Volley& a, const Volley& b) {
  return std::tie(a.t, a.table, a.row, a.cursor, a.spike) > std::tie(b.t, b.table, b.row, b.cursor, b.spike);
}

// The slice under a volley's cursor (continuous delays: one synapse).
Block::Part Block::part_of(const Volley& v) const {
  const Rows& r = tables[v.table].rows;
  const std::uint64_t first = r.first[v.row], size = r.first[v.row + 1] - first;
  if (r.continuous()) {
    if (v.cursor >= size) return {never, 0, 0, 0};
    const std::uint64_t k = first + v.cursor;
    return {v.spike + static_cast<Time>(r.delay[k]) * r.unit, k, 1, k};
  }
  if (r.slice_first.empty()) {
    if (v.cursor > 0 || size == 0) return {never, 0, 0, 0};
    return {v.spike + r.classes[0], first, static_cast<std::uint32_t>(size), v.row};
  }
  const std::uint32_t slice = r.slice_first[v.row] + v.cursor;
  if (slice >= r.slice_first[v.row + 1]) return {never, 0, 0, 0};
  const std::uint32_t begin = v.cursor == 0 ? 0 : r.slice_end[slice - 1];
  return {v.spike + r.classes[r.slice_class[slice]], first + begin, r.slice_end[slice] - begin, slice};
}

void Block::send(std::uint32_t table, std::uint32_t row, Time spike, double factor, double e) {
  Volley v{0, table, row, 0, spike, factor, e};
  v.t = part_of(v).t;
  if (v.t == never) return;
  const Rows& r = tables[table].rows;
  sent += r.first[row + 1] - r.first[row];
  queue_.push_back(v);
  std::push_heap(queue_.begin(), queue_.end(), later);
}

std::uint64_t Block::pending() const {
  std::uint64_t n = 0;
  for (Volley v : queue_)
    for (Part p = part_of(v); p.t != never; ++v.cursor, p = part_of(v)) n += p.count;
  return n;
}

Time Block::next_activity() const {
  Time t = std::min(kernel->next_event(), pass_due_);
  if (!queue_.empty()) t = std::min(t, queue_.front().t);
  for (const SynapseTable& x : tables)
    if (x.plastic) t = std::min(t, x.plastic->next_event());
  return t;
}

void Block::run(Time from, Time until) {
  spikes.clear();
  if (pass_due_ != never) pass_due_ = std::min(pass_due_, from);
  for (Time t = next_activity(); t < until; t = next_activity()) instant(std::max(t, from), until);
}

Volley Block::pop() {
  std::pop_heap(queue_.begin(), queue_.end(), later);
  const Volley v = queue_.back();
  queue_.pop_back();
  return v;
}

void Block::forward(Volley v) {
  ++v.cursor;
  v.t = part_of(v).t;
  if (v.t == never) return;
  queue_.push_back(v);
  std::push_heap(queue_.begin(), queue_.end(), later);
}

void Block::deliver(Time t, const Volley& v, const Part& part) {
  SynapseTable& table = tables[v.table];
  const Rows& r = table.rows;
  kernel->receive(t, table.port, v.factor,
                  {r.target.data() + part.begin, r.weight.empty() ? nullptr : r.weight.data() + part.begin,
                   r.constant, part.count});
  if (table.plastic) table.plastic->on_pre(t, part.begin, part.count, part.trace, v.e);
  (table.external ? external_events : synaptic_events) += part.count;
}

void Block::instant(Time t, Time until) {
  // A pass is due, or something reaches a sleeping block.
  if (t >= pass_due_ || pass_due_ == never) pass_due_ = kernel->horizon(t, until);

  const bool reached = kernel->next_event() <= t || (!queue_.empty() && queue_.front().t <= t);

  now_.clear();
  while (!queue_.empty() && queue_.front().t <= t) {
    const Volley v = pop();
    now_.push_back(v);
    forward(v);
  }
  for (const Volley& v : now_) {
    if (!tables[v.table].drive) continue;
    const Rows& r = tables[v.table].rows;
    const Part part = part_of(v);
    for (std::uint64_t k = part.begin; k < part.begin + part.count; ++k)
      kernel->drive(t, r.target[k], static_cast<double>(r.weight.empty() ? r.constant : r.weight[k]) * v.factor);
    external_events += part.count;
  }
  kernel->begin(t);
  for (const Volley& v : now_)
    if (!tables[v.table].drive) deliver(t, v, part_of(v));
  fired_.clear();
  kernel->settle(t, fired_);
  if (reached && pass_due_ == never) pass_due_ = kernel->wake();
  for (const Local i : fired_) {
    spikes.push_back({t, i});
    for (SynapseTable& x : tables)
      if (x.plastic) x.plastic->fired(t, i);
  }
  for (SynapseTable& x : tables)
    if (x.plastic) x.plastic->run_due(t);
}

}  // namespace volley
