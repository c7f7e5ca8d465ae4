// SPDX-License-Identifier: Apache-2.0
// The epochs of a training as a CSV beside its result file, to be watched: a line an epoch, written when it ends.
#pragma once

#include <network/results.h>

#include <fstream>
#include <string>
#include <vector>

namespace volley::cli {

// "run.epochs.csv" of run.h5, and "run.h5.checkpoint".
std::string epoch_table_of(const std::string& output);
std::string checkpoint_of(const std::string& output);

class EpochTable {
 public:
  // Replaces the file. Throws InputError.
  EpochTable(const Experiment&, const std::string& path);
  void add(std::size_t phase, const EpochResult&);

 private:
  void flush();

  const Experiment& experiment_;
  std::string path_;
  std::ofstream file_;
  std::vector<std::string> metrics_;  // of all phases; a phase without one leaves its cell empty
};

}  // namespace volley::cli
