// SPDX-License-Identifier: Apache-2.0
// Layers that hear nothing, and units that say nothing: silent in every tick of every trial of an evaluation, or always
// at the top.
#pragma once

#include <learning/network.h>

#include <atomic>

namespace volley::learning {

// "hidden receives nothing".
std::vector<std::string> unreached(const std::vector<Layer>&, const std::vector<Dense>&);

class Activity {
 public:
  explicit Activity(const std::vector<Layer>&);
  template <class Real>
  void look(const Trial<Real>&, std::size_t lane);  // from several threads
  // "hidden.0: 37 of 128 units never spiked". Of layers with outputs from 0 to 1, others are not judged.
  std::vector<std::string> warnings() const;

 private:
  static constexpr double low = 0.01, high = 0.99;
  struct Seen {
    std::vector<std::atomic<bool>> above, below;  // by unit: an output above `low`, below `high`
    std::atomic<bool> outside = false;            // of [0, 1]
  };
  const std::vector<Layer>& layers_;
  std::vector<Seen> seen_;  // by layer; none of inputs
};

}  // namespace volley::learning
