// SPDX-License-Identifier: Apache-2.0
// How far a run is, on standard error: a bar on a terminal, a line every few seconds otherwise.
#pragma once

#include <engine/simulation.h>
#include <learning/training.h>

#include <chrono>
#include <string>

namespace volley::cli {

class ProgressLine {
 public:
  ProgressLine(const Experiment& e, bool quiet);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const Progress&);
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  const Experiment& experiment_;
  bool quiet_, terminal_, drawn_ = false;
  std::size_t phase_ = 0;
  Clock::time_point phase_start_, last_;
};

// Of a run that learns: a line for each epoch.
class EpochLines {
 public:
  EpochLines(const Experiment& e, bool quiet) : experiment_(e), quiet_(quiet) {}
  void show(const TrainingProgress&) const;
  void clear() const {}

 private:
  const Experiment& experiment_;
  bool quiet_;
};

// "95.53 %" of an accuracy, else "0.02341".
std::string metric_text(std::string_view metric, double value);

}  // namespace volley::cli
