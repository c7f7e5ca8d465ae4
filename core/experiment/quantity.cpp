// SPDX-License-Identifier: Apache-2.0
// Units are products of powers of volt, ampere and second with SI prefixes, so that a model may declare any of them
// ("mV", "pA/mV", "1/ms"). Prefixes shift the decimal exponent of the text, so that conversion rounds once.
#include <experiment/quantity.h>
#include <experiment/text.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace volley {
namespace {

struct Unit {
  std::array<int, 3> dimension{};  // V, A, s
  int exponent = 0;                // power of ten
  double factor = 1.0;             // minutes, hours, days
};

struct Symbol {
  std::string_view name;
  Unit unit;
  bool prefixes;
};

constexpr std::array symbols{
    Symbol{"s", {{0, 0, 1}}, true},    Symbol{"V", {{1, 0, 0}}, true},    Symbol{"A", {{0, 1, 0}}, true},
    Symbol{"F", {{-1, 1, 1}}, true},   Symbol{"S", {{-1, 1, 0}}, true},   Symbol{"ohm", {{1, -1, 0}}, true},
    Symbol{"Hz", {{0, 0, -1}}, true},  Symbol{"C", {{0, 1, 1}}, true},    Symbol{"min", {{0, 0, 1}, 0, 60}, false},
    Symbol{"h", {{0, 0, 1}, 0, 3600}, false}, Symbol{"day", {{0, 0, 1}, 0, 86400}, false},
    Symbol{"days", {{0, 0, 1}, 0, 86400}, false}, Symbol{"1", {}, false}};

struct Prefix {
  std::string_view name;
  int exponent;
};
constexpr std::array prefixes{Prefix{"f", -15}, Prefix{"p", -12}, Prefix{"n", -9},  Prefix{"u", -6}, Prefix{"µ", -6},
                              Prefix{"m", -3},  Prefix{"k", 3},   Prefix{"M", 6},   Prefix{"G", 9}};

std::optional<Unit> find_symbol(std::string_view name) {
  for (const Symbol& s : symbols)
    if (s.name == name) return s.unit;
  for (const Prefix& p : prefixes) {
    if (!name.starts_with(p.name)) continue;
    for (const Symbol& s : symbols) {
      if (!s.prefixes || s.name != name.substr(p.name.size())) continue;
      Unit u = s.unit;
      u.exponent = p.exponent;
      return u;
    }
  }
  return std::nullopt;
}

// "pA/mV", "mV*ms", "1/ms^2".
std::optional<Unit> parse_unit(std::string_view text) {
  Unit total;
  int sign = 1;
  while (true) {
    const std::size_t end = std::min(text.find_first_of("*/"), text.size());
    std::string_view atom = text.substr(0, end);
    int power = sign;
    if (const auto hat = atom.find('^'); hat != atom.npos) {
      const std::string_view digits = atom.substr(hat + 1);
      if (digits.size() != 1 || digits[0] < '1' || digits[0] > '9') return std::nullopt;
      power *= digits[0] - '0';
      atom = atom.substr(0, hat);
    }
    const auto unit = find_symbol(atom);
    if (!unit) return std::nullopt;
    for (std::size_t k = 0; k < 3; ++k) total.dimension[k] += power * unit->dimension[k];
    total.exponent += power * unit->exponent;
    total.factor *= std::pow(unit->factor, power);
    if (end == text.size()) return total;
    sign = text[end] == '/' ? -1 : 1;
    text.remove_prefix(end + 1);
  }
}

// "time", "voltage", ...: the name of a dimension for messages.
std::string_view dimension_name(const Unit& u) {
  struct Name {
    std::array<int, 3> dimension;
    std::string_view name;
  };
  constexpr std::array names{Name{{0, 0, 1}, "time"},         Name{{1, 0, 0}, "voltage"},
                             Name{{0, 1, 0}, "current"},      Name{{-1, 1, 1}, "capacitance"},
                             Name{{-1, 1, 0}, "conductance"}, Name{{1, -1, 0}, "resistance"},
                             Name{{0, 0, -1}, "rate"},        Name{{0, 1, 1}, "charge"}};
  for (const Name& n : names)
    if (n.dimension == u.dimension) return n.name;
  return {};
}

struct Split {
  std::string_view number, unit;
  bool space = false;
};

// Cuts "1.5 ms" in two; nullopt when it does not begin with a decimal number.
std::optional<Split> split(std::string_view text) {
  std::string_view rest = text;
  if (rest.starts_with('+')) rest.remove_prefix(1);
  const std::string_view digits = rest.starts_with('-') ? rest.substr(1) : rest;
  if (digits.empty() || (digits[0] != '.' && (digits[0] < '0' || digits[0] > '9'))) return std::nullopt;  // inf, nan
  double unused = 0.0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), unused);
  if (error == std::errc::invalid_argument) return std::nullopt;
  Split s;
  s.number = std::string_view(rest.data(), static_cast<std::size_t>(end - rest.data()));
  s.unit = rest.substr(s.number.size());
  while (s.unit.starts_with(' ') || s.unit.starts_with('\t')) {
    s.unit.remove_prefix(1);
    s.space = true;
  }
  return s;
}

