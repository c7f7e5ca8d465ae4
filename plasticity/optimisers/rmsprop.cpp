// SPDX-License-Identifier: Apache-2.0
// RMSprop (Tieleman & Hinton 2012, lecture 6.5 of a course): steps in units of the gradient's recent size.
//
//   v = beta v + (1 - beta) g^2,   w -= rate g / sqrt(v + epsilon)
#include <volley/optimiser.h>

namespace {
using namespace volley;

struct Rmsprop {
  static constexpr auto name = "rmsprop";
  static constexpr Fidelity fidelity{Origin::published, Origin::authors_code,
                                     "epsilon inside the root, as in the code of GRAPES"};
  struct Parameters {
    double rate, beta, epsilon;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::rate, "rate", 0.001, "", "size of a step", positive},
      Field{&Parameters::beta, "beta", 0.9, "", "decay of the mean of the gradient's square", between(0.0, 0.999999)},
      Field{&Parameters::epsilon, "epsilon", 1e-8, "", "keeps the quotient finite", positive});
  static constexpr std::size_t moments = 1;

  static const Parameters& prepare(const Parameters& p, std::uint64_t) { return p; }
  template <class Real>
  static Real step(Real w, Real g, std::array<Real, 1>& v, const Parameters& p) {
    const Real beta = static_cast<Real>(p.beta);
    v[0] = beta * v[0] + (1 - beta) * g * g;
    return w - static_cast<Real>(p.rate) * g / std::sqrt(v[0] + static_cast<Real>(p.epsilon));
  }
};
}  // namespace
VOLLEY_OPTIMISER(Rmsprop)
