// SPDX-License-Identifier: Apache-2.0
// Rate code of a data set: in each tick of a trial a unit spikes with a probability in proportion to its value.
//
//   P(spike) = p_max x     x: the unit's value in this sample, 0 to 1; a value outside counts as the nearer end
#include <volley/stimulator.h>

namespace {
using namespace volley;

struct Bernoulli {
  static constexpr auto name = "bernoulli";
  static constexpr Fidelity fidelity{Origin::authors_code, Origin::ours,
                                     "the demos of the spiking neural unit take p_max 0.3: 6 spikes in 20 ticks"};

  struct Parameters {
    std::string data;
    double p_max;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::data, "data", required, "", "field of a data set, such as digits.image"},
      Field{&Parameters::p_max, "p_max", 1.0, "", "probability of a spike where the value is 1", fraction});
  static constexpr bool binary = true;

  static double encode(double x, Random& r, const Parameters& p) { return p.p_max * x > r.uniform() ? 1.0 : 0.0; }
};
}  // namespace
VOLLEY_STIMULATOR(Bernoulli)
