// SPDX-License-Identifier: Apache-2.0
// The result file from its making to its end. During a run only the writer thread touches the file.
#include <output/hdf5_results.h>

#include <network/error.h>
#include <output/layout.h>
#include <output/learned.h>
#include <output/provenance.h>

#include <fmt/format.h>
#include <sys/mman.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace volley {
namespace {

using namespace hdf5;
namespace fs = std::filesystem;

constexpr std::uint32_t format_version = 1;
constexpr const char* default_folder = "results";

fs::path folder_of(const fs::path& file) { return file.has_parent_path() ? file.parent_path() : fs::path("."); }

[[noreturn]] void exists_already(const OutputOptions& o) {
  throw InputError(fmt::format("{}: exists already; --overwrite replaces it, --output names another file", o.file));
}

// Everything that can be known before the file is made.
void check_target(const OutputOptions& o) {
  const fs::path file(o.file), folder = folder_of(file);
  std::error_code error;
  if (!file.has_filename() || fs::is_directory(file, error))
    throw InputError(fmt::format("output '{}' is a folder; the name of a file is needed", o.file));
  if (!fs::exists(folder, error)) {
    if (folder != default_folder)
      throw InputError(fmt::format("{}: its folder {} does not exist; make it first", o.file, folder.string()));
  } else if (!fs::is_directory(folder, error)) {
    throw InputError(fmt::format("{}: {} is not a folder", o.file, folder.string()));
  } else if (access(folder.c_str(), W_OK) != 0) {
    throw InputError(fmt::format("{}: cannot write in folder {}: {}", o.file, folder.string(), std::strerror(errno)));
  }
  if (!o.overwrite && fs::exists(fs::symlink_status(file, error))) exists_already(o);
}

// Gives the file its name. Another run may have taken it since check_target: its results are then left alone.
void publish(const std::string& temporary, const OutputOptions& o) {
  if (!o.overwrite) {
    if (renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, o.file.c_str(), RENAME_NOREPLACE) == 0) return;
    if (errno == EEXIST) exists_already(o);
  }
  fs::rename(temporary, o.file);  // also for file systems that cannot rename so
}

Id create(const std::string& path) {
  const Id access(ok(H5Pcreate(H5P_FILE_ACCESS), "making the file"), H5Pclose);
  ok(H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST), "making the file");
  ok(H5Pset_file_locking(access, false, true), "making the file");
  // Metadata must reach the disk at a flush and not before: a file is then as it was at its last flush.
  H5AC_cache_config_t cache{};
  cache.version = H5AC__CURR_CACHE_CONFIG_VERSION;
  ok(H5Pget_mdc_config(access, &cache), "making the file");
  cache.evictions_enabled = false;
  cache.incr_mode = H5C_incr__off;
  cache.flash_incr_mode = H5C_flash_incr__off;
  cache.decr_mode = H5C_decr__off;
  ok(H5Pset_mdc_config(access, &cache), "making the file");
  return Id(ok(H5Fcreate(path.c_str(), H5F_ACC_EXCL, H5P_DEFAULT, access), "making the file"), H5Fclose);
}

class Hdf5Results final : public Results {
 public:
  explicit Hdf5Results(const OutputOptions& o) : options_(o) { check_target(o); }

  ~Hdf5Results() override {
    if (file_ < 0) return;
    const Quiet quiet;
    try {
      writer().finish();
      learned_->write(file_);
      provenance_->finish(false, "stopped by an error");
      release();
    } catch (...) {
      abandon();
    }
  }

  void open(const Experiment& e, const std::vector<SynapseList>& synapses) override {
    const Quiet quiet;
    guard([&] {
      check_target(options_);
      const fs::path file(options_.file), folder = folder_of(file);
      if (folder == default_folder) fs::create_directories(folder);
      // Under its own name only when it is whole, so that no half-made file is ever left.
      const std::string temporary =
          (folder / fmt::format(".{}.{}", file.filename().string(), getpid())).string();
      file_ = create(temporary);
      temporary_ = temporary;
      const std::uint32_t magic = 0x0A7A, sonata[] = {0, 1};
      const hsize_t two = 2;
      attribute(file_, "magic", H5T_NATIVE_UINT32, &magic);
      attribute(file_, "version", H5T_NATIVE_UINT32, sonata, {&two, 1});
      attribute(file_, "volley_format", H5T_NATIVE_UINT32, &format_version);
      columns_ = std::make_unique<Columns>();
      columns_->on_flush(file_);
      layout_ = make_layout(file_, e, synapses, *columns_);
      learned_ = std::make_unique<Learned>(file_, e, *columns_);
      provenance_ = std::make_unique<Provenance>(file_, e, options_.command, *columns_);
      columns_->flush();
      publish(temporary_, options_);
      temporary_.clear();
      writer_ = std::make_unique<Writer>(*columns_, columns_->size(), options_.buffer_mb << 20, options_.flush_s);
    });
  }

  void begin_phase(std::size_t, Time start) override {
    writer();
    provenance_->begin_phase(start);
  }

