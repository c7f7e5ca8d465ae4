// SPDX-License-Identifier: Apache-2.0
#include <learning/learner.h>
#include <network/memory.h>
#include <network/parallel.h>

namespace volley {

using learning::Learner;

bool larger_is_better(Metric m) { return m == Metric::accuracy; }

Training::Training(const Experiment& e) {
  const auto began = Learner::Clock::now();
  check_memory(e);
  learner_ = learning::make_learner(e);
  learner_->counts.build_s = std::chrono::duration<double>(Learner::Clock::now() - began).count();
}
Training::~Training() = default;

const RunCounts& Training::counts() const { return learner_->counts; }
const std::vector<std::string>& Training::warnings() const { return learner_->warnings; }
const std::vector<PhaseReport>& Training::reports() const { return learner_->reports; }
const std::vector<learning::RuleReport>& Training::rules() const { return learner_->reports_of_rules; }
std::size_t Training::trained_numbers() const { return learner_->numbers_that_train(); }

void Training::start_with(const std::vector<TrainedNumbers>& given, bool partial) {
  learner_->start_with(given, partial);
}
void Training::resume(Checkpoint c) { learner_->resume(std::move(c)); }
void Training::keep_checkpoints(std::function<void(const Checkpoint&)> keep) {
  learner_->keep_checkpoint = std::move(keep);
}

bool Training::run(Results& results, const std::atomic<bool>& stop,
                   const std::function<void(const TrainingProgress&)>& progress) {
  bool complete = false;
  Workers workers(learner_->e.engine.threads);
  std::exception_ptr error;
  workers.run([&] {
    try {
      complete = learner_->run(results, stop, progress);
    } catch (...) {
      error = std::current_exception();
    }
  });
  if (error) std::rethrow_exception(error);
  return complete;
}

}  // namespace volley
