// SPDX-License-Identifier: Apache-2.0
#include <engine/block.h>

#include <algorithm>
#include <tuple>

namespace volley {

void Block::start() {
  for (SynapseTable& x : tables)
    if (x.plastic) plastic_.push_back(x.plastic.get());
  kernel->start();
  next_ = find_next_activity();
}

// Order inside an instant: projection (tables ascend by it), source, row position.
bool Block::before(const Volley& a, const Volley& b) {
  if (a.t != b.t) return a.t < b.t;
  return std::tie(a.table, a.row, a.synapse) < std::tie(b.table, b.row, b.synapse);
}

// Volleys of the row from its slice, or synapse of its own delay, `next` on. A few at a time, so that neither a row of
// many delays fills the queue, nor each step through one fetches its index anew; the last of them brings the others.
template <class Push>
void Block::launch(Volley v, Time spike, std::uint64_t next, Push push) const {
  constexpr std::uint64_t at_once = 8;
  const Rows& r = tables[v.table].rows;
  const std::uint64_t first = r.first[v.row], end = r.first[v.row + 1];
  v.more = false;
  if (r.continuous()) {
    const std::uint64_t last = std::min(end, next + at_once);
    for (v.count = 1; next < last; ++next) {
      v.t = spike + static_cast<Time>(r.delay[next]) * r.unit;
      v.synapse = next;
      v.more = next + 1 == last && last < end;
      push(v);
    }
  } else if (r.slice_first.empty()) {
    v.t = spike + r.classes[0];
    v.synapse = first;
    v.count = static_cast<std::uint32_t>(end - first);
    v.slice = v.row;
    if (v.count > 0) push(v);
  } else {
    const std::uint64_t begin = r.slice_first[v.row], all = r.slice_first[v.row + 1];
    const std::uint64_t last = std::min(all, next + at_once);
    v.synapse = first + (next == begin ? 0 : r.slice_end[next - 1]);
    for (; next < last; ++next, v.synapse += v.count) {
      v.t = spike + r.classes[r.slice_class[next]];
      v.count = static_cast<std::uint32_t>(first + r.slice_end[next] - v.synapse);
      v.slice = static_cast<std::uint32_t>(next);
      v.more = next + 1 == last && last < all;
      push(v);
    }
  }
}

Time Block::set_out(const Volley& v) const {
  const Rows& r = tables[v.table].rows;
  return v.t - (r.continuous() ? static_cast<Time>(r.delay[v.synapse]) * r.unit : r.classes[r.slice_class[v.slice]]);
}

void Block::send(const Departure& d) {
  const Rows& r = tables[d.table].rows;
  sent += r.first[d.row + 1] - r.first[d.row];
  const Volley v{.t = 0, .synapse = 0, .count = 0, .table = d.table, .row = d.row, .slice = 0, .factor = d.factor,
                 .e = d.e, .more = false};
  if (!r.packed.empty()) return walks_.begin(r, v, d.t);
  const std::uint64_t next = r.slice_first.empty() ? r.first[d.row] : r.slice_first[d.row];
  launch(v, d.t, next, [&](const Volley& x) { queue.push(x); });
}

std::uint64_t Block::pending() const {
  std::uint64_t n = 0;
  queue.each([&](const Volley& v) {
    n += v.more ? tables[v.table].rows.first[v.row + 1] - v.synapse : v.count;
  });
  return n + walks_.synapses();
}

// All arrivals before `until`, in order.
void Block::unfold(Time until) {
  due_.clear();
  at_ = 0;
  queue.take(until, due_);
  walks_.take(until, due_);
  for (std::size_t k = 0; k < due_.size(); ++k) {
    if (!due_[k].more) continue;
    const Volley v = due_[k];
    const std::uint64_t next = tables[v.table].rows.continuous() ? v.synapse + 1 : v.slice + 1ull;
    launch(v, set_out(v), next, [&](const Volley& x) {
      if (x.t < until) due_.push_back(x);
      else queue.push(x);
    });
  }
  order_.sort(due_, before);
}

Time Block::next_instant() const {
  Time t = std::min(kernel->next_event(), pass_due_);
  if (at_ < due_.size()) t = std::min(t, due_[at_].t);
  for (const PlasticRows* rows : plastic_) t = std::min(t, rows->next_event());
  return t;
}

Time Block::find_next_activity() const {
  Time t = std::min({next_instant(), queue.next(), walks_.next()});
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
  for (const Departure& d : posted_) send(d);
  posted_.clear();
  unfold(until);
  while (!stop.load(std::memory_order_relaxed)) {
    const Time next = std::min(next_instant(), until);
    const Time first = streams.empty() ? never : next_of_streams();
    if (first < next) flow(first, next, stop);
    else if (next < until) instant(std::max(next, from));
    else break;
  }
  next_ = find_next_activity();
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
    for (PlasticRows* rows : plastic_) rows->fired(x.t, x.neuron);
  }
  streamed_.clear();
  if (tied && limit <= next_instant()) instant(limit);
}

