// SPDX-License-Identifier: Apache-2.0
// Leaky integrate-and-fire neuron in ticks, as deep learning writes it (review: Neftci et al. 2019,
// doi:10.1109/MSP.2019.2931595; adaptive threshold: Bellec et al. 2018, arXiv:1803.09574).
//
//   i_t = d_syn i_(t-1) + z_t                z: what arrives in tick t; d_syn = 0: a synapse without memory
//   v_t = d v_(t-1) (1 - y_(t-1)) + i_t      reset to zero; by subtraction: d v_(t-1) - V_th y_(t-1) + i_t
//   a_t = rho a_(t-1) + y_(t-1)
//   y_t = 1 if v_t > V_th + beta a_t, else 0
//
// A time constant tau is d = exp(-tick / tau). Learning takes the surrogate for the step's derivative, and its gradient
// passes through the reset, unless it is detached. Threshold and decays are trained if asked for.
#include <volley/neuron.h>

namespace {
using namespace volley;

enum class Reset : std::uint8_t { zero, subtract, none };

struct LifTick {
  static constexpr auto name = "lif_tick";
  static constexpr Fidelity fidelity{Origin::published, Origin::ours, "the common unit of surrogate-gradient learning"};

  struct Parameters {
    double d, d_syn, V_th, rho, beta;
    Reset reset;
    double slope;
    Surrogate surrogate;
    bool train_d, train_threshold, detach_reset;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::d, "d", 0.9, "", "what is kept of v in a tick", fraction},
      Field{&Parameters::d_syn, "d_syn", 0.0, "", "what is kept of i in a tick", fraction},
      Field{&Parameters::V_th, "V_th", 1.0, "", "threshold at rest"},
      Field{&Parameters::rho, "rho", 0.9, "", "what is kept of a in a tick", fraction},
      Field{&Parameters::beta, "beta", 0.0, "", "how much a spike raises the threshold"},
      Field{&Parameters::reset, "reset", one_of("zero", "subtract", "none"), "", "what a spike does to v"},
      Field{&Parameters::slope, "slope", 1.0, "", "how fast the surrogate falls off", positive},
      Field{&Parameters::surrogate, "surrogate", one_of("tanh2", "fast_sigmoid", "atan", "triangle", "box"),
            "", "stands for the step's derivative"},
      Field{&Parameters::train_d, "train_d", false, "", "whether d and d_syn are trained"},
      Field{&Parameters::train_threshold, "train_threshold", false, "", "whether V_th is trained"},
      Field{&Parameters::detach_reset, "detach_reset", false, "", "no gradient through the reset"});

  template <class Real>
  struct State { Real i, v, a, y; };
  static constexpr auto state = fields(Field{&State<double>::i, "i", 0.0, "", "synaptic current"},
                                       Field{&State<double>::v, "v", 0.0, "", "membrane potential"},
                                       Field{&State<double>::a, "a", 0.0, "", "adaptation of the threshold"},
                                       Field{&State<double>::y, "y", 0.0, "", "output"});
  template <class Real>
  struct Ports { Real z; };
  static constexpr auto ports = std::array{Port{"z", ""}};
  template <class Real>
  struct Trained { Real d, d_syn, V_th; };
  static constexpr auto trained =
      std::array{Trainable{"d", "train_d"}, Trainable{"d_syn", "train_d"}, Trainable{"V_th", "train_threshold"}};
  static constexpr bool binary = true;

  template <class Real>
  static Real tick(State<Real>& x, const Ports<Real>& in, const Trained<Real>& w, const Parameters& p) {
    using P = Plain<Real>;
    const Real spike = p.detach_reset ? detach(x.y) : x.y;
    x.i = w.d_syn * x.i + in.z;
    x.v = w.d * x.v;
    if (p.reset == Reset::zero) x.v = x.v * (1 - spike);
    if (p.reset == Reset::subtract) x.v = x.v - w.V_th * spike;
    x.v = x.v + x.i;
    x.a = P(p.rho) * x.a + x.y;
    return x.y = step(x.v - w.V_th - P(p.beta) * x.a, p.surrogate, p.slope);
  }
};
}  // namespace
VOLLEY_NEURON(LifTick)
