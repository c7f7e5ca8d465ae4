// SPDX-License-Identifier: Apache-2.0
// Soft spiking neural unit with axo-axonic synapses (as in Bohnstingl et al. 2021, doi:10.48550/arXiv.2110.02743):
// an `ssnu` whose output other neurons gate, through a port of its own.
//
//   s_t = g(soma_t + d s_(t-1) (1 - r_(t-1)))       soma, axon: what arrives through each port in tick t
//   h_t = 1 / (1 + exp(-(s_t + b)))
//   y_t = h_t / (1 + exp(-(axon_t + b_o)))          r = h, the output before the gate, or y
//
// b and b_o are trained, d if asked for. A large b_o without input to the axon makes it the `ssnu`.
#include <volley/neuron.h>

namespace {
using namespace volley;

enum class ResetBy : std::uint8_t { soma, output };

struct SsnuO {
  static constexpr auto name = "ssnu_o";
  static constexpr Fidelity fidelity{Origin::from_memory, Origin::ours,
                                     "equations from memory of the paper; what resets is a choice"};

  struct Parameters {
    double d, b, b_o;
    Nonlinearity g;
    double leak;
    ResetBy reset_by;
    bool train_d, detach_reset;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::d, "d", 0.9, "", "what is kept of s in a tick", fraction},
      Field{&Parameters::b, "b", -1.0, "", "bias of the output; trained"},
      Field{&Parameters::b_o, "b_o", 0.0, "", "bias of the gate; trained"},
      Field{&Parameters::g, "g", one_of("identity", "relu", "leaky_relu"), "", "nonlinearity of the state"},
      Field{&Parameters::leak, "leak", 0.1, "", "slope of leaky_relu below 0", fraction},
      Field{&Parameters::reset_by, "reset_by", one_of("soma", "output"), "", "h, the output before the gate, or y"},
      Field{&Parameters::train_d, "train_d", false, "", "whether d is trained too"},
      Field{&Parameters::detach_reset, "detach_reset", false, "", "no gradient through the reset"});
  static constexpr auto only_with = std::array{OnlyWith{"leak", "g", "leaky_relu"}};

  template <class Real>
  struct State { Real s, r; };
  static constexpr auto state = fields(Field{&State<double>::s, "s", 0.0, "", "membrane potential"},
                                       Field{&State<double>::r, "r", 0.0, "", "what resets it"});
  template <class Real>
  struct Ports { Real soma, axon; };
  static constexpr auto ports = std::array{Port{"soma", ""}, Port{"axon", ""}};
  template <class Real>
  struct Trained { Real b, b_o, d; };
  static constexpr auto trained = std::array{Trainable{"b", ""}, Trainable{"b_o", ""}, Trainable{"d", "train_d"}};
  static constexpr bool binary = false;

  template <class Real>
  static Real tick(State<Real>& x, const Ports<Real>& in, const Trained<Real>& w, const Parameters& p) {
    const Real gate = 1 - (p.detach_reset ? detach(x.r) : x.r);
    x.s = nonlinear(in.soma + w.d * x.s * gate, p.g, p.leak);
    const Real h = logistic(x.s + w.b), y = h * logistic(in.axon + w.b_o);
    x.r = p.reset_by == ResetBy::soma ? h : y;
    return y;
  }
};
}  // namespace
VOLLEY_NEURON(SsnuO)
