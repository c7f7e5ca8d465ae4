// SPDX-License-Identifier: Apache-2.0
// The connection rules.
#include <network/pairs.h>

#include <network/connect.h>
#include <network/error.h>
#include <network/parallel.h>
#include <network/random_streams.h>
#include <network/sample.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace volley {
namespace {

// Pairs of (unit of a, the same unit of b).
std::uint64_t overlap(const View& a, const View& b) {
  if (a.population != b.population) return 0;
  const std::uint64_t low = std::max(a.first, b.first);
  const std::uint64_t high = std::min(std::uint64_t{a.first} + a.count, std::uint64_t{b.first} + b.count);
  return high > low ? high - low : 0;
}

std::string without(const Connect& c) {
  if (c.allow_autapses && c.allow_multapses) return {};
  return c.allow_autapses    ? " without multapses"
         : c.allow_multapses ? " without autapses"
                             : " without autapses and multapses";
}

std::uint32_t scaled(std::uint64_t word, std::uint64_t n) {
  return static_cast<std::uint32_t>((static_cast<unsigned __int128>(word) * n) >> 64);
}

}  // namespace

Pairs::Pairs(const Experiment& e, const ProjectionSpec& p)
    : experiment_(e), projection_(p), keyed_(by_source() ? p.from : p.to), other_(by_source() ? p.to : p.from),
      key_(random_key(e.seed, Purpose::connect, p.name)) {
  const Connect& c = p.connect;
  switch (c.rule) {
    case Connect::Rule::one_to_one:
      if (p.from.count != p.to.count)
        throw InputError(where(), fmt::format("one_to_one between {} and {} units; both sides need the same number",
                                               p.from.count, p.to.count));
      break;
    case Connect::Rule::fixed_indegree:
    case Connect::Rule::fixed_outdegree: check_degree(); break;
    case Connect::Rule::fixed_total_number:
      check_total();
      if (c.allow_multapses) {
        degree_.resize(keyed_.count);
        split_total(0, keyed_.count, c.number);
      } else {
        draw_distinct_total();
      }
      break;
    case Connect::Rule::list: sort_list(); break;
    case Connect::Rule::all_to_all:
    case Connect::Rule::dense:
    case Connect::Rule::conv2d:
    case Connect::Rule::pool:
    case Connect::Rule::pairwise_bernoulli: break;
  }
}

const Where& Pairs::where() const {
  return projection_.connect.where.line > 0 ? projection_.connect.where : projection_.where;
}

void Pairs::of(std::uint32_t unit, std::vector<std::uint32_t>& partners, std::vector<bool>& marks) const {
  partners.clear();
  const Connect& c = projection_.connect;
  switch (c.rule) {
    case Connect::Rule::one_to_one: partners.push_back(unit); break;
    case Connect::Rule::dense:
    case Connect::Rule::all_to_all: {
      const auto self = excluded(unit);
      for (std::uint32_t i = 0; i < other_.count; ++i)
        if (i != self) partners.push_back(i);
      break;
    }
    case Connect::Rule::fixed_indegree:
    case Connect::Rule::fixed_outdegree:
      if (c.allow_multapses) with_replacement(unit, c.number, partners);
      else distinct(unit, c.number, partners, marks);
      break;
    case Connect::Rule::pairwise_bernoulli: bernoulli(unit, partners); break;
    case Connect::Rule::fixed_total_number:
      if (c.allow_multapses) {
        with_replacement(unit, degree_[unit], partners);
        break;
      }
      [[fallthrough]];
    case Connect::Rule::list:
      partners.assign(partner_.begin() + static_cast<std::ptrdiff_t>(first_[unit]),
                      partner_.begin() + static_cast<std::ptrdiff_t>(first_[unit + 1]));
      break;
    case Connect::Rule::conv2d:
    case Connect::Rule::pool: throw InternalError("a network of events has no convolution");
  }
}

std::span<const std::uint32_t> Pairs::listed(std::uint32_t unit) const {
  if (place_.empty()) return {};
  return std::span(place_).subspan(first_[unit], first_[unit + 1] - first_[unit]);
}

std::optional<std::uint32_t> Pairs::excluded(std::uint32_t unit) const {
  if (projection_.connect.allow_autapses || keyed_.population != other_.population) return {};
  const std::uint64_t self = std::uint64_t{keyed_.first} + unit;
  if (self < other_.first || self >= std::uint64_t{other_.first} + other_.count) return {};
  return static_cast<std::uint32_t>(self - other_.first);
}

std::uint64_t Pairs::eligible(std::uint32_t first, std::uint32_t last) const {
  const View part{keyed_.population, keyed_.first + first, last - first};
  const std::uint64_t all = std::uint64_t{part.count} * other_.count;
  return projection_.connect.allow_autapses ? all : all - overlap(part, other_);
}

void Pairs::check_degree() const {
  const Connect& c = projection_.connect;
  if (c.number == 0) return;
  std::uint64_t fewest = other_.count;
  if (!c.allow_autapses && overlap(keyed_, other_) > 0) --fewest;
  if (fewest > 0 && (c.allow_multapses || c.number <= fewest)) return;
  throw InputError(where(),
                   fmt::format("{} is {}, but a {} of '{}' has only {} {} in '{}' to choose from{}",
                               by_source() ? "outdegree" : "indegree", c.number, by_source() ? "source" : "target",
                               experiment_.populations[keyed_.population].name, fewest,
                               by_source() ? "targets" : "sources", experiment_.populations[other_.population].name,
                               without(c)));
}