  void spikes(std::size_t record, std::span<const Time> t, std::span<const std::uint32_t> id) override {
    const auto& c = layout().spikes[record];
    append({Writer::part(c.times, t), Writer::part(c.ids, id)}, t.size());
  }

  void state(std::size_t record, Time t, std::span<const float> values) override {
    parts_.clear();
    for (const auto& c : layout().states[record]) {
      parts_.push_back(Writer::part(c.data, values.first(c.values)));
      parts_.push_back(Writer::part<Time>(c.times, {&t, 1}));
      values = values.subspan(c.values);
    }
    append(parts_, 1);
  }

  void weights(std::size_t record, Time t, std::span<const float> w) override {
    const auto& c = layout().weights[record];
    append({Writer::part(c.values, w), Writer::part<Time>(c.times, {&t, 1})}, 1);
  }

  void weight_changes(std::size_t record, std::span<const Time> t, std::span<const std::uint64_t> synapse,
                      std::span<const float> w) override {
    const auto& c = layout().weights[record];
    append({Writer::part(c.change_times, t), Writer::part(c.change_synapses, synapse),
            Writer::part(c.change_weights, w)}, t.size());
  }

  void rate(std::size_t record, Time t, double hz) override {
    const auto& c = layout().rates[record];
    append({Writer::part<double>(c.rate, {&hz, 1}), Writer::part<Time>(c.times, {&t, 1})}, 1);
  }

  void epoch(std::size_t phase, const EpochResult& r) override {
    guard([&] { learned_->epoch(phase, r, writer()); });
  }
  void about(std::size_t phase, const std::string& key, const std::string& text) override {
    learned_->about(phase, key, text);
  }
  void evaluation(std::size_t phase, const Evaluation& e) override { learned_->keep(phase, e); }
  void trained(const std::vector<TrainedNumbers>& n) override { learned_->keep(n); }

  void end_phase(std::size_t phase, const PhaseCounts& counts) override {
    guard([&] { provenance_->end_phase(phase, counts, writer()); });
  }

  void close(const RunCounts& counts, bool complete, const std::vector<std::string>& warnings) override {
    const Quiet quiet;
    guard([&] {
      writer().finish();
      learned_->write(file_);
      std::vector<std::string> all = warnings;
      for (std::size_t k = 0; k < columns_->grids().size(); ++k)
        if (const Grid& g = columns_->grids()[k]; !g.regular)
          all.push_back(fmt::format("/report/{}: samples of several phases do not lie on one grid; SONATA readers see "
                                    "the first {}, /report/{}/times has all", layout_.reports[k], g.samples,
                                    layout_.reports[k]));
      provenance_->close(counts, all);
      provenance_->finish(complete, complete ? "" : "interrupted");
      release();
    });
  }

 private:
  // Errors of HDF5 and of the system become the user's: a full disk, a folder that has gone.
  template <class F>
  void guard(F f) {
    try {
      f();
    } catch (const Error& e) {
      abandon();
      throw InputError(fmt::format("{}: cannot be written: {}", options_.file, e.what()));
    } catch (const fs::filesystem_error& e) {
      abandon();
      throw InputError(fmt::format("{}: cannot be written: {}", options_.file, e.code().message()));
    } catch (...) {
      abandon();
      throw;
    }
  }

  void append(std::span<const Writer::Part> parts, std::size_t rows) {
    guard([&] { writer().append(parts, rows); });
  }
  void append(std::initializer_list<Writer::Part> parts, std::size_t rows) {
    append(std::span(parts.begin(), parts.size()), rows);
  }

  Writer& writer() {
    if (!writer_) throw InternalError("the result file is not open");
    return *writer_;
  }

  const FileLayout& layout() {
    writer();
    return layout_;
  }

  // Everything is written; the handles go, the file last.
  void release() {
    columns_->flush();
    writer_.reset();
    provenance_.reset();
    columns_.reset();
    file_ = {};
  }

  // Leaves the file as it was at its last flush (or removes it, when it was not made yet). HDF5 would flush what it has
  // as it closes, and half of that, on a full disk, destroys what is there: so its descriptor is turned away.
  void abandon() {
    const Quiet quiet;
    writer_.reset();
    if (file_ < 0) return;
    if (const int memory = memfd_create("volley", 0); memory >= 0) {
      dup2(memory, descriptor(file_));
      ::close(memory);
    }
    provenance_.reset();
    columns_.reset();
    file_ = {};
    std::error_code error;
    if (!temporary_.empty()) fs::remove(temporary_, error);
    temporary_.clear();
  }

  OutputOptions options_;
  std::string temporary_;
  Id file_;
  std::unique_ptr<Columns> columns_;
  std::unique_ptr<Provenance> provenance_;
  std::unique_ptr<Learned> learned_;
  FileLayout layout_;
  std::unique_ptr<Writer> writer_;
  std::vector<Writer::Part> parts_;
};

}  // namespace

std::unique_ptr<Results> make_hdf5_results(const OutputOptions& o) { return std::make_unique<Hdf5Results>(o); }

}  // namespace volley
