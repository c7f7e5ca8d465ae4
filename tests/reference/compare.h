// SPDX-License-Identifier: Apache-2.0
// What agrees between the engine and the reference simulator, and how closely.
#pragma once

#include <reference/reference.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace volley::test {

// Spikes pair off within 1 ps. Near ties may swap neurons in time order, so trains are compared neuron by neuron.
inline void expect_same_spikes(const std::vector<Spike>& engine, const std::vector<Spike>& reference) {
  using Trains = std::map<std::pair<std::size_t, std::uint32_t>, std::vector<Time>>;
  const auto trains = [](const std::vector<Spike>& spikes) {
    Trains t;
    for (const Spike& s : spikes) t[{s.population, s.neuron}].push_back(s.t);
    return t;
  };
  EXPECT_EQ(engine.size(), reference.size());
  Trains a = trains(engine), b = trains(reference);
  const std::pair<Time, std::string> none{never, ""};
  auto first = none;
  for (auto& [neuron, t] : b) {
    const std::vector<Time>& u = a[neuron];
    for (std::size_t k = 0; k < std::max(t.size(), u.size()); ++k) {
      const Time x = k < u.size() ? u[k] : never, y = k < t.size() ? t[k] : never;
      if (x != never && y != never && std::abs(x - y) <= 1) continue;
      first = std::min(first, {std::min(x, y), "population " + std::to_string(neuron.first) + " neuron " +
                                                   std::to_string(neuron.second) + ": engine " + std::to_string(x) +
                                                   " ps, reference " + std::to_string(y) + " ps"});
      break;
    }
  }
  EXPECT_EQ(first, none) << "the first spike that differs";
}

using Key = std::tuple<std::uint32_t, std::uint32_t, double>;  // source, target, delay
inline std::multimap<Key, float> by_synapse(const SynapseList& s, const std::vector<float>& w) {
  std::multimap<Key, float> m;
  for (std::size_t k = 0; k < w.size(); ++k) m.emplace(Key{s.source[k], s.target[k], s.delay_ms[k]}, w[k]);
  return m;
}

inline void expect_same_weights(const Experiment& x, const MemoryResults& engine, const Outcome& reference) {
  for (std::size_t r = 0; r < x.record.weights.size(); ++r) {
    const std::size_t q = x.record.weights[r].projection;
    ASSERT_FALSE(engine.weights_of[r].empty());
    const auto a = by_synapse(engine.synapses_of[r], engine.weights_of[r].back().values);
    const auto b = by_synapse(reference.weights[q], reference.weights[q].weight);
    ASSERT_EQ(a.size(), b.size());
    std::size_t different = 0;
    for (auto i = a.begin(), j = b.begin(); i != a.end(); ++i, ++j) {
      ASSERT_EQ(i->first, j->first);
      different += i->second != j->second;
    }
    EXPECT_EQ(different, 0u) << "weights of " << x.projections[q].name << " that differ, of " << a.size();
  }
}

// Recorded numbers are float32 of doubles that agree far better.
inline void expect_same_states(const MemoryResults& engine, const Outcome& reference) {
  ASSERT_EQ(engine.states_of.size(), reference.states.size());
  for (std::size_t r = 0; r < engine.states_of.size(); ++r) {
    ASSERT_EQ(engine.states_of[r].size(), reference.states[r].size());
    for (std::size_t k = 0; k < reference.states[r].size(); ++k) {
      const StateSample &a = engine.states_of[r][k], &b = reference.states[r][k];
      ASSERT_EQ(a.t, b.t);
      ASSERT_EQ(a.values.size(), b.values.size());
      for (std::size_t i = 0; i < a.values.size(); ++i)
        ASSERT_LE(std::abs(a.values[i] - b.values[i]), 1.2e-7f * std::abs(b.values[i]) + 1e-9f)
            << "at " << a.t << " ps";
    }
  }
}

// The same synapses change to the same values in the same order, at times that agree as those of spikes do.
inline void expect_same_changes(const Experiment& x, const MemoryResults& engine, const Outcome& reference) {
  for (std::size_t r = 0; r < x.record.weights.size(); ++r) {
    if (!x.record.weights[r].on_change) continue;
    const std::size_t q = x.record.weights[r].projection;
    SCOPED_TRACE("changes of " + x.projections[q].name);
    EXPECT_EQ(engine.synapses_of[r].source, reference.weights[q].source);
    EXPECT_EQ(engine.synapses_of[r].target, reference.weights[q].target);
    EXPECT_EQ(engine.synapses_of[r].delay_ms, reference.weights[q].delay_ms);
    const auto by_synapse = [](const std::vector<WeightChange>& all) {
      std::map<std::uint64_t, std::vector<WeightChange>> m;
      for (const WeightChange& c : all) m[c.synapse].push_back(c);
      return m;
    };
    const auto earlier = [](const auto& a, const auto& b) {
      return std::tie(a.t, a.synapse) < std::tie(b.t, b.synapse);
    };
    EXPECT_TRUE(std::is_sorted(engine.changes_of[r].begin(), engine.changes_of[r].end(), earlier));
    ASSERT_EQ(engine.changes_of[r].size(), reference.changes[q].size());
    auto a = by_synapse(engine.changes_of[r]);
    for (const auto& [synapse, b] : by_synapse(reference.changes[q])) {
      ASSERT_EQ(a[synapse].size(), b.size()) << "synapse " << synapse;
      for (std::size_t k = 0; k < b.size(); ++k) {
        ASSERT_LE(std::abs(a[synapse][k].t - b[k].t), 1) << "synapse " << synapse << ", change " << k;
        ASSERT_EQ(a[synapse][k].w, b[k].w) << "synapse " << synapse << ", change " << k;
      }
    }
  }
}

}  // namespace volley::test
