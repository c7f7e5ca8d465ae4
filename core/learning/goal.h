// SPDX-License-Identifier: Apache-2.0
// What a network shall learn, how, and from which trials.
#pragma once

#include <volley/learning_rule.h>
#include <volley/loss.h>
#include <volley/modulator.h>

#include <learning/network.h>

#include <functional>
#include <memory>

namespace volley::learning {

// Where the loss is, and how learning follows from it.
struct Goal {
  std::size_t layer = 0;
  const LossModel* loss = nullptr;
  std::shared_ptr<const ParameterSet> parameters;
  Reduction reduction{};
  const ModulatorModel* modulator = nullptr;  // null: none
  std::shared_ptr<const ParameterSet> modulation;
  Credit credit{};
  std::size_t window = 0;  // ticks of a truncated one; 0: the whole trial
  std::size_t update = 0;  // ticks between changes of the weights; 0: once a batch
  std::uint64_t seed = 0;  // of random feedback
  bool answers = false;    // the network gives one answer to a trial, which has a label

  // Trials are held window by window, and not as a whole.
  bool in_windows() const { return credit.past == Credit::Past::traces || window > 0; }
  static constexpr std::size_t window_of_traces = 32;
  // Of the window that begins in tick `begin`.
  std::size_t end_of_window(std::size_t begin) const {
    const std::size_t end = begin + (window > 0 ? window : window_of_traces);
    return update > 0 ? std::min(end, (begin / update + 1) * update) : end;
  }
};

// Trials to run side by side. Called from several threads, for one lane at a time.
template <class Real>
struct Batch {
  std::size_t lanes = 0;
  std::function<std::size_t(std::size_t lane)> ticks;
  // What an input layer gives, tick after tick: each call writes the next `ticks` rows of the layer's size, `row`
  // apart, over zeros. So no trial's inputs need to be held as a whole.
  using Inputs = std::function<void(Real* first, std::size_t row, std::size_t ticks)>;
  std::function<Inputs(std::size_t layer, std::size_t lane)> inputs;
  std::function<Target(std::size_t lane)> target;
  // What the outputs of a layer with dropout are multiplied with while it learns: 0, or what makes up for those.
  std::function<void(std::size_t layer, std::size_t lane, Real* mask)> mask;
  // Looks at a lane after its forward pass; may be empty. Of trials in windows it sees the loss's layer only.
  std::function<void(std::size_t lane, const Trial<Real>&, std::size_t lane_of_trial)> look;
  // Changes the weights within a batch, by the gradient so far.
  std::function<void()> update;
};

// Sets the masks of a trial of lanes first .. first + lanes - 1 of a batch that is learnt from, or takes them away.
template <class Real>
void set_masks(const Network<Real>& net, const Batch<Real>& batch, std::size_t first, std::size_t lanes, bool learn,
               Trial<Real>& trial) {
  trial.layers.resize(net.layers().size());
  for (std::size_t l = 0; l < net.layers().size(); ++l) {
    const std::size_t n = net.layers()[l].size;
    std::vector<Real>& mask = trial.layers[l].mask;
    mask.resize(learn && net.layers()[l].dropout > 0.0 ? lanes * n : 0);
    for (std::size_t k = 0; k < lanes && !mask.empty(); ++k) batch.mask(l, first + k, mask.data() + k * n);
  }
}

}  // namespace volley::learning
