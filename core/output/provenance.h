// SPDX-License-Identifier: Apache-2.0
// The group /provenance: what was run, with what, where, and how it ended.
#pragma once

#include <network/results.h>
#include <output/columns.h>

#include <chrono>
#include <string>
#include <vector>

namespace volley {

class Provenance {
 public:
  // Makes the group; the run counts as incomplete until close().
  Provenance(hid_t file, const Experiment&, const std::vector<std::string>& command, Columns&);

  void begin_phase(Time start) { start_ = start; }
  void end_phase(std::size_t phase, const PhaseCounts&, Writer&);

  // After the writer thread has ended.
  void close(const RunCounts&, const std::vector<std::string>& warnings);
  void finish(bool complete, const std::string& reason);

 private:
  hdf5::Id group_, warnings_, phase_type_;
  std::vector<std::string> known_warnings_, phase_names_;
  std::size_t phases_ = 0;      // column
  std::size_t name_bytes_ = 8;  // of a phase's name
  Time start_ = 0;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();

  void write_warnings();
};

}  // namespace volley
