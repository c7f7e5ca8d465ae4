// SPDX-License-Identifier: Apache-2.0
// The host's reader of data files: CSV (plain or gzip) and HDF5 (SONATA, SHD). Throws InputError.
#pragma once

#include <volley/files.h>

#include <memory>

namespace volley {

std::unique_ptr<Files> make_files();

// A whole file, unpacked where it is gzip. An error tells after how many unpacked bytes reading ended.
std::string read_unpacked(const std::string& path);

Table read_csv(const std::string& path);
// Without a header: columns are called 1, 2, ..
Table read_bare_csv(const std::string& path);

// A matrix of numbers of an HDF5 file, row by row.
struct Matrix {
  std::size_t rows = 0, columns = 0;
  std::vector<float> values;
};
Matrix read_hdf5_matrix(const std::string& path, const std::string& dataset);

// Samples of the SHD layout: spikes/times (s), spikes/units, labels.
struct SpikeTrains {
  std::vector<std::vector<double>> times;
  std::vector<std::vector<std::uint64_t>> units;
  std::vector<std::uint64_t> labels;
};
SpikeTrains read_hdf5_trains(const std::string& path);

}  // namespace volley
