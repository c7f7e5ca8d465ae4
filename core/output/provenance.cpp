// SPDX-License-Identifier: Apache-2.0
// Provenance: scalars are attributes of the group, texts and tables are datasets.
#include <output/provenance.h>

#include <fmt/chrono.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace volley {
namespace {

using namespace hdf5;

struct PhaseRow {  // follows the phase's name
  double start_ms, build_s, simulate_s, sim_time_ms;
  std::uint64_t spikes, synaptic_events, external_events, plastic_events;
};

Id phase_type(std::size_t name_bytes) {
  Id t(ok(H5Tcreate(H5T_COMPOUND, name_bytes + sizeof(PhaseRow)), "making a table"), H5Tclose);
  H5Tinsert(t, "name", 0, text_type(name_bytes));
  constexpr std::array names{"start_ms", "build_s",         "simulate_s",      "sim_time_ms",
                             "spikes",   "synaptic_events", "external_events", "plastic_events"};
  for (std::size_t k = 0; k < names.size(); ++k)
    ok(H5Tinsert(t, names[k], name_bytes + 8 * k, k < 4 ? H5T_NATIVE_DOUBLE : H5T_NATIVE_UINT64), "making a table");
  return t;
}

// A table of texts, one row an array of as many pointers as there are names.
template <std::size_t N>
void text_table(hid_t at, const char* name, const std::array<const char*, N>& names,
                const std::vector<std::array<std::string, N>>& rows) {
  const Id type(ok(H5Tcreate(H5T_COMPOUND, N * sizeof(char*)), "making a table"), H5Tclose);
  for (std::size_t k = 0; k < N; ++k) ok(H5Tinsert(type, names[k], k * sizeof(char*), text_type()), "making a table");
  std::vector<const char*> cells;
  for (const auto& row : rows)
    for (const std::string& cell : row) cells.push_back(cell.c_str());
  const hsize_t n = rows.size();
  dataset(at, name, type, cells.data(), {&n, 1});
}

std::string host_name() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "unknown";
}

std::string utc_now() {
  const auto now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
}

std::vector<const char*> pointers(const std::vector<std::string>& texts) {
  std::vector<const char*> p;
  for (const std::string& t : texts) p.push_back(t.c_str());
  return p;
}

}  // namespace

Provenance::Provenance(hid_t file, const Experiment& e, const std::vector<std::string>& command, Columns& columns)
    : group_(group(file, "provenance")), known_warnings_(e.warnings) {
  finish(false, "still running, or killed");
  attribute(group_, "version", std::string(VOLLEY_VERSION));
  attribute(group_, "experiment", e.file);
  attribute(group_, "seed", e.seed);
  attribute(group_, "host", host_name());
  attribute(group_, "start_time", utc_now());
  dataset(group_, "source", e.source);
  dataset(group_, "resolved", e.resolved);
  const hsize_t words = command.size();
  dataset(group_, "command", text_type(), pointers(command).data(), {&words, 1});

  std::vector<std::array<std::string, 3>> plugins;
  for (const PluginUse& p : e.plugins) plugins.push_back({p.path, p.tag, p.sha256});
  text_table<3>(group_, "plugins", {"path", "tag", "sha256"}, plugins);

  const Id populations = group(group_, "populations");
  std::vector<std::array<std::string, 3>> models;
  std::vector<std::uint64_t> sizes;
  for (const PopulationSpec& p : e.populations) {
    models.push_back({p.name, p.stimulator ? "stimulator" : "neuron", std::string(p.model.model->name)});
    sizes.push_back(p.size);
  }
  text_table<3>(populations, "models", {"name", "kind", "model"}, models);
  dataset(populations, "size", sizes);

  const hsize_t none = 0, unlimited = H5S_UNLIMITED, chunk = 16;
  const Id space(H5Screate_simple(1, &none, &unlimited), H5Sclose);
  const Id properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  ok(H5Pset_chunk(properties, 1, &chunk), "making a dataset");
  warnings_ = Id(ok(H5Dcreate2(group_, "warnings", text_type(), space, H5P_DEFAULT, properties, H5P_DEFAULT),
                    "making a dataset"), H5Dclose);
  write_warnings();

  for (const PhaseSpec& p : e.phases) {
    phase_names_.push_back(p.name);
    name_bytes_ = std::max(name_bytes_, (p.name.size() + 7) / 8 * 8);
  }
  phase_type_ = phase_type(name_bytes_);
  phases_ = columns.add(group_, "phases", {.kind = Columns::Kind::record, .type = phase_type_});
}

void Provenance::end_phase(std::size_t phase, const PhaseCounts& c, Writer& writer) {
  const PhaseRow row{to_ms(start_), c.build_s, c.simulate_s, c.sim_time_ms,
                     c.spikes, c.synaptic_events, c.external_events, c.plastic_events};
  std::vector<std::byte> bytes(name_bytes_ + sizeof row);
  const std::string& name = phase_names_.at(phase);
  std::memcpy(bytes.data(), name.data(), name.size());
  std::memcpy(bytes.data() + name_bytes_, &row, sizeof row);
  writer.append({Writer::part<std::byte>(phases_, bytes)}, 1);
}

void Provenance::write_warnings() {
  const hsize_t n = known_warnings_.size();
  ok(H5Dset_extent(warnings_, &n), "writing warnings");
  if (n) ok(H5Dwrite(warnings_, text_type(), H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers(known_warnings_).data()),
            "writing warnings");
}

void Provenance::close(const RunCounts& c, const std::vector<std::string>& warnings) {
  for (const std::string& w : warnings)
    if (std::ranges::find(known_warnings_, w) == known_warnings_.end()) known_warnings_.push_back(w);
  write_warnings();
  attribute(group_, "isa", c.isa);
  attribute(group_, "threads", static_cast<std::uint64_t>(c.threads));
  attribute(group_, "neurons", c.neurons);
  attribute(group_, "synapses", c.synapses);
  attribute(group_, "bytes_per_synapse", c.bytes_per_synapse);
  attribute(group_, "build_s", c.build_s);
  attribute(group_, "peak_rss_mb", c.peak_rss_mb);
  attribute(group_, "window_ms", c.window == never ? std::numeric_limits<double>::infinity() : to_ms(c.window));
}

void Provenance::finish(bool complete, const std::string& reason) {
  const std::uint8_t flag = complete;
  attribute(group_, "complete", H5T_NATIVE_UINT8, &flag);
  attribute(group_, "reason", reason);
  attribute(group_, "wall_time_s", std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count());
}

}  // namespace volley
