// SPDX-License-Identifier: Apache-2.0
// A network of trainable layers in ticks, and backpropagation through time, of whole trials or of windows of ticks. It
// knows no experiment and no file.
//
// Arrays are [tick][lane][variable][neuron]: a lane's neurons are contiguous, so that one active input is the addition
// of one row of weights, and a layer of one lane is vector code too. All numbers that learning may change are one
// vector, `theta`; a gradient is another. Weights are [source][target], of a convolution [channel out][channel in][row]
// [column].
#pragma once

#include <volley/neuron.h>

#include <learning/linear_map.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace volley::learning {

struct Layer {
  std::string name;
  std::size_t size = 0;
  const UnitModel* unit = nullptr;  // null: an input, whose y is given
  bool binary = false;              // of an input: y is 0 or 1. Chosen by the declared type, never by measurement
  std::shared_ptr<const ParameterSet> parameters;
  std::vector<std::vector<double>> trained;  // initial values, [variable][neuron]
  std::vector<bool> trains;                  // by variable
  double dropout = 0.0;                      // the share of its outputs that are 0 in a trial that it learns from
};

struct Dense {
  std::string name;
  std::size_t from = 0, to = 0;  // layers
  std::size_t delay = 0;         // ticks
  std::size_t port = 0;
  bool trains = true;
  std::vector<double> weights;   // initial, [source][target]
  std::optional<std::size_t> tied = {};  // the projection whose weights it has, if not its own
  bool transposed = false;               // it has them transposed
  MapKind kind = {};                     // a matrix, if nothing else
};

// A part of theta.
struct Part {
  std::size_t first = 0, count = 0;
  bool trains = true;
};

// Lanes that run together, each for its own number of ticks: after its end a lane's state is frozen, its output is 0
// and nothing of it enters a gradient.
//
// A trial may be held window by window: `ticks` of it from tick `first` on, and `past` ticks of y before them, which
// delays need.
template <class Real>
struct Trial {
  std::size_t ticks = 0, first = 0, past = 0;
  std::vector<std::size_t> lengths;  // by lane, of the whole trial
  struct Activity {
    std::vector<Real> y;             // [past and tick][lane][neuron]; of inputs: given
    std::vector<Real> state;         // [tick, the start included][lane][variable][neuron]
    std::vector<Real> in;            // [tick][lane][port][neuron]
    std::vector<Real> dy, din;       // dL/dy, given where the loss is; dL/d in
    std::vector<Real> mask;          // [lane][neuron] what y is multiplied with before anybody sees it; empty: 1
  };
  std::vector<Activity> layers;
  Scratch<Real> scratch;
  std::vector<Real> dstate;          // scratch

  std::size_t lanes() const { return lengths.size(); }
};

// What brings the error of a layer, dL/d of its inputs, directly to others: a matrix [its input][unit] for each layer;
// empty: nothing.
template <class Real>
struct Direct {
  std::size_t from = 0;
  std::vector<std::vector<Real>> matrices;
};

template <class Real>
class Network {
 public:
  // Throws InputError for a loop of zero delays.
  Network(std::vector<Layer>, std::vector<Dense>);

  const std::vector<Layer>& layers() const { return layers_; }
  const std::vector<Dense>& projections() const { return projections_; }
  const Part& weights(std::size_t projection) const { return weights_[projection]; }
  const Part& trained(std::size_t layer, std::size_t variable) const { return trained_[layer][variable]; }
  std::vector<Part> parts() const;
  std::size_t size() const { return size_; }
  // Where a layer's trained variables begin in theta.
  std::size_t first_trained(std::size_t layer) const { return trained_[layer].empty() ? 0 : trained_[layer][0].first; }
  std::size_t longest_delay() const;
  // By layer: whether the output of `layer` depends on it, now or later.
  std::vector<bool> seen_by(std::size_t layer) const;

