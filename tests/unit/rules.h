// SPDX-License-Identifier: Apache-2.0
// A rule by itself: sources x targets, all to all, with the traces kept as the engine keeps them (stored values in a
// frame, times one factor), events in the engine's order.
#pragma once

#include "models.h"

#include <cmath>
#include <vector>

namespace volley::test {

class Synapses {
 public:
  Synapses(std::string_view name, const Settings& settings, std::size_t sources, std::size_t targets, float w)
      : rule_(rule(name)), p_(parameters_of(rule_, settings)), sources_(sources), targets_(targets),
        pre_traces_(rule_.pre(p_.at(0))), post_traces_(rule_.post(p_.at(0))), weight_(sources * targets, w),
        pre_(sources * rule_.n_pre, 0.0), post_(targets * rule_.n_post, 0.0) {
    if (rule_.synapse_size && (!rule_.needs_synapse || rule_.needs_synapse(p_.at(0)))) {
      state_.resize(weight_.size() * rule_.synapse_size);
      rule_.synapse_init(state_.data(), weight_.size());
    }
    for (std::size_t j = 0; j < targets; ++j) all_.push_back(static_cast<Local>(j));
  }

  float weight(std::size_t source, std::size_t target) const { return weight_[source * targets_ + target]; }
  bool has_state() const { return !state_.empty(); }
  double pre_trace(std::size_t source, double t) const { return pre_[source * rule_.n_pre] * decay(pre_traces_[0], t); }

  // A spike of `source` arrives at t (ms). Of one instant, call these before the post spikes.
  void pre(std::size_t source, double t, double e = 1.0) {
    const std::size_t n = rule_.n_pre;
    std::vector<double> now(n), factor;
    for (std::size_t k = 0; k < n; ++k) now[k] = pre_[source * n + k] * decay(pre_traces_[k], t);
    for (const Trace& trace : post_traces_) factor.push_back(decay(trace, t));
    const std::size_t first = source * targets_;
    if (rule_.on_pre)
      rule_.on_pre(p_.at(0), {.weight = &weight_[first],
                              .synapse = has_state() ? &state_[first * rule_.synapse_size] : nullptr,
                              .target = all_.data(), .count = static_cast<std::uint32_t>(targets_), .pre = now.data(),
                              .post = post_.data(), .post_factor = factor.data(), .e = e});
    for (std::size_t k = 0; k < n; ++k) update(pre_[source * n + k], pre_traces_[k], t, e);
  }

  void post(std::size_t target, double t) {
    const std::size_t n = rule_.n_post;
    std::vector<double> now(n), factor;
    for (std::size_t k = 0; k < n; ++k) now[k] = post_[target * n + k] * decay(post_traces_[k], t);
    for (const Trace& trace : pre_traces_) factor.push_back(decay(trace, t));
    std::vector<std::uint32_t> index, trace;
    for (std::size_t i = 0; i < sources_; ++i) {
      index.push_back(static_cast<std::uint32_t>(i * targets_ + target));
      trace.push_back(static_cast<std::uint32_t>(i));
    }
    if (rule_.on_post)
      rule_.on_post(p_.at(0), {.weight = weight_.data(), .synapse = has_state() ? state_.data() : nullptr,
                               .index = index.data(), .trace = trace.data(),
                               .count = static_cast<std::uint32_t>(sources_), .pre = pre_.data(),
                               .pre_factor = factor.data(), .post = now.data()});
    for (std::size_t k = 0; k < n; ++k) update(post_[target * n + k], post_traces_[k], t, 1.0);
  }

 private:
  static double decay(const Trace& trace, double t) { return std::exp(-t / trace.tau); }
  static void update(double& stored, const Trace& trace, double t, double e) {
    const double x = trace.increment * (trace.times_e ? e : 1.0) / decay(trace, t);
    stored = trace.update == Trace::Update::add ? stored + x : x;
  }

  const RuleModel& rule_;
  ParameterSet p_;
  std::size_t sources_, targets_;
  std::vector<Trace> pre_traces_, post_traces_;
  std::vector<float> weight_;
  std::vector<std::byte> state_;
  std::vector<double> pre_, post_;
  std::vector<Local> all_;
};

}  // namespace volley::test
