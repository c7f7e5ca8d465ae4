// SPDX-License-Identifier: Apache-2.0
// What the command can do: one function a subcommand. Each returns an exit code; errors are thrown (main.cpp).
#pragma once

#include <experiment/load.h>

#include <atomic>
#include <string>
#include <vector>

namespace volley::cli {

enum Exit : int { done = 0, our_bug = 1, users_input = 2, interrupted = 130 };

struct RunOptions {
  std::string experiment;
  LoadOptions load;
  int threads = 0;     // 0: all cores
  std::string isa;     // empty: the best of this machine
  std::string output;  // empty: results/<name>.h5
  std::string stats;   // file, "-" for standard output, or empty
  bool overwrite = false;
  std::string weights;           // of a result file, to begin with
  bool weights_partial = false;  // only those that fit
  bool resume = false;           // from the checkpoint beside the output
  bool quiet = false;
  std::vector<std::string> command;  // argv, for provenance
};

int run(const RunOptions&);
int check(const RunOptions&);

// Models, with those of `plugins` beside the built-in ones.
int list(const std::string& kind, const std::vector<std::string>& plugins);
int describe(const std::string& model, bool markdown, const std::vector<std::string>& plugins);
int schema(const std::vector<std::string>& plugins);

// The kind called `name` (singular or plural); throws InputError with the nearest.
ModelKind kind_of(const std::string& name);

int new_model(const std::string& kind, const std::string& name);
int version();

// The built-in models and those of `plugins`.
Registry registry_with(const std::vector<std::string>& plugins);

// What Ctrl-C (SIGINT) and SIGTERM do. From catch_signals() on they end the process at once with exit code 130, since
// nothing is written yet; while `file_open` is true they set `stop`, so that the run ends and closes its file. A second
// signal kills at once.
extern std::atomic<bool> stop, file_open;
void catch_signals();

}  // namespace volley::cli
