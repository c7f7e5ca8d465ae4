// SPDX-License-Identifier: Apache-2.0
// What a rule of learning costs in a network, and how near its gradient is to that of backpropagation through time.
#pragma once

#include <learning/goal.h>

namespace volley::learning {

struct RuleReport {
  std::string inexact;                          // why it is another gradient; empty: it is not
  double trace_bytes = 0, trace_operations = 0;  // of a lane; multiply-adds a tick
  std::size_t lanes = 0;
  std::vector<std::string> full, diagonal;      // layers with traces of either kind

  std::string exactness() const { return inexact.empty() ? "true" : "false, because " + inexact; }
};

// trains: all parts of theta, with those that learn.
template <class Real>
RuleReport report_rule(const Network<Real>&, const std::vector<Part>& trains, const Goal&);

}  // namespace volley::learning
