// SPDX-License-Identifier: Apache-2.0
// Stochastic gradient descent.
//
//   w -= rate g
#include <volley/optimiser.h>

namespace {
using namespace volley;

struct Sgd {
  static constexpr auto name = "sgd";
  static constexpr Fidelity fidelity{Origin::published, Origin::ours, "the rate belongs to the task"};
  struct Parameters {
    double rate;
  };
  static constexpr auto parameters = fields(Field{&Parameters::rate, "rate", 0.01, "", "size of a step", positive});
  static constexpr std::size_t moments = 0;

  static double prepare(const Parameters& p, std::uint64_t) { return p.rate; }
  template <class Real>
  static Real step(Real w, Real g, std::array<Real, 0>&, double rate) { return w - static_cast<Real>(rate) * g; }
};
}  // namespace
VOLLEY_OPTIMISER(Sgd)
