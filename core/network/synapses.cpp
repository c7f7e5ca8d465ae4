// SPDX-License-Identifier: Apache-2.0
// Weights and delays of synapses.
#include <network/synapses.h>

#include <network/error.h>
#include <network/random_streams.h>
#include <network/sample.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace volley {
namespace {

constexpr std::size_t max_classes = 65'536;  // slices keep their class in 16 bits
constexpr std::size_t few_classes = 1024;    // above it, a delay for each synapse is the smaller and faster form
constexpr Time max_multiple = std::numeric_limits<std::uint32_t>::max();

const Where& place(const Distribution& d, const ProjectionSpec& p) { return d.where.line > 0 ? d.where : p.where; }

// The user's own values: of the list, or of a distribution that lists them.
std::span<const double> own_values(const std::vector<double>& listed, const Distribution& d) {
  if (!listed.empty()) return listed;
  if (d.kind == Distribution::Kind::values) return d.values;
  return {};
}

Distribution with_sign(Distribution d, SignRule sign, const Where& where) {
  if (sign == SignRule::non_negative) d.min = std::max(d.min, 0.0);
  if (sign == SignRule::non_positive) d.max = std::min(d.max, 0.0);
  if (d.min > d.max)
    throw InputError(where, fmt::format("weights here must be 0 or {}; the bounds leave none",
                                        sign == SignRule::non_negative ? "more" : "less"));
  return d;
}

}  // namespace

Weights::Weights(const Experiment& e, const ProjectionSpec& p)
    : projection_(p), distribution_(p.weight), own_(own_values(p.connect.weight, p.weight)),
      key_(random_key(e.seed, Purpose::weight, p.name)) {
  for (const double w : own_) check(w, "a listed weight");
  if (one()) check(distribution_.a, "the weight");
  else if (own_.empty()) distribution_ = with_sign(distribution_, p.sign, place(p.weight, p));
}

void Weights::check(double w, const char* which) const {
  const std::string unit = projection_.gain || projection_.port_unit.empty() ? "" : " " + projection_.port_unit;
  const auto refuse = [&](const char* wanted) {
    throw InputError(place(projection_.weight, projection_), fmt::format("{} is {}{}; {}", which, w, unit, wanted));
  };
  if (!std::isfinite(static_cast<float>(w))) refuse("it must fit into float32");
  if (projection_.sign == SignRule::non_negative && w < 0.0) refuse("weights here must be 0 or more");
  if (projection_.sign == SignRule::non_positive && w > 0.0) refuse("weights here must be 0 or less");
}

void Weights::of(std::uint32_t unit, const Places& places, std::span<double> scratch, std::span<float> out) const {
  if (!own_.empty()) {
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = static_cast<float>(own_[places[k]]);
    return;
  }
  Random random(&random_source(), key_, unit);
  draw_many(distribution_, random, 0, scratch);
  bool finite = true;
  for (std::size_t k = 0; k < out.size(); ++k) {
    out[k] = static_cast<float>(scratch[k]);
    finite &= std::isfinite(out[k]);
  }
  if (!finite) throw InputError(place(projection_.weight, projection_), "drawn weights must fit into float32");
}

Delays::Delays(const Experiment& e, const ProjectionSpec& p)
    : projection_(p), dendritic_(from_ms(p.dendritic_delay)),
      longest_ms_(longest_ms - to_ms(e.duration()) - p.dendritic_delay), own_(own_values(p.connect.delay, p.delay)),
      key_(random_key(e.seed, Purpose::delay, p.name)) {
  if (!(p.dendritic_delay >= 0.0 && longest_ms_ >= 0.0))
    throw InputError(p.where,
                     fmt::format("a dendritic delay of {} ms; it must be 0 or more, and with the simulated time "
                                 "{} ms or less",
                                 p.dendritic_delay, longest_ms));
  if (!own_.empty()) classify();
  else if (p.delay.constant()) table_ = {total(p.delay.a)};
  else kind_ = p.delay.quantise > 0.0 ? Kind::steps : Kind::multiples;
}

