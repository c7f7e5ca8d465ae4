// SPDX-License-Identifier: Apache-2.0
// The result file: HDF5, written by one thread through a bounded buffer. Layout: docs/results.md.
#pragma once

#include <network/results.h>

#include <memory>
#include <string>

namespace volley {

struct OutputOptions {
  std::string file;
  bool overwrite = false;
  double flush_s = 2.0;             // metadata reaches the disk this often
  std::size_t buffer_mb = 64;       // a full buffer makes the engine wait
  std::vector<std::string> command; // argv, for provenance
};

// Throws InputError when the file exists (without overwrite) or cannot be made; it never leaves a half-made file.
std::unique_ptr<Results> make_hdf5_results(const OutputOptions&);

}  // namespace volley
