// SPDX-License-Identifier: Apache-2.0
// One experiment from built network to closed result file: what `run` does once, and a sweep many times.
#pragma once

#include <cli/commands.h>
#include <cli/tally.h>
#include <learning/training.h>

#include <nlohmann/json_fwd.hpp>

namespace volley::cli {

struct Outcome {
  RunCounts counts;
  std::vector<PhaseReport> reports;  // of an experiment that learns
  std::vector<RecordedRate> rates;
  std::vector<std::string> warnings;
  bool complete = false;
};

Outcome run_point(const Experiment&, const RunOptions&, const std::string& output, bool quiet);

// The object that --stats writes.
nlohmann::ordered_json stats(const Experiment&, const Outcome&);

double peak_rss_mb();

}  // namespace volley::cli
