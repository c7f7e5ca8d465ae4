// SPDX-License-Identifier: Apache-2.0
// Stimulators that play what they are given: regular, spikes, events_from_series, current_step, and noise.
#include "stimulators.h"

#include <gmock/gmock.h>

#include <cmath>

namespace volley {
void PrintTo(const Signal& s, std::ostream* out) { *out << s.unit << " at " << s.t << " ps: " << s.value; }
bool operator==(const Signal& a, const Signal& b) { return a.t == b.t && a.unit == b.unit && a.value == b.value; }
}  // namespace volley

namespace volley::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Signal at(double ms, std::uint32_t unit, double value = 0.0) { return {from_ms(ms), unit, value}; }

TEST(Regular, multiples_of_the_period_itself) {
  Stimulation s{.model = "regular", .size = 2, .values = {{"period", 0.3}, {"first", 0.1}}};
  EXPECT_THAT(s.run(from_ms(0.7)), ElementsAre(at(0.1, 0), at(0.1, 1), at(0.4, 0), at(0.4, 1)));
  s.size = 1;
  s.values = {{"period", 1.0 / 3.0}};
  EXPECT_EQ(s.run(from_ms(100'000.5)).back(), at(100'000 + 1.0 / 3.0, 0));  // a rounded period would be 100 ns late
}

TEST(Spikes, written_in_the_experiment) {
  Stimulation s{
      .model = "spikes", .size = 3, .values = {{"times", std::vector<std::vector<double>>{{9, 5}, {}, {5, 5}}}}};
  EXPECT_THAT(s.run(never), ElementsAre(at(5, 0), at(5, 2), at(5, 2), at(9, 0)));
  s.size = 2;
  EXPECT_THAT(message_of([&] { s.run(never); }), HasSubstr("3 lists; the population has 2 units"));
  s.values["times"] = std::vector<std::vector<double>>{{1}, {-1}};
  EXPECT_EQ(message_of([&] { s.run(never); }), "unit 1: not a time of 0 ms or later");
}

TEST(Spikes, from_csv) {
  const TemporaryFile own("own.csv", "time,unit\n2.5,1\n1,0\n"),
      sonata("sonata.csv", "timestamps population node_ids\n3 E 1\n");
  Stimulation s{.model = "spikes", .size = 2, .values = {{"file", own.path()}}};
  EXPECT_THAT(s.run(never), ElementsAre(at(1, 0), at(2.5, 1)));
  s.values["file"] = sonata.path();
  EXPECT_THAT(s.run(never), ElementsAre(at(3, 1)));
  const TemporaryFile bad("bad.csv", "time,unit\n2.5,1\n1,2\n"), empty("empty.csv", "time,unit\n,1\n");
  s.values["file"] = bad.path();
  EXPECT_THAT(message_of([&] { s.run(never); }), HasSubstr("bad.csv:3:3: '2' is not a unit of 0..1"));
  s.values["file"] = empty.path();
  EXPECT_THAT(message_of([&] { s.run(never); }), HasSubstr("empty.csv:2:1: not a time of 0 ms or later"));
}

TEST(Spikes, one_source_only) {
  Stimulation s{.model = "spikes"};
  EXPECT_EQ(message_of([&] { s.run(never); }), "either `file` or `times`");
  s.values = {{"file", std::string("a.csv")}, {"sample", std::int64_t{0}}};
  EXPECT_EQ(message_of([&] { s.run(never); }), "only an SHD file (.h5) has samples");
}

const std::string series = "id,year,month,rain\nB,1950,2,4\nB,1950,1,1\nA,1950,1,\nA,1950,2,5\n";

Stimulation rain(const std::string& file) {
  return {.model = "events_from_series", .size = 2,
          .values = {{"file", file}, {"layout", std::int64_t{1}}, {"unit", std::string("id")},
                     {"row", std::vector<std::string>{"year", "month"}}, {"value", std::string("rain")},
                     {"threshold", 4.0}, {"time_per_row", 100.0}, {"passes", std::int64_t{2}}}};
}

TEST(EventsFromSeries, long_layout) {
  const TemporaryFile f("long.csv", series);
  Stimulation s = rain(f.path());
  // Units in order of appearance (B is 0), rows by year and month; 4 reaches the threshold 4.
  EXPECT_THAT(s.run(never), ElementsAre(at(100, 0), at(100, 1), at(300, 0), at(300, 1)));
  EXPECT_THAT(s.notes, ElementsAre(HasSubstr("long.csv: 1 of 4 values are missing")));
}

TEST(EventsFromSeries, long_layout_must_be_complete) {
  const TemporaryFile twice("twice.csv", series + "A,1950,2,5\n"), hole("hole.csv", series + "A,1950,3,5\n"),
      key("key.csv", series + "A,1950,,5\n");
  EXPECT_THAT(message_of([&] { rain(twice.path()).run(never); }),
              HasSubstr("twice.csv:6:1: a second value of unit A in row year 1950, month 2; the first is in line 5"));
  EXPECT_THAT(message_of([&] { rain(hole.path()).run(never); }),
              HasSubstr("hole.csv: unit B has no row year 1950, month 3"));
  EXPECT_THAT(message_of([&] { rain(key.path()).run(never); }), HasSubstr("key.csv:6:8: column month is empty"));
  const TemporaryFile f("long.csv", series);
  Stimulation s = rain(f.path());
  s.size = 3;
  EXPECT_THAT(message_of([&] { s.run(never); }), HasSubstr("2 units; the population has 3"));
  s.values.erase("threshold");
  EXPECT_EQ(message_of([&] { s.run(never); }), "either `threshold` or `above_median: true`");
  s.values.erase("row");
  EXPECT_EQ(message_of([&] { s.run(never); }), "`layout: long` needs it");
}

TEST(EventsFromSeries, wide_layout_above_the_median) {
  const TemporaryFile f("wide.csv", "day,x,y\n1,1,7\n2,2,7\n3,,7\n4,3,8\n5,4,\n");
  Stimulation s{.model = "events_from_series", .size = 2,
                .values = {{"file", f.path()}, {"columns", std::vector<std::string>{"y", "x"}}, {"above_median", true},
                           {"time_per_row", 1.0}}};
  // Medians: y 7 (7 itself is no event), x 2.5.
  EXPECT_THAT(s.run(never), ElementsAre(at(3, 0), at(3, 1), at(4, 1)));
  s.values["columns"] = std::vector<std::string>{"y", "z"};
  EXPECT_THAT(message_of([&] { s.run(never); }), HasSubstr("wide.csv:1:1: no column 'z'; there are: day, x, y"));
  const TemporaryFile text("text.csv", "day,x,y\n1,1,NA\n");
  s.values["file"] = text.path();
  EXPECT_THAT(message_of([&] { s.run(never); }), HasSubstr("text.csv:2:5: column y: 'NA' is not a number"));
}

TEST(CurrentStep, every_unit_at_every_step) {
  Stimulation s{.model = "current_step", .size = 2,
                .values = {{"times", std::vector{1.0, 2.5}}, {"currents", std::vector{100.0, -50.0}}}};
  EXPECT_EQ(stimulator("current_step").emits, Emits::current);
  EXPECT_THAT(s.run(never), ElementsAre(at(1, 0, 100), at(1, 1, 100), at(2.5, 0, -50), at(2.5, 1, -50)));
  s.values["times"] = std::vector{2.5, 2.5};
  EXPECT_EQ(message_of([&] { s.run(never); }), "times ascend; number 2 does not");
}

TEST(Noise, one_draw_a_unit_and_tick) {
  Stimulation s{.model = "noise", .size = 10, .values = {{"mean", 100.0}, {"sd", 20.0}}};
  EXPECT_THAT(message_of([&] { s.run(never); }), HasSubstr("no `tick`"));
  s.tick = from_ms(0.1);
  const auto draws = s.run(from_ms(1000));
  ASSERT_EQ(draws.size(), 100'000u);
  double sum = 0.0, squares = 0.0;
  for (std::size_t k = 0; k < draws.size(); ++k) {
    EXPECT_EQ(draws[k].t, static_cast<Time>(k / 10) * s.tick);
    EXPECT_EQ(draws[k].unit, k % 10);
    sum += draws[k].value - 100.0;
    squares += (draws[k].value - 100.0) * (draws[k].value - 100.0);
  }
  EXPECT_NEAR(sum / 1e5, 0.0, 4.5 * 20.0 / std::sqrt(1e5));
  EXPECT_NEAR(squares / 1e5, 400.0, 4.5 * 400.0 * std::sqrt(2e-5));
}

}  // namespace
}  // namespace volley::test
