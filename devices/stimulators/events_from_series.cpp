// SPDX-License-Identifier: Apache-2.0
// Spikes from a table of measurements: a unit fires at every row where its value reaches `threshold` (in the file's
// own unit), or with `above_median` where it is strictly above the unit's own median. An empty cell is a missing
// value: no event. Row r of pass p is at (p * rows + r) * time_per_row.
//
// layout: wide    one column a unit, rows in the file's order:   columns: [Dublin, Cork]
// layout: long    one line for each (unit, row):                 unit: id, row: [year, month], value: rain
//                 units in order of first appearance, rows sorted by the numbers in `row`
#include <volley/stimulator.h>

#include <algorithm>
#include <map>

namespace {
using namespace volley;

struct EventsFromSeries {
  static constexpr auto name = "events_from_series";
  static constexpr Fidelity fidelity{Origin::ours, Origin::ours, "a device"};
  static constexpr bool whole = true;

  enum class Layout : std::uint8_t { wide, long_ };
  struct Parameters {
    std::string file;
    Layout layout;
    std::vector<std::string> columns;
    std::string unit;
    std::vector<std::string> row;
    std::string value;
    double threshold;
    bool above_median;
    double time_per_row;
    std::int64_t passes;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::file, "file", required_file, "", "CSV with a header, plain or gzip"},
      Field{&Parameters::layout, "layout", one_of("wide", "long"), "", "one column a unit, or one line a value"},
      Field{&Parameters::columns, "columns", empty, "", "wide: the units' columns, in order"},
      Field{&Parameters::unit, "unit", empty, "", "long: the column that names the unit"},
      Field{&Parameters::row, "row", empty, "", "long: the columns whose numbers order the rows"},
      Field{&Parameters::value, "value", empty, "", "long: the column of the values"},
      Field{&Parameters::threshold, "threshold", empty, "", "an event: this value or more, in the file's own unit"},
      Field{&Parameters::above_median, "above_median", false, "", "an event: more than the unit's own median"},
      Field{&Parameters::time_per_row, "time_per_row", required, "ms", "network time of a row", at_least(1e-9)},
      Field{&Parameters::passes, "passes", 1, "", "how often the table is played", at_least(1)});

  static constexpr auto only_with =
      std::array{OnlyWith{"columns", "layout", "wide"}, OnlyWith{"unit", "layout", "long"},
                 OnlyWith{"row", "layout", "long"}, OnlyWith{"value", "layout", "long"}};

  struct Event {
    std::uint64_t row;
    std::uint32_t unit;
    auto operator<=>(const Event&) const = default;
  };
  struct State {
    std::vector<Event> events;  // of one pass
    std::uint64_t rows = 0, pass = 0;
    std::size_t at = 0;
  };

  static void check(const Parameters& p) {
    if (p.layout == Layout::wide) {
      if (p.columns.empty()) throw BadParameter("columns", "`layout: wide` needs it");
    } else {
      if (p.unit.empty()) throw BadParameter("unit", "`layout: long` needs it");
      if (p.row.empty()) throw BadParameter("row", "`layout: long` needs it");
      if (p.value.empty()) throw BadParameter("value", "`layout: long` needs it");
    }
    if (std::isnan(p.threshold) != p.above_median)
      throw BadParameter("threshold", "either `threshold` or `above_median: true`");
  }

  static void begin(State& s, const Units& u) {
    const auto& p = u.get<Parameters>(0);
    const Table table = u.files->csv(p.file);
    const auto values = p.layout == Layout::wide ? read_wide(p, table) : read_long(p, table);  // [unit][row]
    if (values.size() != u.size)
      throw BadParameter("file", p.file + ": " + std::to_string(values.size()) + " units; the population has " +
                                     std::to_string(u.size));
    s.rows = values[0].size();
    if (const double end = p.time_per_row * static_cast<double>(s.rows) * static_cast<double>(p.passes); end >= 9.2e9)
      throw BadParameter("passes", "the last row is beyond the range of network time, 9.2e9 ms");
    std::uint64_t missing = 0;
    for (std::uint32_t i = 0; i < u.size; ++i) {
      const double middle = p.above_median ? median(values[i]) : 0.0;
      for (std::uint64_t r = 0; r < s.rows; ++r) {
        const double x = values[i][r];
        missing += std::isnan(x);
        if (p.above_median ? x > middle : x >= p.threshold) s.events.push_back({r, i});
      }
    }
    std::ranges::sort(s.events);
    if (missing > 0 && u.notes)
      u.notes->push_back(p.file + ": " + std::to_string(missing) + " of " + std::to_string(s.rows * u.size) +
                         " values are missing; they make no event");
  }

