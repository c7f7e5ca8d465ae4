// SPDX-License-Identifier: Apache-2.0
// Extendible datasets that grow by whole arrays, and the state reports' time grids that grow with them.
#pragma once

#include <output/hdf5.h>
#include <output/writer.h>

#include <volley/time.h>

#include <string>
#include <vector>

namespace volley {

// The SONATA header {start, stop, step} of a state report. It tells of the leading samples that lie on one grid.
struct Grid {
  hdf5::Id header;  // compact: lies with the metadata, so that it never tells of samples that a flush left out
  Time every = 0, first = 0;
  std::uint64_t samples = 0;
  bool regular = true;

  void add(Time t);
  void write() const;
};

class Columns final : public Writer::Sink {
 public:
  // What a column's bytes are on their way to the file.
  enum class Kind : std::uint8_t {
    time,     // Time -> float64, ms
    index,    // std::uint32_t -> uint64
    synapse,  // std::uint64_t -> uint64
    real,     // float -> float32
    number,   // double -> float64
    record,   // rows of a compound type
  };
  struct Spec {
    Kind kind;
    const char* units = nullptr;
    bool matrix = false;     // rows of `width` values; the column that follows holds the rows' times
    std::size_t width = 0;
    hid_t type = H5I_INVALID_HID;  // of a record
  };
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  // Makes an empty dataset and returns its column.
  std::size_t add(hid_t at, const char* name, const Spec&);
  // The report header that follows a column of times.
  void add_grid(std::size_t column, hid_t mapping, Time every);
  void on_flush(hid_t file) { file_ = file; }

  std::size_t size() const { return columns_.size(); }
  const std::vector<Grid>& grids() const { return grids_; }

  void write(std::size_t column, std::span<const std::byte> bytes) override;
  void flush() override;

 private:
  struct Column {
    hdf5::Id dataset, type;
    Kind kind;
    bool matrix;
    hsize_t width;
    hsize_t done = 0;  // values written
    std::size_t grid = none;
  };
  void write_values(Column&, const void* values, hsize_t count);
  void write_box(const Column&, const hsize_t* start, const hsize_t* count, const void* values);

  std::vector<Column> columns_;
  std::vector<Grid> grids_;
  std::vector<std::byte> scratch_;
  hid_t file_ = H5I_INVALID_HID;
  hsize_t reserved_ = 0;  // bytes of the file that the disk has room for
};

}  // namespace volley
