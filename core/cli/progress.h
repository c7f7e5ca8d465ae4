// SPDX-License-Identifier: Apache-2.0
// How far a run is, on standard error: a bar on a terminal, a line every few seconds otherwise.
#pragma once

#include <engine/simulation.h>

#include <chrono>

namespace volley::cli {

class ProgressLine {
 public:
  ProgressLine(const Experiment& e, bool quiet);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const Progress&);

 private:
  using Clock = std::chrono::steady_clock;
  void clear();

  const Experiment& experiment_;
  bool quiet_, terminal_, drawn_ = false;
  std::size_t phase_ = 0;
  Clock::time_point phase_start_, last_;
};

}  // namespace volley::cli
