// SPDX-License-Identifier: Apache-2.0
// Extendible datasets: conversion on the writer thread, one HDF5 call for a whole array.
#include <output/columns.h>

#include <algorithm>

namespace volley {
namespace {

using namespace hdf5;

constexpr hsize_t chunk_bytes = 1 << 17;  // small files stay small, and a long run has few chunks to index

Id type_of(const Columns::Spec& s) {
  switch (s.kind) {
    case Columns::Kind::time:
    case Columns::Kind::number: return Id(H5Tcopy(H5T_NATIVE_DOUBLE), H5Tclose);
    case Columns::Kind::index:
    case Columns::Kind::synapse: return Id(H5Tcopy(H5T_NATIVE_UINT64), H5Tclose);
    case Columns::Kind::real: return Id(H5Tcopy(H5T_NATIVE_FLOAT), H5Tclose);
    case Columns::Kind::record: break;
  }
  return Id(H5Tcopy(s.type), H5Tclose);
}

template <class From, class To, class F>
std::span<const To> convert(std::span<const std::byte> bytes, std::vector<std::byte>& scratch, F f) {
  const std::size_t n = bytes.size() / sizeof(From);
  const auto* from = reinterpret_cast<const From*>(bytes.data());
  scratch.resize(n * sizeof(To));
  auto* to = reinterpret_cast<To*>(scratch.data());
  std::transform(from, from + n, to, f);
  return {to, n};
}

}  // namespace

void Grid::add(Time t) {
  if (samples == 0) first = t;
  regular = regular && t == first + static_cast<Time>(samples) * every;
  samples += regular;
}

void Grid::write() const {
  const double values[] = {to_ms(first), to_ms(first + static_cast<Time>(samples) * every), to_ms(every)};
  ok(H5Dwrite(header, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), "writing a report's times");
}

std::size_t Columns::add(hid_t at, const char* name, const Spec& s) {
  Column c{{}, type_of(s), s.kind, s.matrix, s.width};
  const hsize_t values = std::max<hsize_t>(1, chunk_bytes / H5Tget_size(c.type));
  const hsize_t columns = std::clamp<hsize_t>(s.width, 1, values);
  const hsize_t start[] = {0, s.width}, limit[] = {H5S_UNLIMITED, H5S_UNLIMITED};
  const hsize_t chunk[] = {s.matrix ? values / columns : values, columns};
  const int rank = s.matrix ? 2 : 1;
  const Id space(ok(H5Screate_simple(rank, start, limit), "making a dataset"), H5Sclose);
  const Id properties(ok(H5Pcreate(H5P_DATASET_CREATE), "making a dataset"), H5Pclose);
  ok(H5Pset_chunk(properties, rank, chunk), "making a dataset");
  // No cache and no filling: arrays go straight to the disk, and a flush has only metadata to write.
  ok(H5Pset_fill_time(properties, H5D_FILL_TIME_NEVER), "making a dataset");
  const Id access(ok(H5Pcreate(H5P_DATASET_ACCESS), "making a dataset"), H5Pclose);
  ok(H5Pset_chunk_cache(access, 1, 0, 1.0), "making a dataset");
  c.dataset =
      Id(ok(H5Dcreate2(at, name, c.type, space, H5P_DEFAULT, properties, access), "making a dataset"), H5Dclose);
  if (s.units) attribute(c.dataset, "units", std::string(s.units));
  columns_.push_back(std::move(c));
  return columns_.size() - 1;
}

void Columns::add_grid(std::size_t column, hid_t mapping, Time every) {
  const hsize_t three = 3;
  const Id space(ok(H5Screate_simple(1, &three, nullptr), "making a report"), H5Sclose);
  const Id properties(ok(H5Pcreate(H5P_DATASET_CREATE), "making a report"), H5Pclose);
  ok(H5Pset_layout(properties, H5D_COMPACT), "making a report");
  Grid g{Id(ok(H5Dcreate2(mapping, "time", H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, properties, H5P_DEFAULT),
               "making a report"), H5Dclose),
         every};
  attribute(g.header, "units", std::string("ms"));
  g.write();
  columns_[column].grid = grids_.size();
  grids_.push_back(std::move(g));
}

void Columns::write(std::size_t column, std::span<const std::byte> bytes) {
  const Quiet quiet;
  Column& c = columns_[column];
  switch (c.kind) {
    case Kind::time: {
      const auto ms = convert<Time, double>(bytes, scratch_, to_ms);
      write_values(c, ms.data(), ms.size());
      if (c.grid != none)
        for (std::size_t k = 0; k < ms.size(); ++k) grids_[c.grid].add(reinterpret_cast<const Time*>(bytes.data())[k]);
      return;
    }
    case Kind::index: {
      const auto ids = convert<std::uint32_t, std::uint64_t>(bytes, scratch_, [](std::uint32_t i) { return i; });
      return write_values(c, ids.data(), ids.size());
    }
    default: return write_values(c, bytes.data(), bytes.size() / H5Tget_size(c.type));
  }
}

void Columns::write_values(Column& c, const void* values, hsize_t count) {
  const auto* from = static_cast<const std::byte*>(values);
  const std::size_t size = H5Tget_size(c.type);
  const hsize_t end = c.done + count;
  if (!c.matrix) {
    ok(H5Dset_extent(c.dataset, &end), "growing a dataset");
    write_box(c, &c.done, &count, from);
  } else {
    const hsize_t extent[] = {(end + c.width - 1) / c.width, c.width};
    ok(H5Dset_extent(c.dataset, extent), "growing a dataset");
    // The rest of a begun row, whole rows, the beginning of a row.
    for (hsize_t at = c.done; at < end;) {
      const hsize_t start[] = {at / c.width, at % c.width};
      const hsize_t left = end - at;
      const bool whole = start[1] == 0 && left >= c.width;
      const hsize_t box[] = {whole ? left / c.width : 1, whole ? c.width : std::min(c.width - start[1], left)};
      write_box(c, start, box, from);
      at += box[0] * box[1];
      from += box[0] * box[1] * size;
    }
  }
  c.done = end;
}

void Columns::write_box(const Column& c, const hsize_t* start, const hsize_t* count, const void* values) {
  const Id place(ok(H5Dget_space(c.dataset), "writing"), H5Sclose);
  const Id memory(ok(H5Screate_simple(c.matrix ? 2 : 1, count, nullptr), "writing"), H5Sclose);
  ok(H5Sselect_hyperslab(place, H5S_SELECT_SET, start, nullptr, count, nullptr), "writing");
  ok(H5Dwrite(c.dataset, c.type, memory, place, H5P_DEFAULT, values), "writing");
}

void Columns::flush() {
  const Quiet quiet;
  for (const Grid& g : grids_) g.write();
  // Rows without values (a record of no synapses) never come through write(): their number is that of their times.
  for (std::size_t k = 0; k < columns_.size(); ++k)
    if (columns_[k].matrix && columns_[k].width == 0) {
      const hsize_t extent[] = {columns_[k + 1].done, 0};
      ok(H5Dset_extent(columns_[k].dataset, extent), "growing a dataset");
    }
  reserved_ = reserve(file_, reserved_);
  ok(H5Fflush(file_, H5F_SCOPE_LOCAL), "flushing");
}

}  // namespace volley