  std::vector<Real> initial() const;
  // Numbers that learn, shared ones once.
  std::size_t numbers_that_train() const;
  // Gives projections that share weights those of theta's own; and adds their part of a gradient to that of those.
  void tie(Real* theta) const;
  void sum_tied(Real* gradient) const;

  // Bytes of one lane of a trial, or of a window, as prepare() makes it.
  std::size_t trial_bytes(std::size_t ticks, std::size_t past = 0) const;
  // Arrays of a trial's size, or of its first window; the first state, y of inputs and dy all 0.
  void prepare(Trial<Real>&, std::size_t ticks, std::vector<std::size_t> lengths, std::size_t past = 0) const;
  // Goes on to the next window: it begins with the state at the end of this one if `carry`, else with 0.
  void advance(Trial<Real>&, std::size_t ticks, bool carry = true) const;
  void forward(const Real* theta, Trial<Real>&) const;

  // The weights as the backward pass reads them, [projection], of a matrix [target][source]; made once for all trials
  // of a batch.
  // Through an empty one nothing goes back.
  using Transposed = std::vector<std::vector<Real>>;
  void transpose(const Real* theta, Transposed&) const;
  void transpose(const Real* theta, std::size_t projection, std::vector<Real>&) const;
  // Adds to `gradient`, from the dy of the trial after forward(); dy of hidden layers is completed.
  void backward(const Real* theta, const Transposed&, Trial<Real>&, Real* gradient) const;
  // The same where errors go directly from one layer to all others: each goes through time by itself.
  void backward(const Real* theta, const Transposed&, const Direct<Real>&, Trial<Real>&, Real* gradient) const;
  // Completes dy of hidden layers by what goes back within each tick, and adds to `gradient` what single ticks give,
  // the whole of it for a layer that remembers nothing. direct: null: from layer to layer.
  void backward_in_tick(const Real* theta, const Transposed&, const Direct<Real>*, Trial<Real>&,
                        Real* gradient) const;

 private:
  using Activity = typename Trial<Real>::Activity;
  struct Component {
    std::vector<std::size_t> layers;  // in the order of their zero-delay projections
    std::vector<std::size_t> inner, outer;  // projections into it, from inside and from outside
  };
  bool binary(std::size_t layer) const {
    const Layer& l = layers_[layer];
    return l.unit ? l.unit->binary && l.dropout == 0.0 : l.binary;
  }
  std::size_t ports(std::size_t layer) const { return layers_[layer].unit->ports; }
  void find_components();
  void transmit(const Real* theta, std::size_t projection, Trial<Real>&, std::size_t first, std::size_t ticks) const;
  void transmit_back(const Transposed&, std::size_t projection, Trial<Real>&, std::size_t first,
                     std::size_t ticks) const;
  void weight_gradient(std::size_t projection, Trial<Real>&, Real* gradient) const;
  // What a projection meets in a trial whose target is at tick `begin`: outputs of its source, inputs of its target.
  LaneRows<Real> outputs(const Dense&, Trial<Real>&, std::size_t begin, std::size_t ticks) const;
  LaneRows<Real> inputs(const Dense&, Trial<Real>&, std::vector<Real> Activity::*, std::size_t begin,
                    std::size_t ticks) const;
  void step(const Real* theta, std::size_t layer, Trial<Real>&, std::size_t tick) const;
  void send_directly(const Direct<Real>&, Trial<Real>&) const;
  void step_back(const Real* theta, std::size_t layer, Trial<Real>&, std::size_t tick, Real* dstate,
                 Real* gradient) const;

  std::vector<Layer> layers_;
  std::vector<Dense> projections_;
  std::vector<std::shared_ptr<const LinearMap<Real>>> maps_;  // of projections
  std::vector<Part> weights_;
  std::vector<std::vector<Part>> trained_;
  std::size_t size_ = 0;
  std::vector<Component> components_;
};

extern template class Network<float>;
extern template class Network<double>;

}  // namespace volley::learning
