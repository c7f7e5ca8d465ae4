// SPDX-License-Identifier: Apache-2.0
#include <engine/block.h>

#include <algorithm>
#include <tuple>

namespace volley {

// Order inside an instant: projection (tables ascend by it), source, row position.
bool Block::before(const Arrival& x, const Arrival& y) {
  const Volley &a = x.volley, &b = y.volley;
  if (a.t != b.t) return a.t < b.t;
  return std::tie(a.table, a.row, a.cursor, a.spike) < std::tie(b.table, b.row, b.cursor, b.spike);
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
  queue.push(v);
}

std::uint64_t Block::pending() const {
  std::uint64_t n = 0;
  queue.each([&](Volley v) {
    for (Part p = part_of(v); p.t != never; ++v.cursor, p = part_of(v)) n += p.count;
  });
  return n;
}

// All arrivals before `until`, in order.
void Block::unfold(Time until) {
  due_.clear();
  taken_.clear();
  at_ = 0;
  queue.take(until, taken_);
  for (Volley& v : taken_) {
    Part p = part_of(v);
    for (; p.t < until; ++v.cursor, p = part_of(v)) {
      v.t = p.t;
      due_.push_back({v, p});
    }
    v.t = p.t;
    if (v.t != never) queue.push(v);
  }
  std::sort(due_.begin(), due_.end(), before);
}

Time Block::next_instant() const {
  Time t = std::min(kernel->next_event(), pass_due_);
  if (at_ < due_.size()) t = std::min(t, due_[at_].volley.t);
  for (const SynapseTable& x : tables)
    if (x.plastic) t = std::min(t, x.plastic->next_event());
  return t;
}

Time Block::next_activity() const {
  Time t = std::min(next_instant(), queue.next());
  for (const DirectStream& s : streams) t = std::min(t, s.next());
  return t;
}

Time Block::next_of_streams() {
  Time t = never;
  for (DirectStream& s : streams) {
    s.fill(until_);
    t = std::min(t, s.next());
  }
  return t;
}

void Block::run(Time from, Time until, const std::atomic<bool>& stop) {
  spikes.clear();
  until_ = until;
  unfold(until);
  while (!stop.load(std::memory_order_relaxed)) {
    const Time next = std::min(next_instant(), until);
    const Time first = streams.empty() ? never : next_of_streams();
    if (first < next) flow(first, next, stop);
    else if (next < until) instant(std::max(next, from));
    else break;
  }
}

// Streams up to the next instant. They may run ahead of one another, since no two reach the same neuron; the first
// thing that one of them causes ends the stretch for all.
void Block::flow(Time first, Time limit, const std::atomic<bool>& stop) {
  if (pass_due_ == never) pass_due_ = kernel->horizon(first);
  limit = std::min({limit, pass_due_ == never ? kernel->wake() : pass_due_, kernel->reach(first)});
  bool tied = false;
  for (DirectStream& s : streams) {
    for (s.fill(until_); s.next() < limit && !stop.load(std::memory_order_relaxed); s.fill(until_)) {
      const Stream events = s.before(limit);
      if (events.count == 0) {
        limit = s.next();
        tied = true;
        break;
      }
      const DirectStream::Wiring& w = s.wiring;
      const std::size_t n = kernel->receive_stream(tables[w.table].port, w.factor, events, streamed_);
      s.take(n);
      sent += n;
      external_events += n;
      limit = std::min(limit, kernel->next_event());
    }
  }
  if (pass_due_ == never) pass_due_ = kernel->wake();
  for (const Spiked& x : streamed_) {
    spikes.push_back(x);
    for (SynapseTable& table : tables)
      if (table.plastic) table.plastic->fired(x.t, x.neuron);
  }
  streamed_.clear();
  if (tied && limit <= next_instant()) instant(limit);
}

Slice Block::slice_of(const Arrival& a) const {
  const SynapseTable& table = tables[a.volley.table];
  const Rows& r = table.rows;
  return {r.target.data() + a.part.begin, r.weight.empty() ? nullptr : r.weight.data() + a.part.begin, r.constant,
          a.part.count, r.all_negative && !table.plastic};
}

// The slice to be asked of memory while one of `count` synapses, the `at`-th of the window, is read: the next one, or a
// later one where they are too short to hide the time that memory takes.
const Block::Arrival* Block::after(std::size_t at, std::uint32_t count) const {
  const std::size_t next = at + (count < 64 ? 8 : 1);
  return next < due_.size() ? &due_[next] : nullptr;
}

void Block::deliver(const Arrival& a, const Arrival* next) {
  SynapseTable& table = tables[a.volley.table];
  Slice slice = slice_of(a);
  if (next) {
    const Slice s = slice_of(*next);
    slice.next_target = s.target, slice.next_weight = s.weight;
  }
  kernel->receive(a.part.t, table.port, a.volley.factor, slice);
  if (table.plastic) table.plastic->on_pre(a.part.t, a.part.begin, a.part.count, a.part.trace, a.volley.e);
  (table.external ? external_events : synaptic_events) += a.part.count;
}

// Arrivals of streams at t take their places among the others.
void Block::join_streams(Time t, std::span<const Arrival>& now) {
  joined_.clear();
  for (DirectStream& s : streams)
    for (s.fill(until_); s.next() == t; s.fill(until_)) {
      const DirectStream::Wiring& w = s.wiring;
      const std::uint32_t row = s.row();
      const std::uint64_t synapse = tables[w.table].rows.first[row];
      joined_.push_back({{t, w.table, row, 0, t - w.delay, w.factor, 1.0}, {t, synapse, 1, row}});
      s.take(1);
      ++sent;
    }
  if (joined_.empty()) return;
  joined_.insert(joined_.end(), now.begin(), now.end());
  std::sort(joined_.begin(), joined_.end(), before);
  now = joined_;
}

void Block::instant(Time t) {
  // A pass is due, or something reaches a sleeping block.
  if (t >= pass_due_ || pass_due_ == never) pass_due_ = kernel->horizon(t);

  const std::size_t begin = at_;
  while (at_ < due_.size() && due_[at_].volley.t <= t) ++at_;
  std::span<const Arrival> now(due_.data() + begin, at_ - begin);
  if (!streams.empty()) join_streams(t, now);
  const bool reached = kernel->next_event() <= t || !now.empty();

  for (SynapseTable& x : tables)
    if (x.plastic) x.plastic->run_due(t - 1);
  for (const Arrival& a : now) {
    if (!tables[a.volley.table].drive) continue;
    const Rows& r = tables[a.volley.table].rows;
    for (std::uint64_t k = a.part.begin; k < a.part.begin + a.part.count; ++k)
      kernel->drive(t, r.target[k],
                    static_cast<double>(r.weight.empty() ? r.constant : r.weight[k]) * a.volley.factor);
    external_events += a.part.count;
  }
  kernel->begin(t);
  for (std::size_t k = 0; k < now.size(); ++k)
    if (!tables[now[k].volley.table].drive)
      deliver(now[k], after(begin + k, now[k].part.count));
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
