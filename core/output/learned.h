// SPDX-License-Identifier: Apache-2.0
// What an experiment that learns adds to its result file: /training (epochs, as they end), /evaluation and /trained (at
// the end).
#pragma once

#include <network/results.h>
#include <output/columns.h>

#include <string>
#include <vector>

namespace volley {

class Learned {
 public:
  // Makes the group and empty columns of every phase that trains.
  Learned(hid_t file, const Experiment&, Columns&);

  void epoch(std::size_t phase, const EpochResult&, Writer&);
  void about(std::size_t phase, const std::string& key, const std::string& text) {
    said_.push_back({phase, key, text});
  }
  void keep(std::size_t phase, const Evaluation& e) { evaluations_.emplace_back(phase, e); }
  void keep(const std::vector<TrainedNumbers>& n) { numbers_ = n; }

  // Writes what was kept; after the writer thread has ended.
  void write(hid_t file) const;

 private:
  bool learns_;
  std::vector<PhaseSpec> phases_;      // copies: results may outlive their experiment
  std::vector<std::string> datasets_;  // names
  std::vector<std::vector<std::size_t>> columns_;  // by phase
  std::vector<std::pair<std::size_t, Evaluation>> evaluations_;
  std::vector<TrainedNumbers> numbers_;
  struct Said { std::size_t phase; std::string key, text; };
  std::vector<Said> said_;
};

}  // namespace volley
