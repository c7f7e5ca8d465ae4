// SPDX-License-Identifier: Apache-2.0
// What the synapses of a projection weigh and when their spikes arrive, unit by unit as the pairs are drawn.
#pragma once

#include <network/description.h>

#include <volley/random.h>
#include <volley/time.h>

#include <cstdint>
#include <span>
#include <vector>

namespace volley {

// Where a unit's synapses stand in the user's values: consecutive from `first`, or at listed places.
struct Places {
  std::uint64_t first = 0;
  std::span<const std::uint32_t> listed;

  std::uint64_t operator[](std::size_t k) const { return listed.empty() ? first + k : listed[k]; }
};

// Weights in float32. The sign that the port asks for narrows a distribution's bounds, and is demanded of a constant
// and of listed weights.
class Weights {
 public:
  Weights(const Experiment&, const ProjectionSpec&);

  bool one() const { return own_.empty() && distribution_.constant(); }
  float constant() const { return static_cast<float>(distribution_.a); }
  std::span<const double> own() const { return own_; }
  void of(std::uint32_t unit, const Places&, std::span<double> scratch, std::span<float> out) const;

 private:
  void check(double w, const char* which) const;

  const ProjectionSpec& projection_;
  Distribution distribution_;
  std::span<const double> own_;  // the user's own values; empty: drawn, or one
  RandomKey key_;
};

// Total delays as codes: indices of a table, steps of the quantum, or multiples of a unit.
class Delays {
 public:
  enum class Kind : std::uint8_t { one, table, steps, multiples };

  Delays(const Experiment&, const ProjectionSpec&);

  Kind kind() const { return kind_; }
  Time unit() const { return unit_; }   // of multiples
  Time time(std::uint32_t code) const;  // of one (code 0), table and steps
  std::size_t codes() const;            // of table and steps: above every code
  std::span<const double> own() const { return own_; }

  // Whether the unit of multiples is still to be found: the longest delay of every unit first, then fit.
  bool needs_longest() const { return kind_ == Kind::multiples && unit_ == 0; }
  Time longest(std::uint32_t unit, std::span<double> scratch) const;
  void fit(Time longest);

  void of(std::uint32_t unit, const Places&, std::span<double> scratch, std::span<std::uint32_t> out) const;

 private:
  void classify();
  Time total(double axonal_ms) const;
  void draw(std::uint32_t unit, std::span<double> out) const;
  void own_codes(const Places&, std::span<std::uint32_t> out) const;
  void steps(std::span<const double> ms, std::span<std::uint32_t> out) const;

  const ProjectionSpec& projection_;
  Kind kind_ = Kind::one;
  Time dendritic_;
  double longest_ms_;            // of the axonal part, so that no arrival lies beyond the range of Time
  std::span<const double> own_;  // the user's own values; empty: drawn, or one
  std::vector<Time> table_;      // ascending, distinct
  Time unit_ = 0;
  RandomKey key_;
};

}  // namespace volley
