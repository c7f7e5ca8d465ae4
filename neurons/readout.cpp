// SPDX-License-Identifier: Apache-2.0
// Linear readout, a layer's neuron that learning can train: the graded output of a network of spiking neural units (as
// in Wozniak et al. 2020, doi:10.1038/s42256-020-0187-0).
//
//   s_t = z_t + d s_(t-1)     z: what arrives in tick t, through all projections; d = 0: stateless
//   y_t = s_t + b
//
// b is trained.
#include <volley/neuron.h>

namespace {
using namespace volley;

struct Readout {
  static constexpr auto name = "readout";
  static constexpr Fidelity fidelity{Origin::authors_code, Origin::authors_code,
                                     "d = 0 is the dense layer of the authors' music demos; the leak is ours"};

  struct Parameters {
    double d, b;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::d, "d", 0.0, "", "what is kept of s in a tick", fraction},
      Field{&Parameters::b, "b", 0.0, "", "bias; trained"});

  template <class Real>
  struct State { Real s; };
  static constexpr auto state = fields(Field{&State<double>::s, "s", 0.0, "", "output before the bias"});
  template <class Real>
  struct Ports { Real z; };
  static constexpr auto ports = std::array{Port{"z", ""}};
  template <class Real>
  struct Trained { Real b; };
  static constexpr auto trained = std::array{Trainable{"b", ""}};
  static constexpr bool binary = false;

  template <class Real>
  static Real tick(State<Real>& x, const Ports<Real>& in, const Trained<Real>& w, const Parameters& p) {
    x.s = in.z + x.s * static_cast<Plain<Real>>(p.d);
    return x.s + w.b;
  }
};
}  // namespace
VOLLEY_NEURON(Readout)