  static Signal next(State& s, const Units& u) {
    const auto& p = u.get<Parameters>(0);
    if (s.at == s.events.size()) s.at = 0, ++s.pass;
    if (s.events.empty() || s.pass == static_cast<std::uint64_t>(p.passes)) return Signal::end();
    const Event& e = s.events[s.at++];
    return {static_cast<Time>(s.pass * s.rows + e.row) * from_ms(p.time_per_row), e.unit};
  }

 private:
  using Values = std::vector<std::vector<double>>;

  static Values read_wide(const Parameters& p, const Table& t) {
    Values values;
    for (const std::string& name_of_column : p.columns) {
      const std::size_t c = t.column(name_of_column);
      std::vector<double>& v = values.emplace_back(t.rows.size());
      for (std::size_t r = 0; r < v.size(); ++r) v[r] = t.number(r, c);
    }
    return values;
  }

  static Values read_long(const Parameters& p, const Table& t) {
    const std::size_t unit = t.column(p.unit), value = t.column(p.value);
    std::vector<std::size_t> keys;
    for (const std::string& k : p.row) keys.push_back(t.column(k));

    struct Unit {
      std::uint32_t index;
      std::map<std::vector<double>, std::size_t> line;  // of each row
    };
    std::map<std::string, Unit> units;
    std::map<std::vector<double>, std::size_t> rows;
    for (std::size_t r = 0; r < t.rows.size(); ++r) {
      std::vector<double> key;
      for (const std::size_t k : keys) {
        key.push_back(t.number(r, k));
        if (std::isnan(key.back()))
          throw BadParameter("file", t.place(r, k) + ": column " + t.columns[k] + " is empty");
      }
      Unit& here = units.try_emplace(t.rows[r][unit], Unit{static_cast<std::uint32_t>(units.size()), {}}).first->second;
      rows.try_emplace(key, 0);
      if (const auto [first, fresh] = here.line.try_emplace(key, r); !fresh)
        throw BadParameter("file", t.place(r, unit) + ": a second value of unit " + t.rows[r][unit] + " in row " +
                                       label(p, key) + "; the first is in line " +
                                       std::to_string(t.places[first->second].line));
    }
    std::size_t n = 0;
    for (auto& [key, index] : rows) index = n++;

    Values values(units.size(), std::vector<double>(rows.size()));
    for (const auto& [name_of_unit, of_unit] : units)
      for (const auto& [key, index] : rows) {
        const auto line = of_unit.line.find(key);
        if (line == of_unit.line.end())
          throw BadParameter("file", t.file + ": unit " + name_of_unit + " has no row " + label(p, key) +
                                         "; a missing value is a line with an empty cell");
        values[of_unit.index][index] = t.number(line->second, value);
      }
    return values;
  }

  // "year 1950, month 2"
  static std::string label(const Parameters& p, const std::vector<double>& key) {
    std::string s;
    for (std::size_t k = 0; k < key.size(); ++k) {
      std::string number = std::to_string(key[k]);
      number.erase(number.find_last_not_of('0') + 1);
      if (number.ends_with('.')) number.pop_back();
      s += (k ? ", " : "") + p.row[k] + " " + number;
    }
    return s;
  }

  static double median(std::vector<double> v) {
    std::erase_if(v, [](double x) { return std::isnan(x); });
    if (v.empty()) return std::numeric_limits<double>::quiet_NaN();
    std::ranges::sort(v);
    const std::size_t n = v.size();
    return n % 2 ? v[n / 2] : 0.5 * (v[n / 2 - 1] + v[n / 2]);
  }
};
}  // namespace
VOLLEY_STIMULATOR(EventsFromSeries)
