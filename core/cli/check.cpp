// SPDX-License-Identifier: Apache-2.0
// volley check: loads and builds an experiment, prints what it would be, writes nothing.
#include <cli/point.h>
#include <cli/sweep.h>
#include <engine/simulation.h>
#include <experiment/files.h>
#include <learning/training.h>

#include <fmt/format.h>

namespace volley::cli {

namespace {

void print_warnings(const Experiment& e, const std::vector<std::string>& of_network) {
  for (const auto* some : {&e.warnings, &of_network})
    for (const std::string& w : *some) fmt::print(stderr, "warning: {}\n", w);
}

// What a batch of trials holds; of a rule with traces, what they cost; and whether its gradient is the exact one.
void print_rule(const learning::RuleReport& r) {
  const auto mb = [&](double bytes) { return bytes * static_cast<double>(r.lanes) / 1e6; };
  const std::string lanes = fmt::format("{} lane{}", r.lanes, r.lanes == 1 ? "" : "s");
  fmt::print("  trials     {:.3g} MB in {}, {} ticks{}\n", mb(r.trial_bytes), lanes, r.ticks,
             r.held < r.ticks ? fmt::format(" held {} at a time", r.held) : "");
  if (r.trace_bytes > 0.0) {
    std::vector<std::string> layers;
    for (const std::string& l : r.full) layers.push_back(l + " full");
    for (const std::string& l : r.diagonal) layers.push_back(l + " diagonal");
    fmt::print("  traces     {:.3g} MB in {}, {:.3g} operations a tick and lane: {}\n", mb(r.trace_bytes), lanes,
               r.trace_operations, fmt::join(layers, ", "));
  }
  if (!r.inexact.empty()) fmt::print("  gradient   approximate: {}\n", r.inexact);
}

void check_training(const Experiment& e, const std::string& name) {
  const Training training(e);
  const RunCounts& c = training.counts();
  fmt::print(
      "{}: correct\n  neurons    {}\n  synapses   {}\n  trained    {} numbers\n  memory     {:.0f} MB to build\n", name,
      c.neurons, c.synapses, training.trained_numbers(), peak_rss_mb());
  for (const PhaseSpec& p : e.phases) {
    const Dataset& d = *e.datasets[p.trials->dataset];
    fmt::print("  {:<10} {} samples of {}.{}{}\n", p.name, d.splits.at(p.trials->split).size(), d.name, p.trials->split,
               p.trials->train ? fmt::format(", {} epochs", p.trials->epochs) : "");
    if (p.trials->train) print_rule(training.rules()[static_cast<std::size_t>(&p - e.phases.data())]);
  }
  print_warnings(e, training.warnings());
}

}  // namespace

int check(const RunOptions& o) {
  Registry registry(enrolled);
  const std::vector<SweepPoint> points = load_points(registry, o);
  const std::unique_ptr<Files> files = make_files();
  for (const SweepPoint& p : points) {
    const Experiment& e = p.experiment;
    std::string name = e.name;
    for (const auto& [path, value] : p.values) name += fmt::format(", {}={}", path, value);
    if (e.learns()) {
      check_training(e, name);
      continue;
    }
    const Simulation simulation(e, *files);
    const RunCounts& c = simulation.counts();
    fmt::print("{}: correct\n  neurons    {}\n  synapses   {}, {:.3g} bytes each\n  memory     {:.0f} MB to build\n"
               "  window     {}\n  simulates  {:.6g} ms in {} phase{}\n",
               name, c.neurons, c.synapses, c.bytes_per_synapse, peak_rss_mb(),
               c.window == never ? "unlimited (no delay between neurons)" : fmt::format("{:.6g} ms", to_ms(c.window)),
               to_ms(e.duration()), e.phases.size(), e.phases.size() == 1 ? "" : "s");
    print_warnings(e, simulation.warnings());
  }
  return done;
}

}  // namespace volley::cli
