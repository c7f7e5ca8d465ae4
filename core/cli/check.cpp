// SPDX-License-Identifier: Apache-2.0
// volley check: loads and builds an experiment, prints what it would be, writes nothing.
#include <cli/point.h>
#include <cli/sweep.h>
#include <engine/simulation.h>
#include <experiment/files.h>

#include <fmt/format.h>

namespace volley::cli {

int check(const RunOptions& o) {
  Registry registry(enrolled);
  const std::vector<SweepPoint> points = load_points(registry, o);
  const std::unique_ptr<Files> files = make_files();
  for (const SweepPoint& p : points) {
    const Experiment& e = p.experiment;
    std::string name = e.name;
    for (const auto& [path, value] : p.values) name += fmt::format(", {}={}", path, value);
    const Simulation simulation(e, *files);
    const RunCounts& c = simulation.counts();
    fmt::print("{}: correct\n  neurons    {}\n  synapses   {}, {:.3g} bytes each\n  memory     {:.0f} MB to build\n"
               "  window     {}\n  simulates  {:.6g} ms in {} phase{}\n",
               name, c.neurons, c.synapses, c.bytes_per_synapse, peak_rss_mb(),
               c.window == never ? "unlimited (no delay between neurons)" : fmt::format("{:.6g} ms", to_ms(c.window)),
               to_ms(e.duration()), e.phases.size(), e.phases.size() == 1 ? "" : "s");
    for (const std::string& w : e.warnings) fmt::print(stderr, "warning: {}\n", w);
    for (const std::string& w : simulation.warnings()) fmt::print(stderr, "warning: {}\n", w);
  }
  return done;
}

}  // namespace volley::cli