void Pairs::check_total() const {
  const Connect& c = projection_.connect;
  const std::uint64_t pairs = eligible(0, keyed_.count);
  if (c.number == 0 || (pairs > 0 && (c.allow_multapses || c.number <= pairs))) return;
  throw InputError(where(), fmt::format("number is {}, but there are only {} pairs{}", c.number, pairs, without(c)));
}

// Pairs drawn independently fall on the targets as a multinomial: halves of halves, each split a binomial with a
// stream of its own.
void Pairs::split_total(std::uint32_t first, std::uint32_t last, std::uint64_t number) {
  if (number == 0) return;
  if (last - first == 1) {
    degree_[first] = number;
    return;
  }
  const std::uint32_t middle = first + (last - first) / 2;
  Random random(&random_source(), key_, std::uint64_t{last} << 32 | first);  // no target's stream: last > 0
  const double p = static_cast<double>(eligible(first, middle)) / static_cast<double>(eligible(first, last));
  const std::uint64_t left = draw_binomial(random, number, p);
  const auto lower = [&] { split_total(first, middle, left); };
  const auto upper = [&] { split_total(middle, last, number - left); };
  if (last - first > 512) parallel_invoke(lower, upper);
  else lower(), upper();
}

void Pairs::with_replacement(std::uint32_t unit, std::uint64_t number, std::vector<std::uint32_t>& partners) const {
  const auto self = excluded(unit);
  const std::uint64_t n = other_.count - (self ? 1u : 0u);
  Random random(&random_source(), key_, unit);
  partners.resize(number);
  std::array<std::uint64_t, 512> words;
  for (std::uint64_t done = 0; done < number;) {
    const std::size_t part = std::min<std::uint64_t>(number - done, words.size());
    random.fill(std::span(words).first(part + part % 2));
    for (std::size_t k = 0; k < part; ++k) partners[done + k] = scaled(words[k], n);
    done += part;
  }
  if (self)
    for (std::uint32_t& i : partners) i += i >= *self;
}

void Pairs::distinct(std::uint32_t unit, std::uint64_t number, std::vector<std::uint32_t>& partners,
                     std::vector<bool>& marks) const {
  const auto self = excluded(unit);
  const std::uint64_t n = other_.count - (self ? 1u : 0u);
  const bool left_out = number > n / 2;
  const std::uint64_t wanted = left_out ? n - number : number;
  Random random(&random_source(), key_, unit);
  marks.resize(n);
  while (partners.size() < wanted) {
    const auto i = static_cast<std::uint32_t>(random.below(n));
    if (marks[i]) continue;
    marks[i] = true;
    partners.push_back(i);
  }
  if (left_out) {
    partners.clear();
    for (std::uint32_t i = 0; i < n; ++i)
      if (!marks[i]) partners.push_back(i);
    marks.assign(marks.size(), false);
  } else {
    for (const std::uint32_t i : partners) marks[i] = false;
  }
  if (self)
    for (std::uint32_t& i : partners) i += i >= *self;
}

// The gaps between successes are geometric.
void Pairs::bernoulli(std::uint32_t unit, std::vector<std::uint32_t>& partners) const {
  const double p = projection_.connect.p;
  if (p <= 0.0) return;
  const auto self = excluded(unit);
  const double n = other_.count - (self ? 1.0 : 0.0), scale = -1.0 / std::log1p(-p);  // p = 1: no gaps
  Random random(&random_source(), key_, unit);
  std::array<std::uint64_t, 64> words;
  std::array<double, 64> gaps;
  for (double i = 0.0;;) {
    random.fill(words);
    random.source()->exponentials(words, gaps);
    for (const double gap : gaps) {
      i += std::floor(gap * scale);
      if (i >= n) return;
      const auto partner = static_cast<std::uint32_t>(i);
      partners.push_back(partner + (self && partner >= *self));
      i += 1.0;
    }
  }
}

double expected_synapses(const Experiment& e, std::size_t projection) {
  const ProjectionSpec& p = e.projections[projection];
  const Connect& c = p.connect;
  const auto all = static_cast<double>(p.from.count) * p.to.count;
  const double pairs = c.allow_autapses ? all : all - static_cast<double>(overlap(p.from, p.to));
  switch (c.rule) {
    case Connect::Rule::one_to_one: return p.to.count;
    case Connect::Rule::dense:
    case Connect::Rule::all_to_all: return pairs;
    case Connect::Rule::fixed_indegree: return static_cast<double>(c.number) * p.to.count;
    case Connect::Rule::fixed_outdegree: return static_cast<double>(c.number) * p.from.count;
    case Connect::Rule::fixed_total_number: return static_cast<double>(c.number);
    case Connect::Rule::pairwise_bernoulli: return c.p * pairs;
    case Connect::Rule::list: return static_cast<double>(c.source.size());
    case Connect::Rule::conv2d:
    case Connect::Rule::pool: break;
  }
  throw InternalError("a connection rule without a number of synapses");
}

}  // namespace volley
