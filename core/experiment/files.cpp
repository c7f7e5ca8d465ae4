// SPDX-License-Identifier: Apache-2.0
// The HDF5 half of the reader: SONATA spikes and edges, SHD samples, plain datasets. `sorting` attributes, in any of
// the forms found in the wild, are not needed and not read: who uses a list of spikes sorts it.
#include <experiment/files.h>
#include <network/error.h>

#include <fmt/format.h>
#include <hdf5.h>

#include <algorithm>
#include <map>
#include <utility>

namespace volley {
namespace {

class Handle {
 public:
  Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  Handle(Handle&& o) noexcept : id_(std::exchange(o.id_, H5I_INVALID_HID)), close_(o.close_) {}
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  operator hid_t() const { return id_; }
  explicit operator bool() const { return id_ >= 0; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

// HDF5 prints its error stack by default; ours says more.
struct Quiet {
  H5E_auto2_t print;
  void* data;
  Quiet() {
    H5Eget_auto2(H5E_DEFAULT, &print, &data);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  }
  ~Quiet() { H5Eset_auto2(H5E_DEFAULT, print, data); }
};

class Hdf5 {
 public:
  explicit Hdf5(const std::string& path) : path_(path), file_(open(path)) {
    if (!file_) throw InputError(path + ": cannot be read as an HDF5 file");
  }

  [[noreturn]] void fail(const std::string& object, const std::string& what) const {
    throw InputError(fmt::format("{}: {}: {}", path_, object, what));
  }

  bool has(const std::string& object) const {
    for (std::size_t end = object.find('/', 1);; end = object.find('/', end + 1)) {
      if (H5Lexists(file_, object.substr(0, end).c_str(), H5P_DEFAULT) <= 0) return false;
      if (end == object.npos) return true;
    }
  }

  bool is_group(const std::string& object) const {
    const Handle o(H5Oopen(file_, object.c_str(), H5P_DEFAULT), H5Oclose);
    return o && H5Iget_type(o) == H5I_GROUP;
  }

  // Names of the groups inside a group, sorted.
  std::vector<std::string> groups(const std::string& group) const {
    std::vector<std::string> names;
    const Handle g(H5Gopen2(file_, group.c_str(), H5P_DEFAULT), H5Gclose);
    if (!g) return names;
    const auto add = [](hid_t, const char* name, const H5L_info_t*, void* out) -> herr_t {
      static_cast<std::vector<std::string>*>(out)->push_back(name);
      return 0;
    };
    H5Literate(g, H5_INDEX_NAME, H5_ITER_INC, nullptr, add, &names);
    std::erase_if(names, [&](const std::string& n) { return !is_group(group + "/" + n); });
    return names;
  }

  // A one-dimensional dataset of numbers of any type.
  template <class T>
  std::vector<T> numbers(const std::string& name, hid_t memory_type) const {
    const Handle d = dataset(name);
    check_class(name, Handle(H5Dget_type(d), H5Tclose), memory_type == H5T_NATIVE_DOUBLE);
    std::vector<T> values(length(name, d));
    if (!values.empty() && H5Dread(d, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0)
      fail(name, "cannot be read");
    return values;
  }
  std::vector<double> reals(const std::string& name) const { return numbers<double>(name, H5T_NATIVE_DOUBLE); }
  // A two-dimensional dataset of numbers of any type.
  Matrix matrix(const std::string& name) const {
    const Handle d = dataset(name);
    check_class(name, Handle(H5Dget_type(d), H5Tclose), true);
    const Handle space(H5Dget_space(d), H5Sclose);
    hsize_t shape[2] = {};
    if (H5Sget_simple_extent_ndims(space) != 2) fail(name, "not two-dimensional");
    H5Sget_simple_extent_dims(space, shape, nullptr);
    Matrix m{shape[0], shape[1], std::vector<float>(shape[0] * shape[1])};
    if (!m.values.empty() && H5Dread(d, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, m.values.data()) < 0)
      fail(name, "cannot be read");
    return m;
  }
  std::vector<std::uint64_t> indices(const std::string& name) const {
    return non_negative(name, numbers<std::int64_t>(name, H5T_NATIVE_INT64));
  }

  // One element of a dataset of variable-length sequences of numbers.
  template <class T>
  std::vector<T> sequence(const std::string& name, std::uint64_t element, hid_t memory_type) const {
    const Handle d = dataset(name);
    const Handle type(H5Dget_type(d), H5Tclose);
    if (H5Tget_class(type) != H5T_VLEN) fail(name, "not a dataset of variable-length sequences");
    check_class(name, Handle(H5Tget_super(type), H5Tclose), memory_type == H5T_NATIVE_DOUBLE);
    const hsize_t count = length(name, d), start = element, one = 1;
    if (element >= count) fail(name, fmt::format("no sample {}; there are {} (the first is 0)", element, count));
    const Handle place(H5Dget_space(d), H5Sclose), single(H5Screate_simple(1, &one, nullptr), H5Sclose);
    H5Sselect_hyperslab(place, H5S_SELECT_SET, &start, nullptr, &one, nullptr);
    const Handle memory(H5Tvlen_create(memory_type), H5Tclose);
    hvl_t row{};
    if (H5Dread(d, memory, single, place, H5P_DEFAULT, &row) < 0) fail(name, "cannot be read");
    const auto* values = static_cast<const T*>(row.p);
    std::vector<T> out(values, values + row.len);
    H5Dvlen_reclaim(memory, single, H5P_DEFAULT, &row);
    return out;
  }
  std::vector<std::uint64_t> index_sequence(const std::string& name, std::uint64_t element) const {
    return non_negative(name, sequence<std::int64_t>(name, element, H5T_NATIVE_INT64));
  }

  // A text attribute, fixed or variable length; empty without one.
  std::string text_attribute(const std::string& object, const char* name) const {
    const Handle o(H5Oopen(file_, object.c_str(), H5P_DEFAULT), H5Oclose);
    if (H5Aexists(o, name) <= 0) return {};
    const Handle a(H5Aopen(o, name, H5P_DEFAULT), H5Aclose), type(H5Aget_type(a), H5Tclose);
    if (H5Tget_class(type) != H5T_STRING) fail(object, fmt::format("attribute {} is not a text", name));
    if (H5Tis_variable_str(type) > 0) {
      char* s = nullptr;
      if (H5Aread(a, type, &s) < 0 || !s) fail(object, fmt::format("attribute {} cannot be read", name));
      std::string text = s;
      H5free_memory(s);
      return text;
    }
    std::string text(H5Tget_size(type), '\0');
    if (H5Aread(a, type, text.data()) < 0) fail(object, fmt::format("attribute {} cannot be read", name));
    return text.substr(0, text.find_first_of(std::string(1, '\0') + ' '));
  }

  // The population asked for, or the only one.
  std::string population(const std::string& root, const std::string& name) const {
    const std::vector<std::string> known = groups(root);
    if (name.empty() && known.size() == 1) return known[0];
    if (std::ranges::find(known, name) != known.end()) return name;
    fail(root, fmt::format("{}; there {}: {}", name.empty() ? "`population` is needed" : "no population '" + name + "'",
                           known.size() == 1 ? "is" : "are",
                           known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", "))));
  }

 private:
  static Handle open(const std::string& path) {
    // No locks: another run may be writing the file.
    const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    H5Pset_file_locking(access, false, true);
    return Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), H5Fclose);
  }
  Handle dataset(const std::string& name) const {
    if (!has(name)) fail(name, "not in the file");
    Handle d(H5Dopen2(file_, name.c_str(), H5P_DEFAULT), H5Dclose);
    if (!d) fail(name, "not a dataset");
    return d;
  }
  hsize_t length(const std::string& name, hid_t d) const {
    const Handle space(H5Dget_space(d), H5Sclose);
    hsize_t n = 0;
    if (H5Sget_simple_extent_ndims(space) != 1) fail(name, "not one-dimensional");
    H5Sget_simple_extent_dims(space, &n, nullptr);
    return n;
  }
  void check_class(const std::string& name, const Handle& type, bool reals_too) const {
    const H5T_class_t c = H5Tget_class(type);
    if (c != H5T_INTEGER && !(c == H5T_FLOAT && reals_too))
      fail(name, reals_too ? "does not hold numbers" : "does not hold integers");
  }
  std::vector<std::uint64_t> non_negative(const std::string& name, const std::vector<std::int64_t>& v) const {
    if (const auto bad = std::ranges::find_if(v, [](std::int64_t i) { return i < 0; }); bad != v.end())
      fail(name, fmt::format("element {} is {}; indices start at 0", bad - v.begin(), *bad));
    return {v.begin(), v.end()};
  }

