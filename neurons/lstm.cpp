// SPDX-License-Identifier: Apache-2.0
// Long short-term memory (Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735; forget gate: Gers et al. 2000,
// doi:10.1162/089976600300015015), a baseline of the papers on spiking neural units.
//
//   i, f, o = 1 / (1 + exp(-(port_t + b)))  for the ports input, forget and output;   u = tanh(cell_t + b_u)
//   c_t = f c_(t-1) + i u,   y_t = o tanh(c_t)
//
// A layer has a projection from its input, and one from itself after 1 tick, to each of the four ports. The biases are
// trained.
#include <volley/neuron.h>

namespace {
using namespace volley;

struct Lstm {
  static constexpr auto name = "lstm";
  static constexpr Fidelity fidelity{Origin::published, Origin::ours,
                                     "the textbook's unit; the forget gate starts open"};

  struct Parameters {
    double b_i, b_f, b_o, b_u;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::b_i, "b_i", 0.0, "", "bias of the input gate; trained"},
      Field{&Parameters::b_f, "b_f", 1.0, "", "bias of the forget gate; trained"},
      Field{&Parameters::b_o, "b_o", 0.0, "", "bias of the output gate; trained"},
      Field{&Parameters::b_u, "b_u", 0.0, "", "bias of the cell's input; trained"});

  template <class Real>
  struct State { Real c; };
  static constexpr auto state = fields(Field{&State<double>::c, "c", 0.0, "", "what the cell holds"});
  template <class Real>
  struct Ports { Real input, forget, output, cell; };
  static constexpr auto ports = std::array{Port{"input", ""}, Port{"forget", ""}, Port{"output", ""}, Port{"cell", ""}};
  template <class Real>
  struct Trained { Real b_i, b_f, b_o, b_u; };
  static constexpr auto trained =
      std::array{Trainable{"b_i", ""}, Trainable{"b_f", ""}, Trainable{"b_o", ""}, Trainable{"b_u", ""}};
  static constexpr bool binary = false;

  template <class Real>
  static Real tick(State<Real>& x, const Ports<Real>& in, const Trained<Real>& w, const Parameters&) {
    x.c = logistic(in.forget + w.b_f) * x.c + logistic(in.input + w.b_i) * tanh(in.cell + w.b_u);
    return logistic(in.output + w.b_o) * tanh(x.c);
  }
};
}  // namespace
VOLLEY_NEURON(Lstm)