// number * 10^shift, rounded once. nullopt when out of range.
std::optional<double> scaled(std::string_view number, int shift) {
  const std::size_t e = number.find_first_of("eE");
  std::string text(number.substr(0, e));
  if (text.find_first_of("123456789") == text.npos) return text.starts_with('-') ? -0.0 : 0.0;  // whatever the exponent
  std::int64_t exponent = 0;
  if (e != number.npos) {
    std::string_view digits = number.substr(e + 1);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    constexpr std::int64_t bound = 1'000'000'000'000;  // beyond it only the sign matters, and adding stays safe
    if (error == std::errc::result_out_of_range) exponent = digits.starts_with('-') ? -bound : bound;
    exponent = std::clamp(exponent, -bound, bound);
  }
  exponent += shift;
  text += "e" + std::to_string(exponent);
  double x = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), x);
  if (error == std::errc::result_out_of_range && exponent < 0) return 0.0;
  if (error != std::errc{} || !std::isfinite(x)) return std::nullopt;
  return x;
}

[[noreturn]] void no_number(const Where& where, const std::string& found, std::string_view unit) {
  throw InputError(where, fmt::format("found {}; a number{} is expected, such as {}", found,
                                      unit.empty() ? "" : " with a unit", format_quantity(1.5, unit)));
}

double convert(const std::string& text, const std::string& found, UnitOf of, bool plain_allowed, const Where& where) {
  const auto s = split(text);
  if (!s) no_number(where, found, of.unit);
  const std::string number = brief(s->number);
  const auto checked = [&](std::optional<double> x) {
    if (!x || !std::isfinite(*x)) throw InputError(where, found + " is too large for a number");
    return *x;
  };
  if (s->unit.empty() && (of.unit.empty() || plain_allowed)) return checked(scaled(s->number, 0));
  if (of.unit.empty())
    throw InputError(where, fmt::format("{} has a unit; a plain number is expected, such as {}", found, number));
  const auto wanted = parse_unit(of.unit);
  const std::string_view dimension = wanted ? dimension_name(*wanted) : std::string_view{};
  if (s->unit.empty())
    throw InputError(where, fmt::format("{} has no unit; write {} {}{}", found, number, of.unit,
                                        dimension.empty() ? "" : fmt::format(", or another unit of {}", dimension)));
  if (!s->space)
    throw InputError(where,
                     fmt::format("{} lacks the space before the unit; write '{} {}'", found, number, brief(s->unit)));
  if (s->unit == of.unit) return checked(scaled(s->number, 0));
  if (dimension == "time" && (s->unit == "ticks" || s->unit == "tick")) {
    if (of.tick_ms == 0.0)
      throw InputError(where, found + " is in ticks, but no population is clocked; write a time such as 1.5 ms");
    return checked(checked(scaled(s->number, 0)) * of.tick_ms);
  }
  const auto unit = parse_unit(s->unit);
  if (!wanted || !unit || unit->dimension != wanted->dimension) {
    if (dimension == "time" && (s->unit == "trials" || s->unit == "epochs"))
      throw InputError(where,
                       fmt::format("{} belongs to training, which comes in a later version; write a time", found));
    throw InputError(where, fmt::format("{} is not in {}{}", found, of.unit,
                                        dimension.empty() ? "" : fmt::format(" or another unit of {}", dimension)));
  }
  return checked(checked(scaled(s->number, unit->exponent - wanted->exponent)) * (unit->factor / wanted->factor));
}

}  // namespace

