// SPDX-License-Identifier: Apache-2.0
// volley run: one experiment, or a sweep of them.
#include <cli/destinations.h>
#include <cli/point.h>
#include <cli/progress.h>
#include <cli/sweep.h>
#include <network/error.h>
#include <network/isa.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace volley::cli {
namespace {

std::string plural(std::uint64_t n, std::string_view noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

void print_training(std::FILE* to, const Experiment& e, const Outcome& out, const std::string& output) {
  const RunCounts& c = out.counts;
  fmt::print(to, "{}: {}, {}, seed {}, {}{}; built in {:.2f} s\n", e.name, plural(c.neurons, "neuron"),
             plural(c.synapses, "synapse"), e.seed, plural(static_cast<std::uint64_t>(c.threads), "thread"),
             c.isa.empty() ? "" : ", " + c.isa, c.build_s);
  for (const PhaseReport& r : out.reports) {
    std::string text = fmt::format("  {:<10} {}, took {:.3g} s", r.name, plural(r.samples, "sample"), r.seconds);
    if (r.epochs > 0)
      text += fmt::format(", {}{}", plural(r.epochs, "epoch"), r.stopped_early ? " (stopped early)" : "");
    for (const auto& [name, value] : r.values) text += fmt::format(", {} {}", name, metric_text(name, value));
    if (r.best_epoch > 0) text += fmt::format(" in epoch {}", r.best_epoch);
    fmt::print(to, "{}\n", text);
  }
  fmt::print(to, "{}{}\n", output, out.complete ? "" : " (interrupted: marked incomplete; --resume goes on)");
}

void print_summary(std::FILE* to, const Experiment& e, const Outcome& out, const std::string& output) {
  const RunCounts& c = out.counts;
  if (e.learns()) return print_training(to, e, out, output);
  fmt::print(to, "{}: {}, {}, seed {}, {}{}; built in {:.2f} s\n", e.name, plural(c.neurons, "neuron"),
             plural(c.synapses, "synapse"), e.seed, plural(static_cast<std::uint64_t>(c.threads), "thread"),
             c.isa.empty() ? "" : ", " + c.isa, c.build_s);
  fmt::print(to, "  {:<16} {:>12} {:>10} {:>12} {:>16} {:>16}\n", "phase", "simulated", "took", "spikes",
             "synaptic events", "external events");
  for (const PhaseCounts& p : c.phases)
    fmt::print(to, "  {:<16} {:>9.6g} ms {:>8.3g} s {:>12} {:>16} {:>16}\n", p.name, p.sim_time_ms, p.simulate_s,
               p.spikes, p.synaptic_events, p.external_events);
  if (!out.rates.empty()) fmt::print(to, "  {:<16} {:>12} {:>12}\n", "recorded", "spikes", "rate");
  for (const RecordedRate& r : out.rates)
    fmt::print(to, "  {:<16} {:>12} {:>9.4g} Hz\n", r.population, r.spikes, r.rate_hz);
  fmt::print(to, "{}{}\n", output, out.complete ? "" : " (interrupted: marked incomplete)");
}

int run_one(Experiment e, const RunOptions& o) {
  const std::string output = o.output.empty() ? default_output(e) : o.output;
  check_output(output, o);
  if (e.learns()) check_output(epoch_table_of(output), o);
  check_stats(o, {output});
  const Outcome out = run_point(e, o, output, o.quiet);
  for (const std::string& w : out.warnings) fmt::print(stderr, "warning: {}\n", w);
  // With --stats - standard output is the JSON object's alone.
  if (!o.quiet) print_summary(o.stats == "-" ? stderr : stdout, e, out, output);
  if (!o.stats.empty()) write_json(o.stats, stats(e, out));
  return out.complete ? done : interrupted;
}

}  // namespace

void write_json(const std::string& file, const nlohmann::ordered_json& json) {
  if (file == "-") {
    fmt::print("{}\n", json.dump(2));
    return;
  }
  std::ofstream out(file);
  out << json.dump(2) << '\n';
  if (!out.flush()) throw InputError(file + ": cannot be written (--stats)");
}

std::vector<SweepPoint> load_points(Registry& registry, const RunOptions& o) {
  if (!o.isa.empty()) pin_isa(o.isa);
  std::vector<SweepPoint> points = load(o.experiment, registry, o.load);
  for (SweepPoint& p : points)
    if (o.threads > 0) p.experiment.engine.threads = o.threads;
  return points;
}

int run(const RunOptions& o) {
  Registry registry(enrolled);
  std::vector<SweepPoint> points = load_points(registry, o);
  if (o.weights_partial && o.weights.empty()) throw InputError("--weights-partial: needs --weights FILE");
  if (o.resume && !o.weights.empty())
    throw InputError("--resume: the checkpoint has weights of its own; leave out --weights");
  if (points.size() == 1 && points[0].values.empty()) return run_one(std::move(points[0].experiment), o);
  if (o.resume) throw InputError("--resume: goes on with one run; this experiment is a sweep");
  return run_sweep(points, o);
}

}  // namespace volley::cli
