// SPDX-License-Identifier: Apache-2.0
// The little of HDF5's C interface that a writer needs: handles that close themselves, errors with their cause.
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace volley::hdf5 {

// A failed call, with the innermost cause that HDF5 knows ("No space left on device").
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Id {
 public:
  Id() = default;
  Id(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  Id(Id&& o) noexcept : id_(std::exchange(o.id_, H5I_INVALID_HID)), close_(o.close_) {}
  Id& operator=(Id&& o) noexcept {
    std::swap(id_, o.id_);
    std::swap(close_, o.close_);
    return *this;
  }
  ~Id() {
    if (id_ >= 0) close_(id_);
  }
  operator hid_t() const { return id_; }

 private:
  hid_t id_ = H5I_INVALID_HID;
  herr_t (*close_)(hid_t) = nullptr;
};

[[noreturn]] void fail(const char* doing);

// Throws Error when a call returned a negative value.
template <class R>
R ok(R result, const char* doing) {
  if (result < 0) fail(doing);
  return result;
}

// HDF5 prints its errors by default; ours travel as exceptions. A setting of each thread.
class Quiet {
 public:
  Quiet();
  ~Quiet();

 private:
  H5E_auto2_t print_ = nullptr;
  void* data_ = nullptr;
};

// Types as they lie in the file (little endian) are those of memory on every machine that this runs on.
Id text_type();                     // UTF-8, variable length
Id text_type(std::size_t bytes);    // UTF-8, fixed length

Id group(hid_t at, const std::string& name);

void attribute(hid_t at, const char* name, hid_t type, const void* value, std::span<const hsize_t> shape = {});
void attribute(hid_t at, const char* name, const std::string& value);
void attribute(hid_t at, const char* name, std::uint64_t value);
void attribute(hid_t at, const char* name, double value);

// A dataset of fixed size, written at once; scalar without a shape. `values` may be null when it is empty.
Id dataset(hid_t at, const std::string& name, hid_t type, const void* values, std::span<const hsize_t> shape);
Id dataset(hid_t at, const std::string& name, const std::string& text);

template <class T>
hid_t native();
template <>
inline hid_t native<float>() { return H5T_NATIVE_FLOAT; }
template <>
inline hid_t native<double>() { return H5T_NATIVE_DOUBLE; }
template <>
inline hid_t native<std::uint8_t>() { return H5T_NATIVE_UINT8; }
template <>
inline hid_t native<std::uint32_t>() { return H5T_NATIVE_UINT32; }
template <>
inline hid_t native<std::uint64_t>() { return H5T_NATIVE_UINT64; }

template <class T>
Id dataset(hid_t at, const std::string& name, const std::vector<T>& values) {
  const hsize_t n = values.size();
  return dataset(at, name, native<T>(), values.data(), {&n, 1});
}

// The file's descriptor.
int descriptor(hid_t file);
// Makes the disk give room for all that a flush can write, from byte `from` on: where there is none, the failure
// comes now and not in the middle of the metadata. Returns the end.
hsize_t reserve(hid_t file, hsize_t from);

}  // namespace volley::hdf5
