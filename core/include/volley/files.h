// SPDX-License-Identifier: Apache-2.0
// Reading of data files, offered by the host to stimulators. Every error is the host's (file, row, column).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace volley {

// A CSV with a header. Cells are text; empty cells are missing values.
struct Table {
  std::string file;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  // Index of a column; throws BadParameter{"file"} with the nearest name.
  std::size_t column(std::string_view name) const;
  // Number in a cell; NaN when empty; throws BadParameter with file and line when it is not a number.
  double number(std::size_t row, std::size_t column) const;
};

// Spikes of a file: parallel arrays, in the file's order. unit: 0-based.
struct SpikeList {
  std::vector<double> times_ms;
  std::vector<std::uint64_t> units;
};

class Files {
 public:
  virtual ~Files() = default;
  virtual Table csv(const std::string& path) const = 0;  // plain or .gz
  // SONATA: /spikes/<population> (or the only one when empty; old /spikes/gids too).
  virtual SpikeList sonata_spikes(const std::string& path, const std::string& population) const = 0;
  // SHD / SSC: /spikes/times[sample], /spikes/units[sample], seconds.
  virtual SpikeList shd_sample(const std::string& path, std::uint64_t sample) const = 0;
  // A one-dimensional numeric dataset.
  virtual std::vector<double> hdf5_numbers(const std::string& path, const std::string& dataset) const = 0;
};

}  // namespace volley
