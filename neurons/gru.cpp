// SPDX-License-Identifier: Apache-2.0
// Gated recurrent unit (Cho et al. 2014, doi:10.3115/v1/D14-1179), a baseline of the papers on spiking neural units, as
// most libraries compute it: the reset gate acts after the recurrent weights, not before them.
//
//   z, r = 1 / (1 + exp(-(port_t + b)))  for the ports update and reset
//   k = tanh(candidate_t + b_k + r (recurrent_t + b_h)),   y_t = z y_(t-1) + (1 - z) k
//
// A layer has projections from its input to update, reset and candidate, and from itself after 1 tick to update, reset
// and recurrent. The biases are trained.
#include <volley/neuron.h>

namespace {
using namespace volley;

struct Gru {
  static constexpr auto name = "gru";
  static constexpr Fidelity fidelity{Origin::reconstruction, Origin::ours,
                                     "the paper has the reset gate before the weights"};

  struct Parameters {
    double b_z, b_r, b_k, b_h;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::b_z, "b_z", 0.0, "", "bias of the update gate; trained"},
      Field{&Parameters::b_r, "b_r", 0.0, "", "bias of the reset gate; trained"},
      Field{&Parameters::b_k, "b_k", 0.0, "", "bias of the candidate; trained"},
      Field{&Parameters::b_h, "b_h", 0.0, "", "bias of what the reset gate scales; trained"});

  template <class Real>
  struct State { Real y; };
  static constexpr auto state = fields(Field{&State<double>::y, "y", 0.0, "", "output"});
  template <class Real>
  struct Ports { Real update, reset, candidate, recurrent; };
  static constexpr auto ports = std::array{Port{"update", ""}, Port{"reset", ""}, Port{"candidate", ""},
                                           Port{"recurrent", ""}};
  template <class Real>
  struct Trained { Real b_z, b_r, b_k, b_h; };
  static constexpr auto trained =
      std::array{Trainable{"b_z", ""}, Trainable{"b_r", ""}, Trainable{"b_k", ""}, Trainable{"b_h", ""}};
  static constexpr bool binary = false;

  template <class Real>
  static Real tick(State<Real>& x, const Ports<Real>& in, const Trained<Real>& w, const Parameters&) {
    const Real z = logistic(in.update + w.b_z), r = logistic(in.reset + w.b_r);
    const Real k = tanh(in.candidate + w.b_k + r * (in.recurrent + w.b_h));
    return x.y = z * x.y + (1 - z) * k;
  }
};
}  // namespace
VOLLEY_NEURON(Gru)
