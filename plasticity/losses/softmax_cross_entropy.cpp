// SPDX-License-Identifier: Apache-2.0
// Softmax cross-entropy: outputs are logits, and their softmax in each tick should be 1 for the label.
//
//   L = sum over ticks of log(sum over j of exp(y_j)) - y_label
//
// Its reduction over outputs is the sum by definition. The answer is the unit with the largest sum of logits.
#include <volley/loss.h>

namespace {
using namespace volley;

struct SoftmaxCrossEntropy {
  static constexpr auto name = "softmax_cross_entropy";
  static constexpr Fidelity fidelity{Origin::published, Origin::ours,
                                     "the textbook's loss; ticks are summed by default"};
  struct Parameters {};
  static constexpr std::tuple<> parameters = fields();
  static constexpr Reduction reduce{Reduce::sum, Reduce::sum, Reduce::mean};
  static constexpr auto target = TargetKind::label;
  static constexpr bool likelihood = true, by_tick = true, label_a_tick = true;

  template <class Real>
  static double loss(const Outputs<Real>& y, const Target& t, const Reduction& r, const Parameters&,
                     Gradient<Real> dy) {
    const double tick = r.of_tick(y.ticks);
    double total = 0.0;
    for (std::size_t k = r.first_tick(y.ticks); k < y.ticks; ++k) {
      const Real* o = y.at(k);
      const std::size_t label = t.label_at(k);
      const double top = static_cast<double>(*std::max_element(o, o + y.size));
      double sum = 0.0;
      for (std::size_t j = 0; j < y.size; ++j) sum += std::exp(static_cast<double>(o[j]) - top);
      total += tick * (top + std::log(sum) - static_cast<double>(o[label]));
      for (std::size_t j = 0; j < y.size; ++j)
        dy.at(k)[j] =
            static_cast<Real>(tick * (std::exp(static_cast<double>(o[j]) - top) / sum - (j == label ? 1.0 : 0.0)));
    }
    return total;
  }
};
}  // namespace
VOLLEY_LOSS(SoftmaxCrossEntropy)
