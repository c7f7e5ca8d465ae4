// SPDX-License-Identifier: Apache-2.0
// Reads whole datasets and attributes back, with HDF5 itself.
#pragma once

#include <output/hdf5.h>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace volley::test {

class Reader {
 public:
  explicit Reader(const std::string& path) {
    const hdf5::Quiet quiet;
    const hdf5::Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    H5Pset_file_locking(access, false, true);
    file_ = hdf5::Id(hdf5::ok(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), "opening"), H5Fclose);
  }

  std::vector<hsize_t> shape(const std::string& name) const {
    const hdf5::Id d = open(name), space(H5Dget_space(d), H5Sclose);
    std::vector<hsize_t> s(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space)));
    H5Sget_simple_extent_dims(space, s.data(), nullptr);
    return s;
  }

  template <class T>
  std::vector<T> read(const std::string& name) const {
    const hdf5::Id d = open(name), space(H5Dget_space(d), H5Sclose);
    std::vector<T> values(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
    if (!values.empty())
      hdf5::ok(H5Dread(d, hdf5::native<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), "reading");
    return values;
  }

  std::string text(const std::string& object, const char* name) const {
    const hdf5::Id o(hdf5::ok(H5Oopen(file_, object.c_str(), H5P_DEFAULT), "opening"), H5Oclose);
    const hdf5::Id a(hdf5::ok(H5Aopen(o, name, H5P_DEFAULT), "opening"), H5Aclose), type = hdf5::text_type();
    char* s = nullptr;
    hdf5::ok(H5Aread(a, type, &s), "reading");
    const std::string text = s;
    H5free_memory(s);
    return text;
  }

  template <class T>
  T attribute(const std::string& object, const char* name) const {
    const hdf5::Id o(hdf5::ok(H5Oopen(file_, object.c_str(), H5P_DEFAULT), "opening"), H5Oclose);
    const hdf5::Id a(hdf5::ok(H5Aopen(o, name, H5P_DEFAULT), "opening"), H5Aclose);
    T value{};
    hdf5::ok(H5Aread(a, hdf5::native<T>(), &value), "reading");
    return value;
  }

 private:
  hdf5::Id open(const std::string& name) const {
    return hdf5::Id(hdf5::ok(H5Dopen2(file_, name.c_str(), H5P_DEFAULT), "opening"), H5Dclose);
  }

  hdf5::Id file_;
};

}  // namespace volley::test