double read_quantity(const Node& n, UnitOf of) {
  if (!n.scalar()) no_number(n.where, n.found(), of.unit);
  return convert(n.text, n.found(), of, false, n.where);
}

double read_cell(const std::string& cell, UnitOf of, const Where& where) {
  return convert(cell, "'" + brief(cell) + "'", of, true, where);
}

double read_number(const Node& n) { return read_quantity(n, {}); }

std::int64_t read_integer(const Node& n, std::int64_t low, std::int64_t high) {
  std::int64_t x = 0;
  const char* end = n.text.data() + n.text.size();
  const auto [stop, error] = std::from_chars(n.text.data(), end, x);
  if (!n.scalar() || error == std::errc::invalid_argument || stop != end)
    throw InputError(n.where, fmt::format("found {}; a whole number is expected, such as 10", n.found()));
  if (error != std::errc{} || x < low || x > high) {
    const std::string range = high == std::numeric_limits<std::int64_t>::max()
                                  ? fmt::format("at least {}", low)
                                  : fmt::format("from {} to {}", low, high);
    throw InputError(n.where, fmt::format("found {}; it must be {}", n.found(), range));
  }
  return x;
}

std::uint64_t read_seed(const Node& n) {
  std::uint64_t x = 0;
  const char* end = n.text.data() + n.text.size();
  const auto [stop, error] = std::from_chars(n.text.data(), end, x);
  if (!n.scalar() || error != std::errc{} || stop != end)
    throw InputError(n.where, fmt::format("found {}; a seed is a whole number from 0 to 2^64 - 1", n.found()));
  return x;
}

bool read_flag(const Node& n) {
  if (n.text == "true") return true;
  if (n.text == "false") return false;
  throw InputError(n.where, fmt::format("found {}; write true or false", n.found()));
}

double read_megabytes(const Node& n) {
  constexpr std::array units{Prefix{"kB", 3}, Prefix{"MB", 6}, Prefix{"GB", 9}, Prefix{"TB", 12}};
  const auto s = split(n.text);
  if (n.scalar() && s && s->space)
    for (const Prefix& u : units)
      if (s->unit == u.name)
        if (const auto x = scaled(s->number, u.exponent - 6); x && *x > 0.0) return *x;
  throw InputError(n.where,
                   fmt::format("found {}; an amount of memory is expected, such as 8 GB or 500 MB", n.found()));
}

Time read_time(const Node& n, double tick_ms, Time low) {
  const double ms = read_quantity(n, {"ms", tick_ms});
  if (std::abs(ms) > longest_ms)
    throw InputError(n.where, fmt::format("found {}; the longest time is 106 days", n.found()));
  const Time t = from_ms(ms);
  if (t < low)
    throw InputError(n.where, fmt::format("found {}; it must be {}", n.found(),
                                          low == 0   ? "0 or more"
                                          : low == 1 ? "1 ps or more"
                                                     : format_quantity(to_ms(low), "ms") + " or more"));
  return t;
}

const std::string& read_text(const Node& n, std::string_view what) {
  if (!n.scalar() || n.text.empty())
    throw InputError(n.where, fmt::format("found {}; {} is expected", n.found(), what));
  return n.text;
}

std::string format_quantity(double x, std::string_view unit) {
  return unit.empty() ? fmt::format("{}", x) : fmt::format("{} {}", x, unit);
}

}  // namespace volley
