// SPDX-License-Identifier: Apache-2.0
// Correlated Poisson spikes: each group of units has a hidden mother process of the units' rate.
//
//   every mother spike is copied to each unit of its group with probability c, after a delay |N(0, jitter^2)|;
//   every unit adds private Poisson spikes of rate (1 - c) rate, so that it fires at `rate` whatever c is.
//
// Counts of two units of a group, in bins much longer than the jitter, correlate with coefficient c^2 (a coefficient
// q needs c = sqrt(q)); units of different groups are independent.
#include <volley/poisson.h>

#include <algorithm>
#include <functional>

namespace {
using namespace volley;

struct Correlated {
  static constexpr auto name = "correlated";
  static constexpr Fidelity fidelity{Origin::reconstruction, Origin::ours,
                                     "in the manner of the inputs of arXiv:1706.05563; papers define c differently"};

  struct Parameters {
    double rate, c, jitter;
    std::int64_t groups;
  };
  static constexpr auto parameters =
      fields(Field{&Parameters::rate, "rate", required, "Hz", "mean rate of each unit", poisson_rate},
             Field{&Parameters::c, "c", required, "", "probability that a unit copies a spike of its mother", fraction},
             Field{&Parameters::jitter, "jitter", 0.0, "ms",
                   "standard deviation of the normal variable whose size delays a copy", non_negative},
             Field{&Parameters::groups, "groups", 1, "", "equal parts of the population, each with its own mother",
                   at_least(1)});

  struct Spike {
    Time t;
    std::uint32_t unit;
    auto operator<=>(const Spike&) const = default;
  };
  struct Mother {
    Random random;
    PoissonStream stream;
    Time next;
    std::uint32_t first, end;  // its units in this chunk
  };
  struct State {
    std::vector<Mother> mothers;
    PoissonStream private_part;
    Signal own;
    std::vector<Spike> copies;  // heap, soonest on top: jitter changes their order
  };

  static void begin(State& s, const Units& u) {
    const auto& p = u.get<Parameters>(u.first);
    for (std::size_t i = 1; i < u.parameters->count(); ++i) {
      const auto& q = u.parameters->get<Parameters>(i);
      if (q.rate != p.rate) throw BadParameter("rate", "units that share a mother have one rate, not a distribution");
      if (q.c != p.c) throw BadParameter("c", "units that share a mother have one c, not a distribution");
      if (q.jitter != p.jitter) throw BadParameter("jitter", "one jitter for all units, not a distribution");
    }
    if (p.groups > u.size || u.size % p.groups != 0)
      throw BadParameter("groups", std::to_string(u.size) + " units do not fall into " + std::to_string(p.groups) +
                                       " equal groups");
    const std::uint32_t group = u.size / static_cast<std::uint32_t>(p.groups), end = u.first + u.count;
    for (std::uint32_t g = u.first / group; g * group < end; ++g) {
      Mother m{u.shared_stream(g), {}, never, std::max(u.first, g * group), std::min(end, (g + 1) * group)};
      m.stream.start(0, g, 1, p.c > 0.0 ? p.rate : 0.0);
      m.next = m.stream.next(m.random).t;
      s.mothers.push_back(std::move(m));
    }
    s.private_part.start(0, u.first, u.count, (1.0 - p.c) * p.rate);
    s.own = s.private_part.next(u.random);
  }

  static Signal next(State& s, const Units& u) {
    // No copy comes before its mother: those after the earliest spike known so far can wait.
    while (true) {
      Mother& m = *std::ranges::min_element(s.mothers, {}, &Mother::next);
      const Time earliest = std::min(s.own.t, s.copies.empty() ? never : s.copies.front().t);
      if (m.next == never || m.next > earliest) break;
      copy(s, u, m);
    }
    if (!s.copies.empty()) {
      const Spike first = s.copies.front();
      if (first.t < s.own.t || (first.t == s.own.t && first.unit < s.own.unit)) {
        std::ranges::pop_heap(s.copies, std::ranges::greater{});
        s.copies.pop_back();
        return {first.t, first.unit};
      }
    }
    const Signal spike = s.own;
    if (spike.t != never) s.own = s.private_part.next(u.random);
    return spike;
  }

 private:
  static void copy(State& s, const Units& u, Mother& m) {
    const auto& p = u.get<Parameters>(u.first);
    for (std::uint32_t i = m.first; i < m.end; ++i) {
      if (u.random.uniform() >= p.c) continue;
      const Time late = p.jitter > 0.0 ? from_ms(p.jitter * std::abs(u.random.normal())) : 0;
      s.copies.push_back({m.next + late, i});
      std::ranges::push_heap(s.copies, std::ranges::greater{});
    }
    m.next = m.stream.next(m.random).t;
  }
};
}  // namespace
VOLLEY_STIMULATOR(Correlated)