// The user's own delays are exact: a table of the distinct ones, or picoseconds when they are many and fit.
void Delays::classify() {
  table_.reserve(own_.size());
  for (const double d : own_) table_.push_back(total(d));
  std::sort(table_.begin(), table_.end());
  table_.erase(std::unique(table_.begin(), table_.end()), table_.end());
  if (table_.size() > few_classes && table_.back() <= max_multiple) {
    kind_ = Kind::multiples;
    unit_ = 1;
  } else if (table_.size() > max_classes) {
    throw InputError(place(projection_.delay, projection_),
                     fmt::format("{} different delays up to {} ms; above {} ms there may be {}", table_.size(),
                                 to_ms(table_.back()), to_ms(max_multiple), max_classes));
  } else if (table_.size() > 1) {
    kind_ = Kind::table;
  }
}

Time Delays::total(double axonal_ms) const {
  if (axonal_ms >= 0.0 && axonal_ms <= longest_ms_) return from_ms(axonal_ms) + dendritic_;
  const bool drawn = own_.empty() && !projection_.delay.constant();
  throw InputError(
      place(projection_.delay, projection_),
      drawn ? std::string("delays drawn from this distribution can be negative or too long; give it `min` "
                          "(0 ms or more) and `max`")
            : fmt::format("a delay of {} ms; it must be 0 or more, and {} ms or less here", axonal_ms, longest_ms_));
}

Time Delays::time(std::uint32_t code) const {
  return kind_ == Kind::steps ? total(code * projection_.delay.quantise) : table_[code];
}

std::size_t Delays::codes() const { return kind_ == Kind::steps ? max_classes : table_.size(); }

void Delays::draw(std::uint32_t unit, std::span<double> out) const {
  Random random(&random_source(), key_, unit);
  draw_many(projection_.delay, random, 0, out);
}

Time Delays::longest(std::uint32_t unit, std::span<double> scratch) const {
  draw(unit, scratch);
  double ms = 0.0;
  for (const double d : scratch) ms = std::max(ms, d);
  return total(ms);
}

void Delays::fit(Time longest) {
  unit_ = 1;
  while ((longest + unit_ / 2) / unit_ > max_multiple) unit_ *= 2;
}

void Delays::of(std::uint32_t unit, const Places& places, std::span<double> scratch,
                std::span<std::uint32_t> out) const {
  if (!own_.empty()) return own_codes(places, out);
  draw(unit, scratch);
  if (kind_ == Kind::steps) return steps(scratch, out);
  for (std::size_t k = 0; k < out.size(); ++k)
    out[k] = static_cast<std::uint32_t>((total(scratch[k]) + unit_ / 2) / unit_);
}

void Delays::own_codes(const Places& places, std::span<std::uint32_t> out) const {
  for (std::size_t k = 0; k < out.size(); ++k) {
    const Time t = total(own_[places[k]]);
    out[k] = static_cast<std::uint32_t>(
        kind_ == Kind::multiples ? t : std::lower_bound(table_.begin(), table_.end(), t) - table_.begin());
  }
}

void Delays::steps(std::span<const double> ms, std::span<std::uint32_t> out) const {
  const double per_ms = 1.0 / projection_.delay.quantise;  // ms is a multiple already: the nearest is the one
  double least = 0.0, most = 0.0;
  for (std::size_t k = 0; k < out.size(); ++k) {
    const double n = ms[k] * per_ms + 0.5;
    least = std::min(least, n);
    most = std::max(most, n);
    out[k] = static_cast<std::uint32_t>(std::clamp(n, 0.0, 1e9));
  }
  if (least < 0.0) static_cast<void>(total(least));
  if (most >= static_cast<double>(max_classes))
    throw InputError(place(projection_.delay, projection_),
                     fmt::format("delays of {} steps of {} ms or more; a longer step, a smaller `max` or no `quantise` "
                                 "would do", max_classes, projection_.delay.quantise));
}

}  // namespace volley
