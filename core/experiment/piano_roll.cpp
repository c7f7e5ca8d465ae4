// SPDX-License-Identifier: Apache-2.0
// Sequences of notes in an HDF5 file, one group a split: roll (steps x notes) and lengths. Fields: roll, the rows of a
// sequence but the last, and next, all but the first.
#include <experiment/files.h>
#include <experiment/readers.h>

#include <fmt/format.h>

#include <cmath>

namespace volley {

Dataset read_piano_roll(const Scope& scope, const Node& n, Node& resolved) {
  const Keys keys(n, "piano_roll", {"file"});
  resolved = n;
  const Node& file = keys.at("file");
  Dataset d;
  const std::string path = find_file(scope, file);
  at_place(file.where, [&] {
    const auto files = make_files();
    Dataset::Field roll{.start = {0}, .binary = true}, next = roll;
    for (const char* split : split_names) {
      const std::string group = fmt::format("/{}", split);
      const Matrix m = read_hdf5_matrix(path, group + "/roll");
      const std::vector<double> lengths = files->hdf5_numbers(path, group + "/lengths");
      const auto fail = [&](const char* what, const std::string& why) {
        throw InputError(fmt::format("{}: {}/{}: {}", path, group, what, why));
      };
      if (roll.width != 0 && roll.width != m.columns)
        fail("roll", fmt::format("{} notes; the splits before have {}", m.columns, roll.width));
      roll.width = next.width = m.columns;
      for (const float x : m.values)
        if (x != 0.0f && x != 1.0f) fail("roll", fmt::format("found {}; a piano roll holds 0 and 1", x));
      std::size_t row = 0;
      for (const double length : lengths) {
        if (length < 2.0 || length != std::floor(length))
          fail("lengths", fmt::format("found {}; a sequence has 2 steps or more", length));
        const auto steps = static_cast<std::size_t>(length);
        if (row + steps > m.rows) fail("lengths", fmt::format("more steps than the {} of the roll", m.rows));
        const float* first = m.values.data() + row * m.columns;
        roll.values.insert(roll.values.end(), first, first + (steps - 1) * m.columns);
        next.values.insert(next.values.end(), first + m.columns, first + steps * m.columns);
        roll.start.push_back(roll.start.back() + steps - 1);
        row += steps;
        d.splits[split].push_back(static_cast<std::uint32_t>(d.samples++));
      }
      if (row != m.rows) fail("lengths", fmt::format("{} steps together; the roll has {}", row, m.rows));
    }
    next.start = roll.start;
    d.fields["roll"] = std::move(roll);
    d.fields["next"] = std::move(next);
  });
  return d;
}

}  // namespace volley
