// SPDX-License-Identifier: Apache-2.0
// What is inside a Training: the network, the trainer and the optimisers of one precision, and all that the run so far
// has told.
#pragma once

#include <learning/training.h>

#include <chrono>

namespace volley::learning {

struct Learner {
  using Clock = std::chrono::steady_clock;
  using Progress = std::function<void(const TrainingProgress&)>;

  explicit Learner(const Experiment& experiment) : e(experiment) {}
  virtual ~Learner() = default;
  virtual bool run(Results&, const std::atomic<bool>& stop, const Progress&) = 0;
  virtual std::size_t numbers_that_train() const = 0;
  virtual void start_with(const std::vector<TrainedNumbers>&, bool partial) = 0;
  virtual void resume(Checkpoint) = 0;

  const Experiment& e;
  Checkpoint so_far;  // without theta and optimisers, which are added when it is kept
  std::function<void(const Checkpoint&)> keep_checkpoint;
  RunCounts counts;
  std::vector<std::string> warnings;
  std::vector<PhaseReport> reports;
  std::vector<RuleReport> reports_of_rules;  // by phase
};

// In single or in double precision, as the experiment says. Throws InputError for what only the built network can tell.
std::unique_ptr<Learner> make_learner(const Experiment&);

}  // namespace volley::learning
