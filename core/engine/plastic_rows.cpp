// SPDX-License-Identifier: Apache-2.0
#include <engine/exponentials.h>
#include <engine/plastic_rows.h>

#include <array>
#include <cmath>
#include <iterator>
#include <tuple>

namespace volley {
namespace {
constexpr std::size_t most_traces = 16;
}

TraceTable::TraceTable(std::vector<Trace> traces, std::size_t count)
    : traces_(std::move(traces)), value_(count * traces_.size(), 0.0), down_(traces_.size(), 1.0),
      up_(traces_.size(), 1.0), frame_(traces_.size(), 0) {
  if (traces_.size() > most_traces) throw std::invalid_argument("a rule of more than 16 traces on one side");
  for (const Trace& x : traces_) H_.push_back(std::max<Time>(1, from_ms(20.0 * x.tau)));
}

const double* TraceTable::decay(Time t) {
  if (t == now_) return down_.data();
  now_ = t;
  const std::size_t n = traces_.size();
  for (std::size_t k = 0; k < n; ++k) {
    // After 50 moves nothing is left above 1e-30 of anything that a double in use here can hold.
    if ((t - frame_[k]) / H_[k] > 50) {
      for (std::size_t i = k; i < value_.size(); i += n) value_[i] = 0.0;
      frame_[k] = t / H_[k] * H_[k];
    }
    while (t - frame_[k] >= H_[k]) {
      const double factor = loops::exp(-to_ms(H_[k]) / traces_[k].tau);
      for (std::size_t i = k; i < value_.size(); i += n) {
        value_[i] *= factor;
        if (std::fabs(value_[i]) < 1e-30) value_[i] = 0.0;
      }
      frame_[k] += H_[k];
    }
    const double s = to_ms(t - frame_[k]) / traces_[k].tau;
    down_[k] = loops::exp(-s);
    up_[k] = loops::exp(s);
  }
  return down_.data();
}

void TraceTable::read(std::size_t index, double* out) const {
  const std::size_t n = traces_.size();
  for (std::size_t k = 0; k < n; ++k) out[k] = value_[index * n + k] * down_[k];
}

void TraceTable::event(std::size_t index, double e) {
  const std::size_t n = traces_.size();
  for (std::size_t k = 0; k < n; ++k) {
    const double increment = traces_[k].increment * (traces_[k].times_e ? e : 1.0) * up_[k];
    double& value = value_[index * n + k];
    value = traces_[k].update == Trace::Update::add ? value + increment : increment;
  }
}

PlasticRows::PlasticRows(Rows& rows, const RuleModel& rule, ParameterSet parameters, Time dendritic_delay,
                         std::size_t neurons)
    : rows_(rows), rule_(rule), parameters_(std::move(parameters)), dendritic_delay_(dendritic_delay),
      pre_(rule.pre(parameters_.at(0)), rows.continuous()           ? rows.size()
                                        : rows.slice_first.empty() ? rows.sources
                                                                   : rows.slice_class.size()),
      post_(rule.post(parameters_.at(0)), neurons), synapse_(rows.size() * rule.synapse_size),
      column_first_(neurons + 1, 0) {
  if (rule.synapse_init) rule.synapse_init(synapse_.data(), rows.size());
  if (!rule.on_post) return;
  for (const Local i : rows.target) ++column_first_[i + 1u];
  for (std::size_t i = 0; i < neurons; ++i) column_first_[i + 1] += column_first_[i];
  column_index_.resize(rows.size());
  column_trace_.resize(rows.size());
  std::vector<std::uint64_t> at(column_first_.begin(), column_first_.end() - 1);
  for (std::uint32_t row = 0; row < rows.sources; ++row) {
    std::uint32_t slice = rows.slice_first.empty() ? row : rows.slice_first[row];
    for (std::uint64_t k = rows.first[row]; k < rows.first[row + 1]; ++k) {
      while (!rows.slice_first.empty() && k - rows.first[row] >= rows.slice_end[slice]) ++slice;
      const std::uint64_t place = at[rows.target[k]]++;
      column_index_[place] = static_cast<std::uint32_t>(k);
      column_trace_[place] = rows.continuous() ? static_cast<std::uint32_t>(k) : slice;
    }
  }
}

void PlasticRows::on_pre(Time t, std::uint64_t begin, std::uint32_t count, std::size_t trace, double e) {
  pre_.decay(t);
  if (running && rule_.on_pre) {
    std::array<double, most_traces> pre{};
    pre_.read(trace, pre.data());
    const double* factor = post_.decay(t);
    rule_.on_pre(parameters_.at(0),
                 {.weight = rows_.weight.data() + begin,
                  .synapse = synapse_.empty() ? nullptr : synapse_.data() + begin * rule_.synapse_size,
                  .target = rows_.target.data() + begin,
                  .count = count,
                  .pre = pre.data(),
                  .post = post_.stored(),
                  .post_factor = factor,
                  .e = e});
    events += count;
    for (ChangeLog* log : logs) log->row(t, begin, count);
  }
  pre_.event(trace, e);
}

void PlasticRows::fired(Time t, Local neuron) {
  const Spiked post{t + 2 * dendritic_delay_, neuron};
  auto at = due_.end();
  while (at != due_.begin() && std::tie(post.t, post.neuron) < std::tie(std::prev(at)->t, std::prev(at)->neuron)) --at;
  due_.insert(at, post);
}

void PlasticRows::run_due(Time t) {
  while (!due_.empty() && due_.front().t <= t) {
    on_post(due_.front().t, due_.front().neuron);
    due_.pop_front();
  }
}

void PlasticRows::on_post(Time t, Local neuron) {
  post_.decay(t);
  if (running && rule_.on_post) {
    std::array<double, most_traces> post{};
    post_.read(neuron, post.data());
    const double* factor = pre_.decay(t);
    const std::uint64_t begin = column_first_[neuron];
    const auto count = static_cast<std::uint32_t>(column_first_[neuron + 1u] - begin);
    rule_.on_post(parameters_.at(0),
                  {.weight = rows_.weight.data(),
                   .synapse = synapse_.empty() ? nullptr : synapse_.data(),
                   .index = column_index_.data() + begin,
                   .trace = column_trace_.data() + begin,
                   .count = count,
                   .pre = pre_.stored(),
                   .pre_factor = factor,
                   .post = post.data()});
    events += count;
    for (ChangeLog* log : logs) log->column(t, neuron);
  }
  post_.event(neuron, 1.0);
}

}  // namespace volley
