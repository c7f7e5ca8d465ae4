// SPDX-License-Identifier: Apache-2.0
// Runs stimulators by themselves, chunk by chunk as the engine does.
#pragma once

#include <experiment/files.h>
#include <network/random_streams.h>
#include <volley/stimulator.h>

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace volley::test {

using Value = std::variant<double, std::int64_t, bool, std::string, std::vector<double>,
                           std::vector<std::vector<double>>, std::vector<std::string>>;

inline const StimulatorModel& stimulator(std::string_view name) {
  for (const Enrolment* e = enrolled; e; e = e->next)
    if (e->model->kind == ModelKind::stimulator && e->model->name == name)
      return static_cast<const StimulatorModel&>(*e->model);
  throw std::runtime_error("no stimulator " + std::string(name));
}

struct Stimulation {
  std::string model;
  std::uint32_t size = 1;
  std::map<std::string, Value> values{};
  std::map<std::string, std::vector<double>> per_unit{};  // distributions, already drawn
  std::uint64_t seed = 1;
  std::string name = "drive";
  Time tick = 0;
  std::vector<std::string> notes{};

  // The signals before `until` of one chunk, through buffers of `buffer` signals. Runs `check` first.
  std::vector<Signal> chunk(std::uint32_t index, Time until, std::size_t buffer = 100) {
    const StimulatorModel& m = stimulator(model);
    const ParameterSet p = parameters(m);
    if (m.check)
      for (std::size_t i = 0; i < p.count(); ++i) m.check(p.at(i));
    const std::uint32_t first = m.whole ? 0 : index * chunk_size;
    Units u{.first = first, .count = m.whole ? size : std::min(chunk_size, size - first), .size = size,
            .parameters = &p, .random = random_stream(seed, Purpose::stimulator, name, index)};
    u.shared = [](const void* self, std::uint64_t i) {
      const auto* s = static_cast<const Stimulation*>(self);
      return random_stream(s->seed, Purpose::shared, s->name, i);
    };
    const std::unique_ptr<Files> files = make_files();
    u.host = this;
    u.files = files.get();
    u.tick = tick;
    u.notes = &notes;
    const std::unique_ptr<Source> source = m.make(u);
    std::vector<Signal> all, out(buffer);
    while (source->next_time() < until) {
      const std::size_t n = source->emit(until, out);
      all.insert(all.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(n));
    }
    for (std::size_t k = 0; k < all.size(); ++k) {
      EXPECT_TRUE(all[k].unit >= first && all[k].unit < first + u.count && all[k].t >= 0 && all[k].t < until);
      if (k > 0) {
        EXPECT_LE(std::pair(all[k - 1].t, all[k - 1].unit), std::pair(all[k].t, all[k].unit)) << "signal " << k;
      }
    }
    return all;
  }
  // Those of all chunks, one chunk after another.
  std::vector<Signal> run(Time until) {
    std::vector<Signal> all;
    const std::uint32_t chunks = stimulator(model).whole ? 1 : (size + chunk_size - 1) / chunk_size;
    for (std::uint32_t c = 0; c < chunks; ++c)
      for (const Signal& s : chunk(c, until)) all.push_back(s);
    return all;
  }

 private:
  ParameterSet parameters(const StimulatorModel& m) const {
    ParameterSet p(*m.type, per_unit.empty() ? 1 : size);
    for (std::size_t i = 0; i < p.count(); ++i)
      for (const FieldInfo& f : m.parameters) {
        auto* at = static_cast<std::byte*>(p.at(i)) + f.offset;
        if (const auto v = values.find(std::string(f.name)); v != values.end()) write(f, at, v->second);
        else if (const auto d = per_unit.find(std::string(f.name)); d != per_unit.end()) write(f, at, d->second[i]);
        else if (f.kind == FieldKind::number) write(f, at, f.number);
        else if (f.kind == FieldKind::flag) write(f, at, f.number != 0.0);
        else if (f.kind == FieldKind::integer || f.kind == FieldKind::choice)
          write(f, at, static_cast<std::int64_t>(f.number));
      }
    return p;
  }
  static void write(const FieldInfo& f, std::byte* at, const Value& v) {
    if (f.kind == FieldKind::choice) {
      *reinterpret_cast<std::uint8_t*>(at) = static_cast<std::uint8_t>(std::get<std::int64_t>(v));
    } else {
      std::visit([&]<class T>(const T& x) { *reinterpret_cast<T*>(at) = x; }, v);
    }
  }
};

// A path of this process alone: tests run side by side.
inline std::string temporary_path(const std::string& name) {
  return testing::TempDir() + std::to_string(getpid()) + "_" + name;
}

// A file with this content, gone at the end of the test.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, const std::string& content)
      : path_(temporary_path(name)) {
    std::FILE* f = std::fopen(path_.c_str(), "wb");
    std::fwrite(content.data(), 1, content.size(), f);
    std::fclose(f);
  }
  ~TemporaryFile() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The message of the exception that `f` throws; fails when it throws none.
template <class F>
std::string message_of(F f) {
  try {
    f();
  } catch (const std::exception& e) {
    return e.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

}  // namespace volley::test
