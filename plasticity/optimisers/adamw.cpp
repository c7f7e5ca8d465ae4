// SPDX-License-Identifier: Apache-2.0
// Adam with decoupled weight decay (Loshchilov & Hutter 2019, arXiv:1711.05101, algorithm 2).
//
//   m = beta1 m + (1 - beta1) g,   v = beta2 v + (1 - beta2) g^2
//   w -= rate ((m / (1 - beta1^k)) / (sqrt(v / (1 - beta2^k)) + epsilon) + decay w)      in step k = 1, 2, ..
//
// All that is trained decays, biases and decays of units too.
#include <volley/optimiser.h>

namespace {
using namespace volley;

struct Adamw {
  static constexpr auto name = "adamw";
  static constexpr Fidelity fidelity{Origin::published, Origin::ours,
                                     "algorithm 2, where the schedule scales rate and decay together"};
  struct Parameters {
    double rate, beta1, beta2, epsilon, decay;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::rate, "rate", 0.001, "", "size of a step", positive},
      Field{&Parameters::beta1, "beta1", 0.9, "", "decay of the gradient's mean", between(0.0, 0.999999)},
      Field{&Parameters::beta2, "beta2", 0.999, "", "decay of the mean of its square", between(0.0, 0.999999)},
      Field{&Parameters::epsilon, "epsilon", 1e-8, "", "keeps the quotient finite", positive},
      Field{&Parameters::decay, "decay", 0.01, "", "what a weight loses in a step, in units of rate times itself",
            non_negative});
  static constexpr std::size_t moments = 2;

  struct Now {
    double rate, beta1, beta2, scale1, scale2, epsilon, decay;
  };
  static Now prepare(const Parameters& p, std::uint64_t k) {
    const double n = static_cast<double>(k);
    return {p.rate, p.beta1, p.beta2, 1.0 / (1.0 - std::pow(p.beta1, n)), 1.0 / (1.0 - std::pow(p.beta2, n)),
            p.epsilon, p.decay};
  }
  template <class Real>
  static Real step(Real w, Real g, std::array<Real, 2>& m, const Now& now) {
    const Real b1 = static_cast<Real>(now.beta1), b2 = static_cast<Real>(now.beta2);
    m[0] = b1 * m[0] + (1 - b1) * g;
    m[1] = b2 * m[1] + (1 - b2) * g * g;
    const Real size = std::sqrt(m[1] * static_cast<Real>(now.scale2)) + static_cast<Real>(now.epsilon);
    return w - static_cast<Real>(now.rate) *
                   (m[0] * static_cast<Real>(now.scale1) / size + static_cast<Real>(now.decay) * w);
  }
};
}  // namespace
VOLLEY_OPTIMISER(Adamw)
