// SPDX-License-Identifier: Apache-2.0
// Helpers around HDF5's C interface.
#include <output/hdf5.h>

#include <fcntl.h>

#include <cerrno>
#include <cstring>

namespace volley::hdf5 {
namespace {

// The message of the innermost error, reduced to the system's words where it has them.
std::string cause() {
  std::string text;
  const auto take = [](unsigned, const H5E_error2_t* e, void* out) -> herr_t {
    static_cast<std::string*>(out)->assign(e->desc ? e->desc : "");
    return 1;  // the first on the way up is the innermost
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take, &text);
  constexpr std::string_view mark = "error message = '";
  if (const auto at = text.find(mark); at != text.npos) {
    const auto from = at + mark.size();
    return text.substr(from, text.find('\'', from) - from);
  }
  return text;
}

Id space_of(std::span<const hsize_t> shape) {
  return Id(shape.empty() ? H5Screate(H5S_SCALAR)
                          : H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr),
            H5Sclose);
}

}  // namespace

void fail(const char* doing) {
  const std::string why = cause();
  throw Error(std::string(doing) + (why.empty() ? "" : ": " + why));
}

Quiet::Quiet() {
  H5Eget_auto2(H5E_DEFAULT, &print_, &data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}
Quiet::~Quiet() { H5Eset_auto2(H5E_DEFAULT, print_, data_); }

Id text_type() { return text_type(H5T_VARIABLE); }

Id text_type(std::size_t bytes) {
  Id type(ok(H5Tcopy(H5T_C_S1), "making a text type"), H5Tclose);
  ok(H5Tset_size(type, bytes), "making a text type");
  ok(H5Tset_cset(type, H5T_CSET_UTF8), "making a text type");
  if (bytes != H5T_VARIABLE) ok(H5Tset_strpad(type, H5T_STR_NULLPAD), "making a text type");
  return type;
}

Id group(hid_t at, const std::string& name) {
  const Id links(ok(H5Pcreate(H5P_LINK_CREATE), "making a group"), H5Pclose);
  H5Pset_char_encoding(links, H5T_CSET_UTF8);
  return Id(ok(H5Gcreate2(at, name.c_str(), links, H5P_DEFAULT, H5P_DEFAULT), "making a group"), H5Gclose);
}

void attribute(hid_t at, const char* name, hid_t type, const void* value, std::span<const hsize_t> shape) {
  if (ok(H5Aexists(at, name), "writing an attribute") > 0) ok(H5Adelete(at, name), "writing an attribute");
  const Id space = space_of(shape);
  const Id a(ok(H5Acreate2(at, name, type, space, H5P_DEFAULT, H5P_DEFAULT), "writing an attribute"), H5Aclose);
  ok(H5Awrite(a, type, value), "writing an attribute");
}

void attribute(hid_t at, const char* name, const std::string& value) {
  const char* text = value.c_str();
  attribute(at, name, text_type(), &text);
}
void attribute(hid_t at, const char* name, std::uint64_t value) { attribute(at, name, H5T_NATIVE_UINT64, &value); }
void attribute(hid_t at, const char* name, double value) { attribute(at, name, H5T_NATIVE_DOUBLE, &value); }

Id dataset(hid_t at, const std::string& name, hid_t type, const void* values, std::span<const hsize_t> shape) {
  const Id space = space_of(shape);
  Id d(ok(H5Dcreate2(at, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), "making a dataset"),
       H5Dclose);
  if (H5Sget_simple_extent_npoints(space) > 0)
    ok(H5Dwrite(d, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), "writing a dataset");
  return d;
}

Id dataset(hid_t at, const std::string& name, const std::string& text) {
  const char* p = text.c_str();
  return dataset(at, name, text_type(), &p, {});
}

int descriptor(hid_t file) {
  void* place = nullptr;
  ok(H5Fget_vfd_handle(file, H5P_DEFAULT, &place), "asking for the file's descriptor");
  return *static_cast<int*>(place);
}

hsize_t reserve(hid_t file, hsize_t from) {
  hsize_t end = 0;
  ok(H5Fget_filesize(file, &end), "asking for the file's size");
  if (end <= from) return from;
  const auto start = static_cast<off_t>(from), length = static_cast<off_t>(end - from);
  if (fallocate(descriptor(file), 0, start, length) != 0 && errno != EOPNOTSUPP && errno != ENOSYS)
    throw Error(std::string("making room: ") + std::strerror(errno));
  return end;
}

}  // namespace volley::hdf5
