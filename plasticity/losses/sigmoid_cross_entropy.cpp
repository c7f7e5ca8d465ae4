// SPDX-License-Identifier: Apache-2.0
// Sigmoid cross-entropy: each output is a logit, whose logistic function should be the target, 0 to 1, of its tick.
//
//   L = sum over ticks and outputs of log(1 + exp(y_j)) - target_j y_j
//
// With targets of 0 and 1 the negative log-likelihood of independent events, as for the notes of a piano roll.
#include <volley/loss.h>

namespace {
using namespace volley;

struct SigmoidCrossEntropy {
  static constexpr auto name = "sigmoid_cross_entropy";
  static constexpr Fidelity fidelity{Origin::authors_code, Origin::authors_code, "sums, as the authors' music demo"};
  struct Parameters {};
  static constexpr std::tuple<> parameters = fields();
  static constexpr Reduction reduce{Reduce::sum, Reduce::sum, Reduce::mean};
  static constexpr auto target = TargetKind::values;
  static constexpr bool likelihood = true, by_tick = true;

  template <class Real>
  static double loss(const Outputs<Real>& y, const Target& t, const Reduction& r, const Parameters&,
                     Gradient<Real> dy) {
    const double share = r.of_output(y.size) * r.of_tick(y.ticks);
    double sum = 0.0;
    for (std::size_t k = r.first_tick(y.ticks); k < y.ticks; ++k)
      for (std::size_t j = 0; j < y.size; ++j) {
        const double o = static_cast<double>(y.at(k)[j]), wanted = static_cast<double>(t.values[k * y.size + j]);
        const double small = std::exp(-std::abs(o));
        sum += std::max(o, 0.0) + std::log1p(small) - wanted * o;
        dy.at(k)[j] = static_cast<Real>(share * ((o >= 0.0 ? 1.0 : small) / (1.0 + small) - wanted));
      }
    return sum * share;
  }
};
}  // namespace
VOLLEY_LOSS(SigmoidCrossEntropy)
