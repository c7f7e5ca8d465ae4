// SPDX-License-Identifier: Apache-2.0
// Given spikes: written in the experiment (`times`, one list a unit) or read from a file, in any order.
//
// CSV: columns `unit` and `time` (ms), or SONATA's `node_ids` and `timestamps`.
// HDF5 (.h5, .hdf5): a SONATA spike file (`population`, if it has several), or one `sample` of an SHD / SSC file.
#include <volley/stimulator.h>

#include <algorithm>

namespace {
using namespace volley;

struct Spikes {
  static constexpr auto name = "spikes";
  static constexpr Fidelity fidelity{Origin::ours, Origin::ours, "a device"};
  static constexpr bool whole = true;

  struct Parameters {
    std::string file, population;
    std::int64_t sample;
    std::vector<std::vector<double>> times;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::file, "file", file_name, "", "CSV or HDF5 (SONATA, SHD)"},
      Field{&Parameters::population, "population", empty, "", "SONATA: which population of the file"},
      Field{&Parameters::sample, "sample", -1, "", "SHD: which sample, from 0; -1: not an SHD file", at_least(-1)},
      Field{&Parameters::times, "times", empty, "ms", "spike times, one list a unit"});

  struct Spike {
    Time t;
    std::uint32_t unit;
    auto operator<=>(const Spike&) const = default;
  };
  struct State {
    std::vector<Spike> spikes;
    std::size_t at = 0;
  };

  static void check(const Parameters& p) {
    if (p.file.empty() == p.times.empty()) throw BadParameter("file", "either `file` or `times`");
    if (p.sample >= 0 && !is_hdf5(p.file)) throw BadParameter("sample", "only an SHD file (.h5) has samples");
    if (!p.population.empty() && (p.sample >= 0 || !is_hdf5(p.file)))
      throw BadParameter("population", "only a SONATA file (.h5) has populations");
  }

  static void begin(State& s, const Units& u) {
    const auto& p = u.get<Parameters>(0);
    if (!p.times.empty()) {
      if (p.times.size() != u.size)
        throw BadParameter("times", std::to_string(p.times.size()) + " lists; the population has " +
                                        std::to_string(u.size) + " units, and each needs one ([] for none)");
      for (std::size_t i = 0; i < p.times.size(); ++i)
        for (const double ms : p.times[i]) add(s, u, ms, i, "times", "unit " + std::to_string(i));
    } else if (is_hdf5(p.file)) {
      const SpikeList l = p.sample >= 0 ? u.files->shd_sample(p.file, static_cast<std::uint64_t>(p.sample))
                                        : u.files->sonata_spikes(p.file, p.population);
      for (std::size_t k = 0; k < l.units.size(); ++k)
        add(s, u, l.times_ms[k], l.units[k], "file", p.file + ": spike " + std::to_string(k));
    } else {
      read(s, u, u.files->csv(p.file));
    }
    std::ranges::sort(s.spikes);
  }

  static Signal next(State& s, const Units&) {
    if (s.at == s.spikes.size()) return Signal::end();
    const Spike& k = s.spikes[s.at++];
    return {k.t, k.unit};
  }

 private:
  static bool is_hdf5(const std::string& file) { return file.ends_with(".h5") || file.ends_with(".hdf5"); }

  static void read(State& s, const Units& u, const Table& t) {
    const bool sonata = t.has("node_ids");
    const std::size_t unit = t.column(sonata ? "node_ids" : "unit"), time = t.column(sonata ? "timestamps" : "time");
    for (std::size_t r = 0; r < t.rows.size(); ++r) {
      const double i = t.number(r, unit);
      if (!(i >= 0.0 && i < u.size && i == std::floor(i)))
        throw BadParameter("file", t.place(r, unit) + ": '" + t.rows[r][unit] + "' is not a unit of 0.." +
                                       std::to_string(u.size - 1));
      add(s, u, t.number(r, time), static_cast<std::uint64_t>(i), "file", t.place(r, time));
    }
  }

  static void add(State& s, const Units& u, double ms, std::uint64_t unit, const char* field, const std::string& what) {
    if (unit >= u.size)
      throw BadParameter(field,
                         what + ": unit " + std::to_string(unit) + " is not one of 0.." + std::to_string(u.size - 1));
    if (!(ms >= 0.0 && ms < 9.2e9)) throw BadParameter(field, what + ": not a time of 0 ms or later");
    s.spikes.push_back({from_ms(ms), static_cast<std::uint32_t>(unit)});
  }
};
}  // namespace
VOLLEY_STIMULATOR(Spikes)
