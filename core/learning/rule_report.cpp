// SPDX-License-Identifier: Apache-2.0
#include <learning/rule_report.h>
#include <learning/traces.h>

#include <fmt/format.h>

#include <algorithm>

namespace volley::learning {

template <class Real>
RuleReport report_rule(const Network<Real>& net, const std::vector<Part>& trains, const Goal& goal,
                       std::size_t ticks, bool looked_at) {
  RuleReport out{.ticks = ticks, .held = goal.in_windows() ? std::min(ticks, goal.end_of_window(0)) : ticks};
  out.trial_bytes = static_cast<double>(net.trial_bytes(out.held, goal.in_windows() ? net.longest_delay() : 0));
  if (goal.in_windows() && (looked_at || !goal.loss->by_tick))
    out.trial_bytes += static_cast<double>(ticks * net.layers()[goal.layer].size * sizeof(Real));
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

template RuleReport report_rule(const Network<float>&, const std::vector<Part>&, const Goal&, std::size_t, bool);
template RuleReport report_rule(const Network<double>&, const std::vector<Part>&, const Goal&, std::size_t, bool);

}  // namespace volley::learning