  Quiet quiet_;
  std::string path_;
  Handle file_;
};

void same_length(const Hdf5& f, const std::string& a, std::size_t n, const std::string& b, std::size_t m) {
  if (n != m) f.fail(a, fmt::format("{} values; {} has {}", n, b, m));
}

double ms_per(const Hdf5& f, const std::string& dataset) {
  const std::string unit = f.text_attribute(dataset, "units");
  if (unit.empty() || unit == "ms" || unit == "milliseconds") return 1.0;  // SONATA's own unit is ms
  if (unit == "s" || unit == "seconds") return 1000.0;
  f.fail(dataset, fmt::format("units '{}'; accepted are ms and s", unit));
}

class HostFiles final : public Files {
 public:
  Table csv(const std::string& path) const override { return read_csv(path); }

  SpikeList sonata_spikes(const std::string& path, const std::string& population) const override {
    const Hdf5 f(path);
    if (!f.has("/spikes")) f.fail("/spikes", "not in the file; a SONATA spike file has it");
    const bool old = population.empty() && f.has("/spikes/gids");
    const std::string group = old ? "/spikes" : "/spikes/" + f.population("/spikes", population);
    const std::string times = group + "/timestamps", ids = group + (old ? "/gids" : "/node_ids");
    SpikeList s{f.reals(times), f.indices(ids)};
    same_length(f, times, s.times_ms.size(), ids, s.units.size());
    if (const double factor = ms_per(f, times); factor != 1.0)
      for (double& t : s.times_ms) t *= factor;
    return s;
  }

