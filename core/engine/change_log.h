// SPDX-License-Identifier: Apache-2.0
// How the recorded weights of one table change: after a rule event the watched synapses that it was at are compared
// with what they were when last looked at. Synapses that nobody watches cost nothing.
#pragma once

#include <network/rows.h>

#include <cstdint>
#include <vector>

namespace volley {

class ChangeLog {
 public:
  struct Change {
    Time t;
    std::uint64_t synapse;  // in the record's list
    float weight;           // after the change
  };

  // `watched`: places in the table, ascending; `index`: of each, its place in the record's list.
  ChangeLog(const Rows&, std::size_t neurons, std::vector<std::uint32_t> watched, std::vector<std::uint64_t> index);

  // A rule has been at synapses begin .. begin + count - 1, or at all of a neuron.
  void row(Time t, std::uint64_t begin, std::uint32_t count);
  void column(Time t, Local neuron);

  // Off: nothing is looked at. On again, at `t`: tells what has changed meanwhile.
  void record(bool on, Time t);

  std::vector<Change> changes;  // since they were last taken, in the order in which they happened

 private:
  void look(Time t, std::size_t k);

  const Rows& rows_;
  bool on_ = false;
  std::vector<std::uint32_t> watched_;
  std::vector<std::uint64_t> index_;
  std::vector<float> known_;
  std::vector<std::uint32_t> column_first_, column_;  // places in `watched_` by target
};

}  // namespace volley
