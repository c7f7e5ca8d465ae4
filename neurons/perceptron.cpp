// SPDX-License-Identifier: Apache-2.0
// Unit without memory, a layer's neuron that learning can train: that of ordinary neural networks (as in Dellaferrera
// et al. 2022, doi:10.1038/s41467-022-29491-2).
//
//   a_t = z_t + b        z: what arrives in tick t, through all projections
//   y_t = g(a_t)
//
// With trials of one tick a network of perceptrons is an ordinary feed-forward network. b is trained if there is one.
#include <volley/neuron.h>

namespace {
using namespace volley;

enum class Activation : std::uint8_t { relu, tanh, logistic, identity };

struct Perceptron {
  static constexpr auto name = "perceptron";
  static constexpr Fidelity fidelity{Origin::published, Origin::authors_code,
                                     "the textbook's unit; ReLU without bias is the paper's code"};

  struct Parameters {
    Activation g;
    double b;
    bool bias;
  };
  static constexpr auto parameters =
      fields(Field{&Parameters::g, "g", one_of("relu", "tanh", "logistic", "identity"), "", "nonlinearity"},
             Field{&Parameters::b, "b", 0.0, "", "bias"},
             Field{&Parameters::bias, "bias", false, "", "whether b is trained"});

  template <class Real>
  struct State { Real a; };
  static constexpr auto state = fields(Field{&State<double>::a, "a", 0.0, "", "what g is applied to"});
  template <class Real>
  struct Ports { Real z; };
  static constexpr auto ports = std::array{Port{"z", ""}};
  template <class Real>
  struct Trained { Real b; };
  static constexpr auto trained = std::array{Trainable{"b", "bias"}};
  static constexpr bool binary = false;

  template <class Real>
  static Real tick(State<Real>& x, const Ports<Real>& in, const Trained<Real>& w, const Parameters& p) {
    x.a = in.z + w.b;
    if (p.g == Activation::relu) return leaky(x.a, 0);
    if (p.g == Activation::tanh) return tanh(x.a);
    if (p.g == Activation::logistic) return logistic(x.a);
    return x.a;
  }
};
}  // namespace
VOLLEY_NEURON(Perceptron)
