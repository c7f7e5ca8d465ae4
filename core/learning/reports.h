// SPDX-License-Identifier: Apache-2.0
// What the epochs and evaluations of a run say of its phases.
#pragma once

#include <learning/training.h>

#include <limits>

namespace volley::learning {

std::vector<const Checkpoint::Epoch*> epochs_of(const Checkpoint&, std::size_t phase);

// The epoch that `keep` keeps so far; the first of equal ones.
struct BestEpoch {
  std::size_t epoch = 0;  // 0: none was validated
  double value = std::numeric_limits<double>::quiet_NaN();
};
BestEpoch best_epoch(const TrialSpec&, const Checkpoint&, std::size_t phase);

// Says so when the gradient of the last epoch is a thousand times that of the first or more; else empty.
std::string exploding_gradient(const Checkpoint&, std::size_t phase);

// Its seconds are those of its epochs.
PhaseReport report_of(const Experiment&, const Checkpoint&, std::size_t phase);

}  // namespace volley::learning
