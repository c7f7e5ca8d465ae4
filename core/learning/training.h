// SPDX-License-Identifier: Apache-2.0
// Runs an experiment that learns: builds its network once, then trains and evaluates, phase after phase.
#pragma once

#include <learning/rule_report.h>
#include <network/checkpoint.h>
#include <network/description.h>
#include <network/results.h>

#include <atomic>
#include <functional>
#include <memory>

namespace volley {

struct TrainingProgress {
  std::size_t phase = 0, epoch = 0;  // epoch: of a phase that trains, from 1
  double samples_per_s = 0;
  const EpochResult* ended = nullptr;  // the epoch that has just ended
  bool best = false;                   // it is the best so far
};

// What is left of a phase for the reader.
struct PhaseReport {
  std::string name;
  std::size_t epochs = 0, best_epoch = 0;  // of training; best: 0 without `keep`
  bool stopped_early = false;
  std::vector<std::pair<std::string, double>> values;
  double seconds = 0;
  std::size_t samples = 0;  // presented, all epochs or repeats
};

namespace learning {
struct Learner;
}

class Training {
 public:
  // Throws InputError for what only the built network can tell.
  explicit Training(const Experiment&);
  ~Training();

  const RunCounts& counts() const;
  const std::vector<std::string>& warnings() const;
  const std::vector<PhaseReport>& reports() const;
  const std::vector<learning::RuleReport>& rules() const;  // by phase; empty of evaluations
  std::size_t trained_numbers() const;

  // Before run():
  // Other initial values: of each, the best if there are any, else the last. Throws InputError with the names of all
  // that are missing, too many or of another shape; `partial`: takes what fits and leaves the rest as drawn.
  void start_with(const std::vector<TrainedNumbers>&, bool partial);
  // Goes on where a run of the same experiment stood; run() first tells the results what that run had told them.
  void resume(Checkpoint);
  // Calls `keep` at the end of each epoch and phase.
  void keep_checkpoints(std::function<void(const Checkpoint&)> keep);

  // Runs all phases. `stop` may be set at any time: the batch at hand is finished and the run ends early (returns
  // false). Throws InputError, after results.trained(), where numbers are no longer finite.
  bool run(Results&, const std::atomic<bool>& stop, const std::function<void(const TrainingProgress&)>& progress);

 private:
  std::unique_ptr<learning::Learner> learner_;
};

// Whether a metric is better when it is larger.
bool larger_is_better(Metric);

}  // namespace volley
