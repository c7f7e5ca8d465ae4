// SPDX-License-Identifier: Apache-2.0
// Where a training stands at the end of an epoch or of a phase: all that the rest of the run depends on, and what the
// result file has got so far. A run that goes on from here gives the bits of one that was never interrupted.
#pragma once

#include <network/results.h>

#include <string>
#include <vector>

namespace volley {

struct Checkpoint {
  std::string resolved;                    // the experiment that it belongs to
  std::size_t phase = 0;                   // the phase at hand
  std::vector<double> start, theta, best;   // best: empty, or the best of the last phase that kept one
  struct Optimiser {
    std::string learning;                  // its block
    std::uint64_t steps = 0;
    std::vector<double> moments;
  };
  std::vector<Optimiser> optimisers;
  struct Epoch { std::size_t phase = 0; EpochResult result; };
  std::vector<Epoch> epochs;
  struct Evaluated { std::size_t phase = 0; Evaluation result; };
  std::vector<Evaluated> evaluations;
};

}  // namespace volley
