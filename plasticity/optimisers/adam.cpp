// SPDX-License-Identifier: Apache-2.0
// Adam (Kingma & Ba 2015, arXiv:1412.6980, algorithm 1).
//
//   m = beta1 m + (1 - beta1) g,   v = beta2 v + (1 - beta2) g^2
//   w -= rate (m / (1 - beta1^k)) / (sqrt(v / (1 - beta2^k)) + epsilon)      in step k = 1, 2, ..
#include <volley/optimiser.h>

namespace {
using namespace volley;

struct Adam {
  static constexpr auto name = "adam";
  static constexpr Fidelity fidelity{Origin::published, Origin::published, "algorithm 1 and its defaults"};
  struct Parameters {
    double rate, beta1, beta2, epsilon;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::rate, "rate", 0.001, "", "size of a step", positive},
      Field{&Parameters::beta1, "beta1", 0.9, "", "decay of the gradient's mean", between(0.0, 0.999999)},
      Field{&Parameters::beta2, "beta2", 0.999, "", "decay of the mean of its square", between(0.0, 0.999999)},
      Field{&Parameters::epsilon, "epsilon", 1e-8, "", "keeps the quotient finite", positive});
  static constexpr std::size_t moments = 2;

  struct Now {
    double rate, beta1, beta2, scale2, epsilon;
  };
  static Now prepare(const Parameters& p, std::uint64_t k) {
    const double n = static_cast<double>(k);
    return {p.rate / (1.0 - std::pow(p.beta1, n)), p.beta1, p.beta2, 1.0 / (1.0 - std::pow(p.beta2, n)), p.epsilon};
  }
  template <class Real>
  static Real step(Real w, Real g, std::array<Real, 2>& m, const Now& now) {
    const Real b1 = static_cast<Real>(now.beta1), b2 = static_cast<Real>(now.beta2);
    m[0] = b1 * m[0] + (1 - b1) * g;
    m[1] = b2 * m[1] + (1 - b2) * g * g;
    return w - static_cast<Real>(now.rate) * m[0] /
                   (std::sqrt(m[1] * static_cast<Real>(now.scale2)) + static_cast<Real>(now.epsilon));
  }
};
}  // namespace
VOLLEY_OPTIMISER(Adam)
