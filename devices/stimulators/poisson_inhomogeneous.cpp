// SPDX-License-Identifier: Apache-2.0
// Poisson spikes whose rate changes in steps: rates[k] from times[k] on, nothing before times[0], the last rate lasts.
//
// Steps come from two lists, the same for every unit, or from a CSV: a column `time` (ms) and either a column `rate`
// (Hz, every unit) or one column a unit, in order. A change restarts the exponential gap, which has no memory.
#include <volley/poisson.h>

namespace {
using namespace volley;

struct PoissonInhomogeneous {
  static constexpr auto name = "poisson_inhomogeneous";
  static constexpr Fidelity fidelity{Origin::published, Origin::ours, "the textbook process"};

  struct Parameters {
    std::vector<double> times, rates;
    std::string file;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::times, "times", empty, "ms", "when the rate changes, ascending", non_negative},
      Field{&Parameters::rates, "rates", empty, "Hz", "rate of each unit from then on", poisson_rate},
      Field{&Parameters::file, "file", file_name, "", "CSV: time (ms), then rate (Hz) or one column a unit"});

  struct State {
    std::vector<Time> change;
    std::vector<double> rate;  // of change k: one, or one a unit of the chunk
    std::size_t per_change = 1, coming = 0;
    PoissonStream stream;
  };

  static void check(const Parameters& p) {
    if (p.file.empty() == (p.times.empty() && p.rates.empty()))
      throw BadParameter("file", "either `times` and `rates`, or `file`");
    if (p.times.size() != p.rates.size())
      throw BadParameter("rates", std::to_string(p.rates.size()) + " rates; there are " +
                                      std::to_string(p.times.size()) + " times");
    for (std::size_t k = 1; k < p.times.size(); ++k)
      if (from_ms(p.times[k]) <= from_ms(p.times[k - 1]))
        throw BadParameter("times", "times ascend; number " + std::to_string(k + 1) + " does not");
  }

  static void begin(State& s, const Units& u) {
    const auto& p = u.get<Parameters>(u.first);
    if (!p.file.empty()) return read(s, u, u.files->csv(p.file));
    for (const double t : p.times) s.change.push_back(from_ms(t));
    s.rate = p.rates;
  }

  static Signal next(State& s, const Units& u) {
    while (true) {
      const Time until = s.coming < s.change.size() ? s.change[s.coming] : never;
      const Signal spike = s.stream.next(u.random);
      if (spike.t < until || until == never) return spike;
      const double* rate = &s.rate[s.coming * s.per_change];
      if (s.per_change == 1) s.stream.start(until, u.first, u.count, *rate);
      else s.stream.start(until, u.first, std::span(rate, s.per_change));
      ++s.coming;
    }
  }

 private:
  static void read(State& s, const Units& u, const Table& t) {
    const std::size_t time = t.column("time");
    const bool common = t.has("rate");
    const std::size_t expected = common ? 2 : std::size_t{u.size} + 1;
    if (t.columns.size() != expected)
      throw BadParameter("file", t.file + ":1:1: " + std::to_string(t.columns.size()) +
                                     " columns; `time` and `rate`, or `time` and " + std::to_string(u.size) +
                                     " columns, one a unit, would do");
    std::vector<std::size_t> column;
    for (std::size_t i = 0; i < t.columns.size(); ++i)
      if (i != time) column.push_back(i);
    s.per_change = common ? 1 : u.count;
    for (std::size_t r = 0; r < t.rows.size(); ++r) {
      const double ms = number(t, r, time);
      if (s.change.empty() ? ms < 0.0 : from_ms(ms) <= s.change.back())
        throw BadParameter("file", t.place(r, time) + ": times start at 0 or later and ascend");
      s.change.push_back(from_ms(ms));
      for (std::size_t i = 0; i < s.per_change; ++i) {
        const std::size_t c = column[common ? 0 : u.first + i];
        s.rate.push_back(number(t, r, c));
        if (!poisson_rate.contain(s.rate.back()))
          throw BadParameter("file", t.place(r, c) + ": a rate is 0 Hz or more, and 1e12 Hz or less");
      }
    }
  }
  static double number(const Table& t, std::size_t row, std::size_t column) {
    const double x = t.number(row, column);
    if (std::isnan(x)) throw BadParameter("file", t.place(row, column) + ": an empty cell");
    return x;
  }
};
}  // namespace
VOLLEY_STIMULATOR(PoissonInhomogeneous)
