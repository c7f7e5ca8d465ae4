// SPDX-License-Identifier: Apache-2.0
// Spiking neural unit with lateral inhibition (Wozniak et al. 2020, doi:10.1038/s42256-020-0187-0): an `snu` whose
// layer forgets as a whole when one of its units spikes.
//
//   s_t = g(z_t + d s_(t-1) (1 - max_j y_(t-1),j))     j: all units of the layer
//   y_t = 1 if s_t + b > 0, else 0                     b: minus the threshold
//
// Units that spike in the same tick do not hinder each other. The gradient passes through the maximum, in equal shares
// where several units attain it, unless the reset is detached.
#include <volley/neuron.h>

namespace {
using namespace volley;

struct SnuLi {
  static constexpr auto name = "snu_li";
  static constexpr Fidelity fidelity{Origin::authors_code, Origin::authors_code,
                                     "each sample has its own largest output; the authors' code takes the batch's"};

  struct Parameters {
    double d, b;
    Nonlinearity g;
    double leak, slope;
    Surrogate surrogate;
    bool train_d, detach_reset;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::d, "d", 0.9, "", "what is kept of s in a tick", fraction},
      Field{&Parameters::b, "b", -1.0, "", "minus the threshold; trained"},
      Field{&Parameters::g, "g", one_of("identity", "relu", "leaky_relu"), "", "nonlinearity of the state"},
      Field{&Parameters::leak, "leak", 0.1, "", "slope of leaky_relu below 0", fraction},
      Field{&Parameters::slope, "slope", 1.0, "", "how fast the surrogate falls off", positive},
      Field{&Parameters::surrogate, "surrogate", one_of("tanh2", "fast_sigmoid", "atan", "triangle", "box"),
            "", "stands for the step's derivative"},
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
  static constexpr bool binary = true;

  template <class Real>
  static constexpr auto largest = &State<Real>::y;

  template <class Real>
  static Real tick(State<Real>& x, const Ports<Real>& in, const Trained<Real>& w, const Parameters& p,
                   const Real& largest_y) {
    const Real gate = 1 - (p.detach_reset ? detach(largest_y) : largest_y);
    x.s = nonlinear(in.z + w.d * x.s * gate, p.g, p.leak);
    return x.y = step(x.s + w.b, p.surrogate, p.slope);
  }
};
}  // namespace
VOLLEY_NEURON(SnuLi)
