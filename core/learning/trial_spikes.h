// SPDX-License-Identifier: Apache-2.0
// Collects the spikes that `record` asks for from the trials of an evaluation.
#pragma once

#include <learning/network.h>
#include <network/description.h>
#include <network/results.h>

namespace volley::learning {

class TrialSpikeRecorder {
 public:
  // `samples`: the split of phase `phase`, in order.
  TrialSpikeRecorder(const Experiment&, std::size_t phase, const std::vector<std::uint32_t>& samples);

  // Takes lane `lane` of a trial as the sample at place `at`; from several threads, each place once. Places beyond the
  // split (further repeats) are not taken.
  template <class Real>
  void look(std::size_t at, const Trial<Real>&, std::size_t lane);
  std::vector<TrialSpikes> take() const;

 private:
  struct Spike { std::uint32_t tick, unit; };
  struct Record {
    const TrialRecord* of;
    std::string name;
    std::size_t size;
    std::vector<bool> chosen;                // by place
    std::vector<std::vector<Spike>> spikes;  // by place
  };
  const std::vector<std::uint32_t>& samples_;
  std::vector<Record> records_;
};

}  // namespace volley::learning
