// SPDX-License-Identifier: Apache-2.0
// The rules that know all their pairs before the first is asked for: a list, and a total number without repetition.
#include <network/error.h>
#include <network/pairs.h>
#include <network/random_streams.h>

#include <fmt/format.h>

#include <algorithm>

namespace volley {

// A set of pairs without repetition, from one stream: what is still missing is drawn again until nothing is. Of more
// than half of the pairs, those left out are drawn.
void Pairs::draw_distinct_total() {
  const std::uint64_t number = projection_.connect.number, all = eligible(0, keyed_.count), width = other_.count;
  const bool left_out = number > all / 2;
  const std::uint64_t wanted = left_out ? all - number : number;
  Random random(&random_source(), key_, 0);
  std::vector<std::uint64_t> drawn;
  while (drawn.size() < wanted) {
    for (std::uint64_t missing = wanted - drawn.size(); missing > 0;) {
      const std::uint64_t pair = random.below(width * keyed_.count);
      if (excluded(static_cast<std::uint32_t>(pair / width)) == static_cast<std::uint32_t>(pair % width)) continue;
      drawn.push_back(pair);
      --missing;
    }
    std::sort(drawn.begin(), drawn.end());
    drawn.erase(std::unique(drawn.begin(), drawn.end()), drawn.end());
  }
  first_.push_back(0);
  auto next = drawn.begin();
  for (std::uint32_t unit = 0; unit < keyed_.count; ++unit) {
    const std::uint64_t begin = unit * width;
    if (left_out) {
      const auto self = excluded(unit);
      for (std::uint32_t i = 0; i < other_.count; ++i) {
        if (next != drawn.end() && *next == begin + i) ++next;
        else if (i != self) partner_.push_back(i);
      }
    } else {
      for (; next != drawn.end() && *next < begin + width; ++next)
        partner_.push_back(static_cast<std::uint32_t>(*next - begin));
    }
    first_.push_back(partner_.size());
  }
}

// The list by target, in its own order for each.
void Pairs::sort_list() {
  const Connect& c = projection_.connect;
  first_.assign(std::size_t{keyed_.count} + 1, 0);
  for (std::size_t k = 0; k < c.source.size(); ++k) {
    const bool bad_source = c.source[k] >= other_.count;
    if (bad_source || c.target[k] >= keyed_.count)
      throw InputError(where(),
                       fmt::format("synapse {} has {} {}; they run from 0 to {}", k, bad_source ? "source" : "target",
                                   bad_source ? c.source[k] : c.target[k],
                                   std::int64_t{bad_source ? other_.count : keyed_.count} - 1));
    if (excluded(c.target[k]) == c.source[k])
      throw InputError(where(), fmt::format("synapse {} from {} to {} is an autapse; the projection has "
                                                       "allow_autapses: false", k, c.source[k], c.target[k]));
    ++first_[c.target[k] + 1];
  }
  for (std::uint32_t unit = 0; unit < keyed_.count; ++unit) first_[unit + 1] += first_[unit];
  std::vector<std::uint64_t> at(first_.begin(), first_.end() - 1);
  partner_.resize(c.source.size());
  place_.resize(c.source.size());
  for (std::size_t k = 0; k < c.source.size(); ++k) {
    const std::uint64_t to = at[c.target[k]]++;
    partner_[to] = c.source[k];
    place_[to] = static_cast<std::uint32_t>(k);
  }
  if (c.allow_multapses) return;
  std::vector<std::uint32_t> sources;
  for (std::uint32_t unit = 0; unit < keyed_.count; ++unit) {
    sources.assign(partner_.begin() + static_cast<std::ptrdiff_t>(first_[unit]),
                   partner_.begin() + static_cast<std::ptrdiff_t>(first_[unit + 1]));
    std::sort(sources.begin(), sources.end());
    const auto twice = std::adjacent_find(sources.begin(), sources.end());
    if (twice != sources.end())
      throw InputError(where(), fmt::format("the pair from {} to {} is listed twice; the projection has "
                                                       "allow_multapses: false", *twice, unit));
  }
}

}  // namespace volley
