// my_model: bursts. Every `period` each unit gives `count` spikes, `interval` apart. Change it into your own.
#include <volley/stimulator.h>

#include <functional>
#include <queue>
#include <tuple>

namespace {
using namespace volley;

struct MyModel {
  static constexpr auto name = "my_model";
  static constexpr Fidelity fidelity{Origin::ours, Origin::ours, "say here what the equations and numbers rest on"};

  struct Parameters {
    double period, interval;
    std::int64_t count;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::period, "period", 100.0, "ms", "time between the starts of bursts", positive},
      Field{&Parameters::interval, "interval", 5.0, "ms", "time between the spikes of a burst", positive},
      Field{&Parameters::count, "count", std::int64_t{4}, "", "spikes in a burst", at_least(1)});

  static void check(const Parameters& p) {
    if (static_cast<double>(p.count - 1) * p.interval >= p.period)
      throw BadParameter("count", "a burst must be over before the next one starts");
  }

  struct Next {
    Time t;
    std::uint32_t unit;
    std::int64_t spike;  // how many this unit has given
    bool operator>(const Next& o) const { return std::tie(t, unit) > std::tie(o.t, o.unit); }
  };
  struct State {
    std::priority_queue<Next, std::vector<Next>, std::greater<>> next;  // soonest on top
  };

  static Time time_of(std::int64_t spike, const Parameters& p) {
    return from_ms(static_cast<double>(spike / p.count) * p.period +
                   static_cast<double>(spike % p.count) * p.interval);
  }
  static void begin(State& s, const Units& u) {
    for (std::uint32_t i = u.first; i < u.first + u.count; ++i) s.next.push({0, i, 0});
  }
  // The next spike of all units, in the order of (time, unit).
  static Signal next(State& s, const Units& u) {
    Next n = s.next.top();
    s.next.pop();
    const Signal spike{n.t, n.unit};
    n.t = time_of(++n.spike, u.get<Parameters>(n.unit));
    s.next.push(n);
    return spike;
  }
};
}  // namespace
VOLLEY_STIMULATOR(MyModel)
