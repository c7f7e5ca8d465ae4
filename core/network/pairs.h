// SPDX-License-Identifier: Apache-2.0
// Which neurons a projection connects: for each unit of one side, its partners on the other. Each unit draws from its
// own stream, so that the pairs are the same on any number of threads and in any placement.
#pragma once

#include <network/description.h>

#include <volley/random.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace volley {

class Pairs {
 public:
  // Throws InputError for a rule that these views cannot satisfy.
  Pairs(const Experiment&, const ProjectionSpec&);

  // fixed_outdegree draws targets for each source; every other rule has sources for each target.
  bool by_source() const { return projection_.connect.rule == Connect::Rule::fixed_outdegree; }
  std::uint32_t units() const { return keyed_.count; }

  // Partners of a unit in the order drawn (indices within their view). `marks` is the caller's, all false.
  void of(std::uint32_t unit, std::vector<std::uint32_t>& partners, std::vector<bool>& marks) const;

  // The pairs' places in the user's list, parallel to the partners; empty for other rules.
  std::span<const std::uint32_t> listed(std::uint32_t unit) const;

 private:
  std::optional<std::uint32_t> excluded(std::uint32_t unit) const;  // the partner that would be an autapse
  std::uint64_t eligible(std::uint32_t first, std::uint32_t last) const;  // pairs of units first .. last - 1
  const Where& where() const;
  void check_degree() const;
  void check_total() const;
  void split_total(std::uint32_t first, std::uint32_t last, std::uint64_t number);
  void draw_distinct_total();
  void sort_list();

  void with_replacement(std::uint32_t unit, std::uint64_t number, std::vector<std::uint32_t>& partners) const;
  void distinct(std::uint32_t unit, std::uint64_t number, std::vector<std::uint32_t>& partners,
                std::vector<bool>& marks) const;
  void bernoulli(std::uint32_t unit, std::vector<std::uint32_t>& partners) const;

  const Experiment& experiment_;
  const ProjectionSpec& projection_;
  View keyed_, other_;
  RandomKey key_;
  std::vector<std::uint64_t> degree_;   // fixed_total_number with multapses
  std::vector<std::uint64_t> first_;    // list, and fixed_total_number without multapses: a table by unit
  std::vector<std::uint32_t> partner_, place_;
};

}  // namespace volley
