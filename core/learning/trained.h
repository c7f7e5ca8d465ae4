// SPDX-License-Identifier: Apache-2.0
// The numbers that learning changes, by name: out of theta for the result file, and into it from another one.
#pragma once

#include <learning/build.h>
#include <network/results.h>

namespace volley::learning {

struct Thetas {
  const std::vector<double>*start, *best, *last;  // best may be empty
};
template <class Real>
std::vector<TrainedNumbers> trained_numbers(const Experiment&, const Network<Real>&, const Thetas&);

// Puts what was trained elsewhere into theta, as Training::start_with tells.
template <class Real>
void set_numbers(const Experiment&, const Network<Real>&, const std::vector<TrainedNumbers>& given, bool partial,
                 std::vector<Real>& theta);

// The first part whose gradient is not finite, else the one with the largest.
template <class Real>
std::string culprit(const Experiment&, const Network<Real>&, const std::vector<Part>&,
                    const std::vector<Real>& gradient);

}  // namespace volley::learning
