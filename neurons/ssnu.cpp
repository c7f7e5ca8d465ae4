// SPDX-License-Identifier: Apache-2.0
// Soft spiking neural unit (Wozniak et al. 2020, doi:10.1038/s42256-020-0187-0), an `snu` with graded output.
//
//   s_t = g(z_t + d s_(t-1) (1 - y_(t-1)))     z: what arrives in tick t, through all projections
//   y_t = 1 / (1 + exp(-(s_t + b)))            so that the reset is as large as the output
//
// b is trained, d if asked for. Every derivative is exact.
#include <volley/neuron.h>

namespace {
using namespace volley;

struct Ssnu {
  static constexpr auto name = "ssnu";
  static constexpr Fidelity fidelity{Origin::authors_code, Origin::authors_code,
                                     "g applies to input and state together, as in the authors' code"};

  struct Parameters {
    double d, b;
    Nonlinearity g;
    double leak;
    bool train_d, detach_reset;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::d, "d", 0.9, "", "what is kept of s in a tick", fraction},
      Field{&Parameters::b, "b", -1.0, "", "bias of the output; trained"},
      Field{&Parameters::g, "g", one_of("identity", "relu", "leaky_relu"), "", "nonlinearity of the state"},
      Field{&Parameters::leak, "leak", 0.1, "", "slope of leaky_relu below 0", fraction},
      Field{&Parameters::train_d, "train_d", false, "", "whether d is trained too"},
      Field{&Parameters::detach_reset, "detach_reset", false, "", "no gradient through the reset"});
  static constexpr auto only_with = std::array{OnlyWith{"leak", "g", "leaky_relu"}};

  template <class Real>
  struct State { Real s, y; };
  static constexpr auto state = fields(Field{&State<double>::s, "s", 0.0, "", "membrane potential"},
                                       Field{&State<double>::y, "y", 0.0, "", "output"});
  template <class Real>
  struct Ports { Real z; };
  static constexpr auto ports = std::array{Port{"z", ""}};
  template <class Real>
  struct Trained { Real b, d; };
  static constexpr auto trained = std::array{Trainable{"b", ""}, Trainable{"d", "train_d"}};
  static constexpr bool binary = false;

  template <class Real>
  static Real tick(State<Real>& x, const Ports<Real>& in, const Trained<Real>& w, const Parameters& p) {
    const Real gate = 1 - (p.detach_reset ? detach(x.y) : x.y);
    x.s = nonlinear(in.z + w.d * x.s * gate, p.g, p.leak);
    return x.y = logistic(x.s + w.b);
  }
};
}  // namespace
VOLLEY_NEURON(Ssnu)
