// SPDX-License-Identifier: Apache-2.0
// Draws from the distributions of the experiment file.
#pragma once

#include <network/description.h>

#include <volley/random.h>

#include <span>

namespace volley {

// One value: element `index` of `values`, else drawn from `random` (redrawn inside [min, max] or clipped, then
// quantised: the nearest multiple, at least one step from 0). Throws InputError when 10,000 draws in a row fall outside
// the bounds.
double draw(const Distribution&, Random& random, std::size_t index);

// `out.size()` values, elements `index` ..., vectorised. The numbers differ from those of repeated `draw`.
void draw_many(const Distribution&, Random& random, std::size_t index, std::span<double> out);

// Number of successes in n trials of probability p, exact.
std::uint64_t draw_binomial(Random& random, std::uint64_t n, double p);

// Parameters of elements first .. first + count - 1 of something of `size` elements (a population, the sources of a
// projection): uniform when every value is constant, else one struct each. Draws are keyed (seed, parameter,
// "owner.field", element), so that they do not depend on `first`. Checks the field's bounds and the model's own
// `check`; throws InputError with the value's place. unit "weight" is the caller's concern.
ParameterSet make_parameters(const ModelChoice&, std::uint64_t seed, const std::string& owner,
                             std::uint32_t first, std::uint32_t count, std::uint32_t size);

// Initial values of one variable for elements first .. first + count - 1, keyed (seed, initial, "population.variable").
std::vector<double> draw_initial(const Distribution&, std::uint64_t seed, const std::string& population,
                                 const std::string& variable, std::uint32_t first, std::uint32_t count);

}  // namespace volley
