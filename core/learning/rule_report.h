// SPDX-License-Identifier: Apache-2.0
// What a rule of learning costs in a network, and how near its gradient is to that of backpropagation through time.
#pragma once

#include <learning/goal.h>

namespace volley::learning {

struct RuleReport {
  std::string inexact;                          // why it is another gradient; empty: it is not
  double trace_bytes = 0, trace_operations = 0;  // of a lane; multiply-adds a tick
  double trial_bytes = 0;                       // of a lane, as long as it is held
  std::size_t lanes = 0;
  std::size_t ticks = 0, held = 0;              // of the longest trial, and of it at a time
  std::vector<std::string> full, diagonal;      // layers with traces of either kind

  std::string exactness() const { return inexact.empty() ? "true" : "false, because " + inexact; }
};

// trains: all parts of theta, with those that learn; of trials of `ticks`, and whether anybody looks at whole ones.
template <class Real>
RuleReport report_rule(const Network<Real>&, const std::vector<Part>& trains, const Goal&, std::size_t ticks,
                       bool looked_at);

}  // namespace volley::learning
