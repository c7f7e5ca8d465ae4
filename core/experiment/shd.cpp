// SPDX-License-Identifier: Apache-2.0
// Spiking Heidelberg Digits, Spiking Speech Commands, and what has their layout: HDF5 with spikes/times (s) and
// spikes/units, a list a sample, and labels. A file a split. Fields spikes (rows of bins) and label.
#include <experiment/event_frames.h>
#include <experiment/files.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace volley {

Dataset read_shd(const Scope& scope, const Node& n, Node& resolved) {
  const Keys keys(n, "shd", {"train", "valid", "test", "bin", "counts", "channels", "group"});
  resolved = n;
  const Bins bins = read_bins(keys, resolved);
  const auto count = [&](const char* key, std::int64_t fallback) {
    const Node* x = keys.find(key);
    const std::int64_t value = x ? read_integer(*x, 1, 1'000'000) : fallback;
    resolved[key] = Node::of(std::to_string(value));
    return static_cast<std::uint64_t>(value);
  };
  const std::uint64_t channels = count("channels", 700), group = count("group", 1);

  Dataset d;
  Dataset::Field spikes{.width = (channels + group - 1) / group, .start = {0}, .binary = !bins.counts}, label;
  for (const char* split : split_names) {
    const Node* file = keys.find(split);
    if (!file) continue;
    const std::string path = find_file(scope, *file);
    at_place(file->where, [&] {
      const SpikeTrains trains = read_hdf5_trains(path);
      for (std::size_t k = 0; k < trains.labels.size(); ++k) {
        const auto fail = [&](const char* what, const std::string& why) {
          throw InputError(fmt::format("{}: /spikes/{}: sample {}: {}", path, what, k, why));
        };
        Events e{.times = trains.times[k]};
        if (e.times.size() != trains.units[k].size())
          fail("units", fmt::format("{} units for {} times", trains.units[k].size(), e.times.size()));
        for (const double t : e.times)
          if (!(t >= 0.0) || t / bins.bin > 1e6)
            fail("times", fmt::format("found {} s; a time is 0 or later, and within a million bins", t));
        for (const std::uint64_t u : trains.units[k]) {
          if (u >= channels) fail("units", fmt::format("found {}; `channels` is {}, the first is 0", u, channels));
          e.inputs.push_back(static_cast<std::uint32_t>(u / group));
        }
        add_events(spikes, e, bins);
        if (trains.labels[k] > 1'000'000)
          throw InputError(fmt::format("{}: /labels: found {}; a label is 0, 1, 2, ..", path, trains.labels[k]));
        label.labels.push_back(static_cast<std::uint32_t>(trains.labels[k]));
        label.classes = std::max(label.classes, label.labels.back() + 1);
        d.splits[split].push_back(static_cast<std::uint32_t>(d.samples++));
      }
    });
  }
  if (d.samples == 0) throw InputError(n.where, "shd needs a file with samples: train, valid or test");
  d.fields["spikes"] = std::move(spikes);
  d.fields["label"] = std::move(label);
  return d;
}

}  // namespace volley
