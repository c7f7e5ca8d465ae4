// SPDX-License-Identifier: Apache-2.0
// The recorded weights of a network: which synapses, where each lies, what it is now, and how it changed.
#pragma once

#include <engine/build.h>
#include <engine/change_log.h>
#include <network/results.h>

#include <memory>
#include <vector>

namespace volley {

class WeightRecords {
 public:
  WeightRecords(const Experiment&, BuiltNetwork&);

  // The synapses of each record, by source, then as its row has them.
  std::vector<SynapseList> take_lists() { return std::move(lists_); }
  // All weights of a record, in the order of its list.
  void read(std::size_t record, std::vector<float>& out) const;

  // Whether the record's changes are told from t on (nothing for a record without changes). When they are again after
  // a pause, what has changed meanwhile is told as of t.
  void record_changes(std::size_t record, bool on, Time t);
  // Tells the changes of a window, ascending (t, synapse).
  void tell_changes(Results&);

 private:
  void list(const Experiment&, BuiltNetwork&, const WeightRecord&);

  std::vector<SynapseList> lists_;                            // all by record
  std::vector<std::vector<const float*>> weight_;             // of each synapse
  std::vector<std::vector<std::unique_ptr<ChangeLog>>> logs_;  // by table
  std::vector<ChangeLog::Change> all_;
  std::vector<Time> t_;
  std::vector<std::uint64_t> synapse_;
  std::vector<float> w_;
};

}  // namespace volley
