// SPDX-License-Identifier: Apache-2.0
#include <network/error.h>
#include <output/hdf5.h>
#include <output/read_trained.h>

#include <fmt/format.h>

#include <filesystem>

namespace volley {
namespace {

using namespace hdf5;

std::string read_text(hid_t object, const char* name) {
  const Id a(ok(H5Aopen(object, name, H5P_DEFAULT), "reading a name"), H5Aclose);
  char* text = nullptr;
  ok(H5Aread(a, text_type(), &text), "reading a name");
  const std::string out = text ? text : "";
  H5free_memory(text);
  return out;
}

// One or two dimensions of numbers, of a convolution four.
std::vector<double> read_numbers(hid_t group, const char* name, TrainedNumbers& n) {
  const Id d(ok(H5Dopen2(group, name, H5P_DEFAULT), "reading numbers"), H5Dclose);
  const Id space(ok(H5Dget_space(d), "reading numbers"), H5Sclose);
  hsize_t shape[4] = {};
  const int dimensions = H5Sget_simple_extent_ndims(space);
  if (dimensions != 1 && dimensions != 2 && dimensions != 4)
    throw Error(fmt::format("{} has {} dimensions, not 1, 2 or 4", name, dimensions));
  H5Sget_simple_extent_dims(space, shape, nullptr);
  n.shape.assign(shape, shape + dimensions);
  std::vector<double> values(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
  if (!values.empty())
    ok(H5Dread(d, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), "reading numbers");
  return values;
}

}  // namespace

std::vector<TrainedNumbers> read_trained(const std::string& path) {
  if (!std::filesystem::exists(path)) throw InputError(path + ": there is no such file");
  const Quiet quiet;
  const Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_file_locking(access, false, true);
  const Id file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), H5Fclose);
  if (file < 0) throw InputError(path + ": cannot be read as an HDF5 file");
  const Id all(H5Gopen2(file, "trained", H5P_DEFAULT), H5Gclose);
  if (all < 0) throw InputError(path + ": has no /trained; the result file of a training has it at its end");
  std::vector<std::string> links;
  const auto add = [](hid_t, const char* name, const H5L_info_t*, void* out) -> herr_t {
    static_cast<std::vector<std::string>*>(out)->push_back(name);
    return 0;
  };
  H5Literate(all, H5_INDEX_NAME, H5_ITER_INC, nullptr, add, &links);
  std::vector<TrainedNumbers> out;
  for (const std::string& link : links) try {
      const Id g(ok(H5Gopen2(all, link.c_str(), H5P_DEFAULT), "opening the group"), H5Gclose);
      TrainedNumbers n{.name = read_text(g, "name")};
      if (H5Lexists(g, "best", H5P_DEFAULT) > 0) n.best = read_numbers(g, "best", n);
      n.last = read_numbers(g, "last", n);
      if (!n.best.empty() && n.best.size() != n.last.size()) throw Error("best and last differ in shape");
      out.push_back(std::move(n));
    } catch (const Error& e) {
      throw InputError(fmt::format("{}: /trained/{}: {}", path, link, e.what()));
    }
  return out;
}

}  // namespace volley
