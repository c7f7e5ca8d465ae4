// SPDX-License-Identifier: Apache-2.0
// Soft spiking neural unit with axo-somatic synapses (as in Bohnstingl et al. 2021, doi:10.48550/arXiv.2110.02743):
// an `ssnu` whose threshold other neurons move, through a port of its own and a slow trace.
//
//   s_t = g(soma_t + d s_(t-1) (1 - y_(t-1)))       soma, threshold: what arrives through each port in tick t
//   a_t = rho a_(t-1) + (1 - rho) threshold_t
//   y_t = 1 / (1 + exp(-(s_t + beta a_t + b)))
//
// b is trained, d if asked for. beta = 0 is the `ssnu`.
#include <volley/neuron.h>

namespace {
using namespace volley;

struct SsnuA {
  static constexpr auto name = "ssnu_a";
  static constexpr Fidelity fidelity{Origin::from_memory, Origin::ours,
                                     "equations from memory of the paper; rho and beta are ours"};

  struct Parameters {
    double d, b, rho, beta;
    Nonlinearity g;
    double leak;
    bool train_d, detach_reset;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::d, "d", 0.9, "", "what is kept of s in a tick", fraction},
      Field{&Parameters::b, "b", -1.0, "", "bias of the output at rest; trained"},
      Field{&Parameters::rho, "rho", 0.9, "", "what is kept of a in a tick", fraction},
      Field{&Parameters::beta, "beta", 0.1, "", "how much a moves the threshold"},
      Field{&Parameters::g, "g", one_of("identity", "relu", "leaky_relu"), "", "nonlinearity of the state"},
      Field{&Parameters::leak, "leak", 0.1, "", "slope of leaky_relu below 0", fraction},
      Field{&Parameters::train_d, "train_d", false, "", "whether d is trained too"},
      Field{&Parameters::detach_reset, "detach_reset", false, "", "no gradient through the reset"});
  static constexpr auto only_with = std::array{OnlyWith{"leak", "g", "leaky_relu"}};

  template <class Real>
  struct State { Real s, a, y; };
  static constexpr auto state = fields(Field{&State<double>::s, "s", 0.0, "", "membrane potential"},
                                       Field{&State<double>::a, "a", 0.0, "", "trace that moves the threshold"},
                                       Field{&State<double>::y, "y", 0.0, "", "output"});
  template <class Real>
  struct Ports { Real soma, threshold; };
  static constexpr auto ports = std::array{Port{"soma", ""}, Port{"threshold", ""}};
  template <class Real>
  struct Trained { Real b, d; };
  static constexpr auto trained = std::array{Trainable{"b", ""}, Trainable{"d", "train_d"}};
  static constexpr bool binary = false;

  template <class Real>
  static Real tick(State<Real>& x, const Ports<Real>& in, const Trained<Real>& w, const Parameters& p) {
    using P = Plain<Real>;
    const Real gate = 1 - (p.detach_reset ? detach(x.y) : x.y);
    x.s = nonlinear(in.soma + w.d * x.s * gate, p.g, p.leak);
    x.a = P(p.rho) * x.a + P(1 - p.rho) * in.threshold;
    return x.y = logistic(x.s + P(p.beta) * x.a + w.b);
  }
};
}  // namespace
VOLLEY_NEURON(SsnuA)
