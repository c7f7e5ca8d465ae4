// SPDX-License-Identifier: Apache-2.0
// Gradient descent with momentum (Polyak 1964, doi:10.1016/0041-5553(64)90137-5), or Nesterov's form of it (Sutskever
// et al. 2013, as most libraries write it).
//
//   v = beta v + g,   w -= rate v,   Nesterov: w -= rate (g + beta v)
#include <volley/optimiser.h>

namespace {
using namespace volley;

struct Momentum {
  static constexpr auto name = "momentum";
  static constexpr Fidelity fidelity{Origin::published, Origin::ours, "the rate enters the step, not the velocity"};
  struct Parameters {
    double rate, beta;
    bool nesterov;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::rate, "rate", 0.01, "", "size of a step", positive},
      Field{&Parameters::beta, "beta", 0.9, "", "what is kept of the velocity", fraction},
      Field{&Parameters::nesterov, "nesterov", false, "", "whether the step looks ahead"});
  static constexpr std::size_t moments = 1;

  static const Parameters& prepare(const Parameters& p, std::uint64_t) { return p; }
  template <class Real>
  static Real step(Real w, Real g, std::array<Real, 1>& v, const Parameters& p) {
    const Real beta = static_cast<Real>(p.beta);
    v[0] = beta * v[0] + g;
    return w - static_cast<Real>(p.rate) * (p.nesterov ? g + beta * v[0] : v[0]);
  }
};
}  // namespace
VOLLEY_OPTIMISER(Momentum)
