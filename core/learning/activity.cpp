// SPDX-License-Identifier: Apache-2.0
#include <learning/activity.h>

#include <fmt/format.h>

#include <algorithm>

namespace volley::learning {
namespace {

// Written once by each thread that is first to know: no thread waits for another's cache line after that.
void set(std::atomic<bool>& flag) {
  if (!flag.load(std::memory_order_relaxed)) flag.store(true, std::memory_order_relaxed);
}

std::size_t missing(const std::vector<std::atomic<bool>>& flags) {
  return static_cast<std::size_t>(std::count_if(flags.begin(), flags.end(), [](const auto& f) { return !f.load(); }));
}

}  // namespace

std::vector<std::string> unreached(const std::vector<Layer>& layers, const std::vector<Dense>& projections) {
  std::vector<std::string> out;
  for (std::size_t k = 0; k < layers.size(); ++k)
    if (layers[k].unit &&
        std::none_of(projections.begin(), projections.end(), [&](const Dense& d) { return d.to == k; }))
      out.push_back(fmt::format("{} receives nothing", layers[k].name));
  return out;
}

Activity::Activity(const std::vector<Layer>& layers) : layers_(layers), seen_(layers.size()) {
  for (std::size_t k = 0; k < seen_.size(); ++k) {
    const Layer& l = layers[k];
    if (!l.unit) continue;
    seen_[k].above = std::vector<std::atomic<bool>>(l.size);
    seen_[k].below = std::vector<std::atomic<bool>>(l.size);
  }
}

template <class Real>
void Activity::look(const Trial<Real>& trial, std::size_t lane) {
  for (std::size_t k = 0; k < seen_.size(); ++k) {
    const std::size_t size = seen_[k].above.size();
    for (std::size_t tick = 0; tick < trial.lengths[lane] && size > 0; ++tick) {
      const Real* y = trial.layers[k].y.data() + (tick * trial.lanes() + lane) * size;
      for (std::size_t i = 0; i < size; ++i) {
        const auto out = static_cast<double>(y[i]);
        if (out > low) set(seen_[k].above[i]);
        if (out < high) set(seen_[k].below[i]);
        if (out < 0.0 || out > 1.0) set(seen_[k].outside);
      }
    }
  }
}

template void Activity::look(const Trial<float>&, std::size_t);
template void Activity::look(const Trial<double>&, std::size_t);

std::vector<std::string> Activity::warnings() const {
  std::vector<std::string> out;
  for (std::size_t k = 0; k < seen_.size(); ++k) {
    const Layer& l = layers_[k];
    if (!l.unit || seen_[k].outside) continue;
    if (const std::size_t n = missing(seen_[k].above); n > 0)
      out.push_back(fmt::format("{}: {} of {} units {}", l.name, n, l.size,
                                l.unit->binary ? "never spiked" : "were never above 0.01"));
    if (const std::size_t n = missing(seen_[k].below); n > 0)
      out.push_back(fmt::format("{}: {} of {} units {}", l.name, n, l.size,
                                l.unit->binary ? "spiked in every tick" : "were never below 0.99"));
  }
  return out;
}

}  // namespace volley::learning
