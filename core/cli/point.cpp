// SPDX-License-Identifier: Apache-2.0
// One experiment: build, run, close the result file.
#include <cli/point.h>
#include <cli/progress.h>
#include <engine/simulation.h>
#include <experiment/files.h>
#include <network/error.h>
#include <network/isa.h>
#include <output/hdf5_results.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace volley::cli {
namespace {

namespace fs = std::filesystem;

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

// Throws unless a file can be made there; the folder `made` is made when it is needed.
void check_folder(const std::string& file, const fs::path& made) {
  std::error_code ignored;
  const fs::path folder = fs::absolute(file).parent_path();
  if (!fs::is_directory(folder, ignored) && (folder != made || fs::exists(folder, ignored)))
    throw InputError(fmt::format("{}: there is no folder {}", file, folder.string()));
  const fs::path written = fs::exists(folder, ignored) ? folder : folder.parent_path();
  if (access(written.c_str(), W_OK) != 0)
    throw InputError(fmt::format("{}: folder {} cannot be written to", file, written.string()));
}

}  // namespace

double peak_rss_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;  // Linux counts KiB
}

std::string default_output(const Experiment& e) { return (fs::path("results") / (e.name + ".h5")).string(); }

void check_output(const std::string& output, const RunOptions& o) {
  std::error_code ignored;
  if (fs::exists(output, ignored)) {
    if (fs::equivalent(output, o.experiment, ignored))
      throw InputError(output + ": is the experiment itself; choose another --output");
    if (!fs::is_regular_file(output, ignored))
      throw InputError(output + ": is not a file; --output takes the name of a file");
    if (!o.overwrite) throw InputError(output + ": exists already; --overwrite replaces it, --output names another");
  }
  check_folder(output, o.output.empty() ? fs::absolute(output).parent_path() : fs::path());
}

void check_stats(const RunOptions& o, const std::vector<std::string>& outputs) {
  if (o.stats.empty() || o.stats == "-") return;
  const auto place = [](const std::string& file) {  // not through the file itself: /dev/stdout leads nowhere
    const fs::path path = fs::absolute(file);
    std::error_code ignored;
    return fs::weakly_canonical(path.parent_path(), ignored) / path.filename();
  };
  const auto same = [&](const std::string& other) {
    std::error_code ignored;
    return fs::equivalent(o.stats, other, ignored) || place(o.stats) == place(other);
  };
  if (same(o.experiment)) throw InputError(o.stats + ": is the experiment itself; choose another --stats");
  for (const std::string& output : outputs)
    if (same(output)) throw InputError(o.stats + ": is a file of the results too; choose another --stats");
  std::error_code ignored;
  if (fs::is_directory(o.stats, ignored))
    throw InputError(o.stats + ": is a folder; --stats takes the name of a file, or - for standard output");
  if (!fs::exists(o.stats, ignored))
    check_folder(o.stats, o.output.empty() ? fs::absolute(outputs.front()).parent_path() : fs::path());
  else if (access(o.stats.c_str(), W_OK) != 0)
    throw InputError(fmt::format("{}: cannot be written: {}", o.stats, std::strerror(errno)));
}

Outcome run_point(const Experiment& e, const RunOptions& o, const std::string& output, bool quiet) {
  const std::unique_ptr<Files> files = make_files();
  Simulation simulation(e, *files);
  if (o.output.empty()) fs::create_directories(fs::path(output).parent_path());
  file_open = true;
  Tally results(make_hdf5_results({.file = output, .overwrite = o.overwrite, .command = o.command}));
  Outcome out;
  {
    ProgressLine line(e, quiet);
    out.complete = simulation.run(results, stop, [&](const Progress& p) { line.show(p); });
  }
  out.counts = simulation.counts();
  out.counts.peak_rss_mb = peak_rss_mb();
  out.counts.isa = active_isa();
  out.warnings = e.warnings;
  out.warnings.insert(out.warnings.end(), simulation.warnings().begin(), simulation.warnings().end());
  results.close(out.counts, out.complete, out.warnings);
  out.rates = results.rates();
  return out;
}

nlohmann::ordered_json stats(const Experiment& e, const RunCounts& c) {
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
  return s;
}

}  // namespace volley::cli
