// SPDX-License-Identifier: Apache-2.0
// One experiment: build, run, close the result file.
#include <cli/point.h>
#include <cli/progress.h>
#include <engine/simulation.h>
#include <experiment/files.h>
#include <network/error.h>
#include <network/isa.h>
#include <network/parallel.h>
#include <output/checkpoint.h>
#include <output/hdf5_results.h>
#include <output/read_trained.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include <filesystem>

namespace volley::cli {
namespace {

double per_second(double count, double seconds) { return seconds > 0 ? count / seconds : 0.0; }

// Counts and times of one phase; an event is an arrival over one synapse, or from a stimulator.
nlohmann::ordered_json phase_stats(const PhaseCounts& p) {
  return {{"build_s", p.build_s},
          {"simulate_s", p.simulate_s},
          {"sim_time_ms", p.sim_time_ms},
          {"spikes", p.spikes},
          {"synaptic_events", p.synaptic_events},
          {"external_events", p.external_events},
          {"events_per_s", per_second(static_cast<double>(p.synaptic_events + p.external_events), p.simulate_s)}};
}

// Runs a Simulation or a Training.
template <class Run, class Line>
Outcome run_to_end(Run& simulation, Line&& line, const Experiment& e, const RunOptions& o, const std::string& output) {
  if (o.output.empty()) std::filesystem::create_directories(std::filesystem::path(output).parent_path());
  file_open = true;
  Tally results(make_hdf5_results({.file = output, .overwrite = o.overwrite || o.resume, .command = o.command}),
                e.learns() ? epoch_table_of(output) : "");
  Outcome out;
  out.complete = simulation.run(results, stop, [&](const auto& p) { line.show(p); });
  line.clear();
  out.counts = simulation.counts();
  out.counts.peak_rss_mb = peak_rss_mb();
  out.counts.isa = active_isa();
  out.warnings = e.warnings;
  out.warnings.insert(out.warnings.end(), simulation.warnings().begin(), simulation.warnings().end());
  results.close(out.counts, out.complete, out.warnings);
  out.rates = results.rates();
  return out;
}

void refuse_of_simulation(const RunOptions& o) {
  for (const auto& [option, given] : {std::pair{"--weights", !o.weights.empty()}, {"--resume", o.resume}})
    if (given) throw InputError(fmt::format("{}: {} simulates; it is of experiments that learn", option, o.experiment));
}

// The weights to begin with, or the place to go on from; and where checkpoints go.
void prepare(Training& training, const RunOptions& o, const std::string& checkpoint) {
  if (!o.weights.empty()) {
    const std::vector<TrainedNumbers> given = read_trained(o.weights);
    try {
      training.start_with(given, o.weights_partial);
    } catch (const InputError& e) {
      throw InputError(fmt::format("--weights {}: {}", o.weights, e.what()));
    }
  }
  if (o.resume) try {
      training.resume(read_checkpoint(checkpoint));
    } catch (const InputError& e) {
      throw InputError(fmt::format("--resume: {}", e.what()));
    }
  training.keep_checkpoints([checkpoint](const Checkpoint& c) { write_checkpoint(checkpoint, c); });
}

}  // namespace

double peak_rss_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;  // Linux counts KiB
}

Outcome run_point(const Experiment& e, const RunOptions& o, const std::string& output, bool quiet) {
  if (e.learns()) {
    Training training(e);
    const std::string checkpoint = checkpoint_of(output);
    prepare(training, o, checkpoint);
    Outcome out = run_to_end(training, EpochLines(e, quiet), e, o, output);
    out.reports = training.reports();
    if (out.complete) std::filesystem::remove(checkpoint);
    return out;
  }
  refuse_of_simulation(o);
  const std::unique_ptr<Files> files = make_files();
  Simulation simulation(e, *files);
  if (simulation.counts().threads > 1) end_idle_threads();  // of building: a run has as many as were asked for
  return run_to_end(simulation, ProgressLine(e, quiet), e, o, output);
}

nlohmann::ordered_json stats(const Experiment& e, const Outcome& outcome) {
  const RunCounts& c = outcome.counts;
  const PhaseCounts last = c.phases.empty() ? PhaseCounts{} : c.phases.back();
  nlohmann::ordered_json top = phase_stats(last);
  nlohmann::ordered_json s{{"build_s", c.build_s},
                           {"simulate_s", top["simulate_s"]},
                           {"sim_time_ms", top["sim_time_ms"]},
                           {"neurons", c.neurons},
                           {"synapses", c.synapses},
                           {"spikes", top["spikes"]},
                           {"synaptic_events", top["synaptic_events"]},
                           {"external_events", top["external_events"]},
                           {"events_per_s", top["events_per_s"]},
                           {"bytes_per_synapse", c.bytes_per_synapse},
                           {"peak_rss_mb", c.peak_rss_mb},
                           {"threads", c.threads},
                           {"seed", e.seed},
                           {"window_ms", nullptr},
                           {"version", VOLLEY_VERSION}};
  if (c.window != never) s["window_ms"] = to_ms(c.window);  // null: nothing limits it
  if (c.phases.size() > 1)
    for (const PhaseCounts& p : c.phases) s["phases"][p.name] = phase_stats(p);
  for (const PhaseReport& r : outcome.reports) {
    nlohmann::ordered_json& p = s["learning"][r.name];
    p = {{"seconds", r.seconds}, {"samples", r.samples}};
    if (r.epochs > 0) p["epochs"] = r.epochs, p["best_epoch"] = r.best_epoch;
    for (const auto& [name, value] : r.values) p[name] = value;
  }
  return s;
}

}  // namespace volley::cli