  EdgeList sonata_edges(const std::string& path, const std::string& population) const override {
    const Hdf5 f(path);
    if (!f.has("/edges")) f.fail("/edges", "not in the file; a SONATA edges file has it");
    const std::string root = "/edges/" + f.population("/edges", population);
    EdgeList e{f.indices(root + "/source_node_id"), f.indices(root + "/target_node_id"), {}, {}};
    same_length(f, root + "/source_node_id", e.source.size(), root + "/target_node_id", e.target.size());
    e.weight = edge_attribute(f, root, "syn_weight", e.source.size());
    e.delay_ms = edge_attribute(f, root, "delay", e.source.size());
    return e;
  }

  SpikeList shd_sample(const std::string& path, std::uint64_t sample) const override {
    const Hdf5 f(path);
    SpikeList s{f.sequence<double>("/spikes/times", sample, H5T_NATIVE_DOUBLE),
                f.index_sequence("/spikes/units", sample)};
    same_length(f, "/spikes/times", s.times_ms.size(), "/spikes/units", s.units.size());
    for (double& t : s.times_ms) t *= 1000.0;
    return s;
  }

  std::vector<double> hdf5_numbers(const std::string& path, const std::string& name) const override {
    return Hdf5(path).reals(name.starts_with('/') ? name : "/" + name);
  }

 private:
  // An attribute of every edge, wherever its group keeps it; empty when no group has it.
  static std::vector<double> edge_attribute(const Hdf5& f, const std::string& root, const std::string& name,
                                            std::size_t edges) {
    std::map<std::uint64_t, std::vector<double>> of_group;
    for (const std::string& g : f.groups(root))
      if (g.find_first_not_of("0123456789") == g.npos && f.has(root + "/" + g + "/" + name))
        of_group[std::stoull(g)] = f.reals(root + "/" + g + "/" + name);
    if (of_group.empty()) return {};
    if (!f.has(root + "/edge_group_id")) {  // one group, in the order of the edges
      same_length(f, root + "/0/" + name, of_group[0].size(), root + "/source_node_id", edges);
      return of_group[0];
    }
    const std::vector<std::uint64_t> group = f.indices(root + "/edge_group_id");
    const std::vector<std::uint64_t> index = f.indices(root + "/edge_group_index");
    same_length(f, root + "/edge_group_id", group.size(), root + "/source_node_id", edges);
    same_length(f, root + "/edge_group_index", index.size(), root + "/source_node_id", edges);
    std::vector<double> values(edges);
    for (std::size_t i = 0; i < edges; ++i) {
      const auto found = of_group.find(group[i]);
      if (found == of_group.end() || index[i] >= found->second.size())
        f.fail(root,
               fmt::format("edge {} has no {} in group {}; either all edges have one or none", i, name, group[i]));
      values[i] = found->second[index[i]];
    }
    return values;
  }
};

}  // namespace

Matrix read_hdf5_matrix(const std::string& path, const std::string& dataset) { return Hdf5(path).matrix(dataset); }

SpikeTrains read_hdf5_trains(const std::string& path) {
  const Hdf5 f(path);
  SpikeTrains s{.times = {}, .units = {}, .labels = f.indices("/labels")};
  for (std::uint64_t k = 0; k < s.labels.size(); ++k) {
    s.times.push_back(f.sequence<double>("/spikes/times", k, H5T_NATIVE_DOUBLE));
    s.units.push_back(f.index_sequence("/spikes/units", k));
  }
  return s;
}

std::unique_ptr<Files> make_files() { return std::make_unique<HostFiles>(); }

}  // namespace volley
