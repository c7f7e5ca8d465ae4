// SPDX-License-Identifier: Apache-2.0
// Latency code of a data set: a unit spikes once in a trial, the earlier the larger its value.
//
//   spike in tick k = round((1 - x) (span - 1))     x: the unit's value in this sample; above 1 counts as 1
//
// Ticks count from 0 in a trial. A unit whose value is below the threshold stays silent.
#include <volley/stimulator.h>

#include <algorithm>
#include <cmath>

namespace {
using namespace volley;

struct Latency {
  static constexpr auto name = "latency";
  static constexpr Fidelity fidelity{Origin::ours, Origin::ours, "linear in the value; papers differ in its form"};

  struct Parameters {
    std::string data;
    double span, threshold;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::data, "data", required, "", "field of a data set, such as digits.image"},
      Field{&Parameters::span, "span", 20.0, "", "ticks in which spikes fall", positive},
      Field{&Parameters::threshold, "threshold", 0.01, "", "the least value that spikes", fraction});
  static constexpr bool binary = true;

  static double encode(double x, std::size_t tick, Random&, const Parameters& p) {
    const double at = std::round((1.0 - std::min(x, 1.0)) * (p.span - 1.0));
    return x >= p.threshold && at == static_cast<double>(tick) ? 1.0 : 0.0;
  }
};
}  // namespace
VOLLEY_STIMULATOR(Latency)
