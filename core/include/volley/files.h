// SPDX-License-Identifier: Apache-2.0
// Reading of data files, offered by the host to stimulators and to connection lists. A file that cannot be read, or is
// not what it should be, is the host's error and names file, line and column (HDF5: file and object).
#pragma once

#include <volley/parameters.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace volley {

// A CSV with a header. Cells are text; empty cells are missing values.
struct Table {
  std::string file;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  struct Place {
    std::uint32_t line;
    std::vector<std::uint32_t> column;  // of each cell
  };
  std::vector<Place> places;  // of the rows, in the file

  // "file:line:column" of a cell.
  std::string place(std::size_t row, std::size_t column) const {
    return file + ':' + std::to_string(places[row].line) + ':' + std::to_string(places[row].column[column]);
  }
  bool has(std::string_view name) const {
    for (const std::string& c : columns)
      if (c == name) return true;
    return false;
  }
  // Index of a column; throws BadParameter{"file"} with the names that there are.
  std::size_t column(std::string_view name) const {
    for (std::size_t i = 0; i < columns.size(); ++i)
      if (columns[i] == name) return i;
    std::string known;
    for (std::size_t i = 0; i < columns.size() && i < 20; ++i) known += (i ? ", " : "") + columns[i];
    if (columns.size() > 20) known += ", ...";
    throw BadParameter("file", file + ":1:1: no column '" + std::string(name) + "'; there are: " + known);
  }
  // Number in a cell; NaN when empty; throws BadParameter with file, line and column when it is not a number.
  double number(std::size_t row, std::size_t column) const {
    const std::string& cell = rows[row][column];
    if (cell.empty()) return std::numeric_limits<double>::quiet_NaN();
    double x = 0.0;
    const char* end = cell.data() + cell.size();
    const auto [stop, error] = std::from_chars(cell.data() + (cell[0] == '+'), end, x);
    if (error != std::errc{} || stop != end || !std::isfinite(x))
      throw BadParameter("file", place(row, column) + ": column " + columns[column] + ": '" + cell +
                                     "' is not a number (a missing value is an empty cell)");
    return x;
  }
};

// Spikes of a file: parallel arrays, in the file's order. unit: 0-based.
struct SpikeList {
  std::vector<double> times_ms;
  std::vector<std::uint64_t> units;
};

// Synapses of a file: parallel arrays; weight and delay are empty where the file does not give them.
struct EdgeList {
  std::vector<std::uint64_t> source, target;  // 0-based
  std::vector<double> weight;                 // in the port's unit
  std::vector<double> delay_ms;
};

class Files {
 public:
  virtual ~Files() = default;
  virtual Table csv(const std::string& path) const = 0;  // plain or .gz
  // SONATA: /spikes/<population> (or the only one when empty; old /spikes/gids too).
  virtual SpikeList sonata_spikes(const std::string& path, const std::string& population) const = 0;
  // SONATA: /edges/<population> (or the only one when empty), attributes syn_weight and delay of its groups.
  virtual EdgeList sonata_edges(const std::string& path, const std::string& population) const = 0;
  // SHD / SSC: /spikes/times[sample], /spikes/units[sample], seconds.
  virtual SpikeList shd_sample(const std::string& path, std::uint64_t sample) const = 0;
  // A one-dimensional numeric dataset.
  virtual std::vector<double> hdf5_numbers(const std::string& path, const std::string& dataset) const = 0;
};

}  // namespace volley
