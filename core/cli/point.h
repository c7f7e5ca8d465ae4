// SPDX-License-Identifier: Apache-2.0
// One experiment from built network to closed result file: what `run` does once, and a sweep many times.
#pragma once

#include <cli/commands.h>
#include <cli/tally.h>

#include <nlohmann/json_fwd.hpp>

namespace volley::cli {

struct Outcome {
  RunCounts counts;
  std::vector<RecordedRate> rates;
  std::vector<std::string> warnings;
  bool complete = false;
};

Outcome run_point(const Experiment&, const RunOptions&, const std::string& output, bool quiet);

// Where the result goes when no --output says otherwise: results/<name>.h5.
std::string default_output(const Experiment&);
// Throws InputError when `output` exists without --overwrite, or cannot be a result file. Writes nothing.
void check_output(const std::string& output, const RunOptions&);
// Throws InputError when --stats cannot be written, or would replace the experiment or one of `outputs`.
void check_stats(const RunOptions&, const std::vector<std::string>& outputs);

// The object that --stats writes.
nlohmann::ordered_json stats(const Experiment&, const RunCounts&);

double peak_rss_mb();

}  // namespace volley::cli
