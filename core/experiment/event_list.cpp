// SPDX-License-Identifier: Apache-2.0
// Recordings of event cameras: an index (CSV with the columns file and label, and split where the data set has splits)
// of files beside it, each the events of one sample: CSV with the columns x, y, t, p, or the 5-byte events of N-MNIST
// (.bin: x, y, then 1 bit of polarity and 23 bits of microseconds). Fields events (rows of bins) and label.
#include <experiment/event_frames.h>
#include <experiment/files.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace volley {
namespace {

struct Camera {
  std::uint32_t width = 0, height = 0;
  bool both = true;            // polarities have inputs of their own, those of 1 after those of 0
  double seconds_per_t = 1e-6;  // of CSV

  std::size_t inputs() const { return std::size_t{width} * height * (both ? 2 : 1); }
};

// place: of a part of the event in its file, for errors.
template <class Place>
void add(const Camera& c, double x, double y, double t, double p, double bin, const Place& place, Events& e) {
  const auto check = [&](const char* what, double value, double end) {
    if (!(value >= 0.0) || value >= end || value != std::floor(value))
      throw InputError(fmt::format("{}: {} is {}; it is an integer from 0 to {}", place(what), what, value, end - 1.0));
  };
  check("x", x, c.width);
  check("y", y, c.height);
  check("p", p, 2);
  if (!(t >= 0.0) || t / bin > 1e6)
    throw InputError(fmt::format("{}: t is {} s; a time is 0 or later, and within a million bins", place("t"), t));
  e.times.push_back(t);
  const double input = y * c.width + x + (c.both ? p * c.width * c.height : 0.0);
  e.inputs.push_back(static_cast<std::uint32_t>(input));
}

Events read_bin(const std::string& path, const Camera& c, double bin) {
  const std::string bytes = read_unpacked(path);
  if (bytes.size() % 5 != 0)
    throw InputError(fmt::format("{}: byte {}: the file ends within an event of 5 bytes", path, bytes.size()));
  Events e;
  for (std::size_t k = 0; k < bytes.size(); k += 5) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[k + i]); };
    const unsigned t = (at(2) & 127u) << 16 | at(3) << 8 | at(4);
    const auto place = [&](const char*) { return fmt::format("{}: byte {}", path, k); };
    add(c, at(0), at(1), t * 1e-6, at(2) >> 7, bin, place, e);
  }
  return e;
}

Events read_table(const std::string& path, const Camera& c, double bin) {
  const Table t = read_csv(path);
  const std::size_t x = t.column("x"), y = t.column("y"), time = t.column("t"), p = t.column("p");
  Events e;
  for (std::size_t row = 0; row < t.rows.size(); ++row)
    add(c, t.number(row, x), t.number(row, y), t.number(row, time) * c.seconds_per_t, t.number(row, p), bin,
        [&](const char* what) { return t.place(row, t.column(what)); }, e);
  return e;
}

Camera read_camera(const Keys& keys, Node& resolved) {
  Camera c;
  const auto side = [&](const char* key) {
    return static_cast<std::uint32_t>(read_integer(keys.at(key, "pixels of the camera"), 1, 10'000));
  };
  c.width = side("width");
  c.height = side("height");
  const Node* polarity = keys.find("polarity");
  const std::string how = polarity ? read_text(*polarity, "both or merged") : "both";
  if (how != "both" && how != "merged") unknown(polarity->where, how, "a way to take polarities", {"both", "merged"});
  c.both = how == "both";
  resolved["polarity"] = Node::of(how);
  const Node* unit = keys.find("time_unit");
  const std::string name = unit ? read_text(*unit, "us, ms or s") : "us";
  if (name != "us" && name != "ms" && name != "s") unknown(unit->where, name, "a unit of t", {"us", "ms", "s"});
  c.seconds_per_t = name == "us" ? 1e-6 : name == "ms" ? 1e-3 : 1.0;
  resolved["time_unit"] = Node::of(name);
  return c;
}

}  // namespace

Dataset read_event_list(const Scope& scope, const Node& n, Node& resolved) {
  const Keys keys(n, "event_list", {"index", "width", "height", "polarity", "time_unit", "bin", "counts"});
  resolved = n;
  const Node& file = keys.at("index", "a CSV with the columns file, label and perhaps split");
  const Camera camera = read_camera(keys, resolved);
  const Bins bins = read_bins(keys, resolved);
  const std::string path = find_file(scope, file);

  Dataset d;
  Dataset::Field events{.width = camera.inputs(), .start = {0}, .binary = !bins.counts}, label;
  events.shape = {camera.both ? 2u : 1u, camera.height, camera.width};
  at_place(file.where, [&] {
    const Table t = read_csv(path);
    const std::size_t name = t.column("file"), answer = t.column("label");
    const auto split = std::find(t.columns.begin(), t.columns.end(), "split");
    for (std::size_t row = 0; row < t.rows.size(); ++row) {
      const std::string sample = (std::filesystem::path(path).parent_path() / t.rows[row][name]).string();
      add_events(events, sample.ends_with(".bin") ? read_bin(sample, camera, bins.bin)
                                                  : read_table(sample, camera, bins.bin), bins);
      const double x = t.number(row, answer);
      if (!(x >= 0.0) || x != std::floor(x) || x > 1e6)
        throw InputError(
            fmt::format("{}: found {}; a label is 0, 1, 2, ..", t.place(row, answer), t.rows[row][answer]));
      label.labels.push_back(static_cast<std::uint32_t>(x));
      label.classes = std::max(label.classes, label.labels.back() + 1);
      const auto number = static_cast<std::uint32_t>(d.samples++);
      if (split == t.columns.end()) continue;
      const auto column = static_cast<std::size_t>(split - t.columns.begin());
      const std::string& which = t.rows[row][column];
      if (std::find(split_names.begin(), split_names.end(), which) == split_names.end())
        throw InputError(fmt::format("{}: found '{}'; a split is train, valid or test", t.place(row, column), which));
      d.splits[which].push_back(number);
    }
    if (d.samples == 0) throw InputError(path + ": no samples");
  });
  d.fields["events"] = std::move(events);
  d.fields["label"] = std::move(label);
  return d;
}

}  // namespace volley
