// SPDX-License-Identifier: Apache-2.0
#include <learning/rule_report.h>
#include <learning/traces.h>

#include <fmt/format.h>

namespace volley::learning {

template <class Real>
RuleReport report_rule(const Network<Real>& net, const std::vector<Part>& trains, const Goal& goal) {
  RuleReport out;
  const Credit& c = goal.credit;
  if (c.carrier != Credit::Carrier::weights) out.inexact = "errors do not go back through the weights";
  else if (goal.update > 0) out.inexact = "weights change within a trial";
  else if (goal.window > 0) out.inexact = fmt::format("it goes back {} ticks at most", goal.window);
  if (c.past != Credit::Past::traces) return out;
  const std::vector<TraceLayer> plan = plan_traces(net, trains, c.jacobian);
  for (const TraceLayer& t : plan) (t.full ? out.full : out.diagonal).push_back(net.layers()[t.layer].name);
  out.trace_bytes = trace_bytes(net, plan);
  out.trace_operations = trace_operations(net, plan);
  if (out.inexact.empty()) out.inexact = trace_remainder(net, trains, c.jacobian, goal.layer);
  return out;
}

template RuleReport report_rule(const Network<float>&, const std::vector<Part>&, const Goal&);
template RuleReport report_rule(const Network<double>&, const std::vector<Part>&, const Goal&);

}  // namespace volley::learning