Slice Block::slice_of(const Volley& v) const {
  const SynapseTable& table = tables[v.table];
  const Rows& r = table.rows;
  if (!r.packed.empty())
    return {r.packed.target(v.synapse, v.count), r.packed.weight(v.synapse), r.constant, v.count, r.all_negative};
  return {r.target.data() + v.synapse, r.weight.empty() ? nullptr : r.weight.data() + v.synapse, r.constant, v.count,
          r.all_negative && !table.plastic};
}

// The slice to be asked of memory while one of `count` synapses, the `at`-th of the window, is read: the next one, or a
// later one where they are too short to hide the time that memory takes.
const Volley* Block::after(std::size_t at, std::uint32_t count) const {
  const std::size_t next = at + (count < 64 ? 8 : 1);
  return next < due_.size() ? &due_[next] : nullptr;
}

void Block::deliver(const Volley& v, const Volley* next) {
  SynapseTable& table = tables[v.table];
  Slice slice = slice_of(v);
  if (next) {
    const Slice s = slice_of(*next);
    slice.next_target = s.target, slice.next_weight = s.weight, slice.next_count = s.count;
  }
  kernel->receive(v.t, table.port, v.factor, slice);
  if (table.plastic)
    table.plastic->on_pre(v.t, v.synapse, v.count, table.rows.continuous() ? v.synapse : v.slice, v.e);
  (table.external ? external_events : synaptic_events) += v.count;
}

// Arrivals of streams at t take their places among the others.
void Block::join_streams(Time t, std::span<const Volley>& now) {
  joined_.clear();
  for (DirectStream& s : streams)
    for (s.fill(until_); s.next() == t; s.fill(until_)) {
      const DirectStream::Wiring& w = s.wiring;
      const std::uint32_t row = s.row();
      const std::uint64_t synapse = tables[w.table].rows.first[row];
      joined_.push_back({.t = t, .synapse = synapse, .count = 1, .table = w.table, .row = row, .slice = row,
                         .factor = w.factor, .e = 1.0, .more = false});
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
  while (at_ < due_.size() && due_[at_].t <= t) ++at_;
  std::span<const Volley> now(due_.data() + begin, at_ - begin);
  if (!streams.empty()) join_streams(t, now);
  const bool reached = kernel->next_event() <= t || !now.empty();

  for (PlasticRows* rows : plastic_) rows->run_due(t - 1);
  for (const Volley& v : now) {
    if (!tables[v.table].drive) continue;
    const Rows& r = tables[v.table].rows;
    for (std::uint64_t k = v.synapse; k < v.synapse + v.count; ++k)
      kernel->drive(t, r.target[k], static_cast<double>(r.weight.empty() ? r.constant : r.weight[k]) * v.factor);
    external_events += v.count;
  }
  kernel->begin(t);
  for (std::size_t k = 0; k < now.size(); ++k)
    if (!tables[now[k].table].drive) deliver(now[k], after(begin + k, now[k].count));
  fired_.clear();
  kernel->settle(t, fired_);
  if (reached && pass_due_ == never) pass_due_ = kernel->wake();
  for (const Local i : fired_) {
    spikes.push_back({t, i});
    for (PlasticRows* rows : plastic_) rows->fired(t, i);
  }
  for (PlasticRows* rows : plastic_) rows->run_due(t);
}

}  // namespace volley
