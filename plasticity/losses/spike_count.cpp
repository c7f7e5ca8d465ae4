// SPDX-License-Identifier: Apache-2.0
// Squared error of spike counts: in a trial the label's unit should fire `right` times, each other `wrong` times (as in
// Shrestha & Orchard 2018, arXiv:1810.08646).
//
//   n_j = sum over ticks of y_j,   L = 1/2 sum over outputs of (n_j - wanted_j)^2
//
// The answer is the unit that fires most.
#include <volley/loss.h>

namespace {
using namespace volley;

struct SpikeCount {
  static constexpr auto name = "spike_count";
  static constexpr Fidelity fidelity{Origin::reconstruction, Origin::ours,
                                     "the error of a trial's counts; how many spikes are wanted is ours"};
  struct Parameters {
    double right, wrong;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::right, "right", 10.0, "", "spikes wanted of the label's unit", non_negative},
      Field{&Parameters::wrong, "wrong", 0.0, "", "spikes wanted of each other unit", non_negative});
  static constexpr Reduction reduce{Reduce::sum, Reduce::sum, Reduce::mean};
  static constexpr auto target = TargetKind::label;
  static constexpr bool likelihood = false;

  template <class Real>
  static double loss(const Outputs<Real>& y, const Target& t, const Reduction& r, const Parameters& p,
                     Gradient<Real> dy) {
    const double share = r.of_output(y.size), tick = r.of_tick(y.ticks);
    double sum = 0.0;
    for (std::size_t j = 0; j < y.size; ++j) {
      double count = 0.0;
      for (std::size_t k = r.first_tick(y.ticks); k < y.ticks; ++k) count += static_cast<double>(y.at(k)[j]) * tick;
      const double error = count - (j == t.label ? p.right : p.wrong);
      sum += 0.5 * error * error * share;
      const Real slope = static_cast<Real>(error * share * tick);
      for (std::size_t k = r.first_tick(y.ticks); k < y.ticks; ++k) dy.at(k)[j] = slope;
    }
    return sum;
  }
};
}  // namespace
VOLLEY_LOSS(SpikeCount)
