// SPDX-License-Identifier: Apache-2.0
// Mean squared error of rates: the mean output over a trial should be 1 for the label's unit, 0 for the others.
//
//   r_j = mean over ticks of y_j,   L = mean over outputs of (r_j - [j is the label])^2
//
// The loss of the authors' digit demos with spiking neural units. The answer is the unit with the highest rate.
#include <volley/loss.h>

namespace {
using namespace volley;

struct MseRate {
  static constexpr auto name = "mse_rate";
  static constexpr Fidelity fidelity{Origin::authors_code, Origin::authors_code, "the demo's loss and reductions"};
  struct Parameters {};
  static constexpr std::tuple<> parameters = fields();
  static constexpr Reduction reduce{Reduce::mean, Reduce::mean, Reduce::mean};
  static constexpr auto target = TargetKind::label;
  static constexpr bool likelihood = false;

  template <class Real>
  static double loss(const Outputs<Real>& y, const Target& t, const Reduction& r, const Parameters&,
                     Gradient<Real> dy) {
    const double share = r.of_output(y.size), tick = r.of_tick(y.ticks);
    double sum = 0.0;
    for (std::size_t j = 0; j < y.size; ++j) {
      double rate = 0.0;
      for (std::size_t k = r.first_tick(y.ticks); k < y.ticks; ++k) rate += static_cast<double>(y.at(k)[j]) * tick;
      const double error = rate - (j == t.label ? 1.0 : 0.0);
      sum += error * error * share;
      const Real slope = static_cast<Real>(2.0 * error * share * tick);
      for (std::size_t k = r.first_tick(y.ticks); k < y.ticks; ++k) dy.at(k)[j] = slope;
    }
    return sum;
  }
};
}  // namespace
VOLLEY_LOSS(MseRate)
