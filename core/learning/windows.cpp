// SPDX-License-Identifier: Apache-2.0
#include <learning/windows.h>

#include <algorithm>

namespace volley::learning {

template <class Real>
void Windows<Real>::begin(const Network<Real>& net, const Goal& goal, const std::vector<TraceLayer>& plan,
                          const Real* theta, const Batch<Real>& batch, std::size_t first, std::size_t lanes) {
  lengths_.clear();
  targets_.clear();
  for (std::size_t k = 0; k < lanes; ++k) {
    lengths_.push_back(batch.ticks(first + k));
    targets_.push_back(batch.target(first + k));
  }
  ticks_ = *std::max_element(lengths_.begin(), lengths_.end());
  of_lane_ = goal.reduction.lanes == Reduce::mean ? static_cast<Real>(1.0 / static_cast<double>(batch.lanes)) : Real(1);
  keep_ = batch.look || !goal.loss->by_tick;
  if (keep_) {
    outputs_.ticks = ticks_;
    outputs_.lengths = lengths_;
    outputs_.layers.resize(net.layers().size());
    outputs_.layers[goal.layer].y.assign(ticks_ * lanes * net.layers()[goal.layer].size, Real(0));
  }
  open_ = false;
  set_masks(net, batch, first, lanes, true, trial_);
  whole_.clear();
  if (!goal.loss->by_tick) {
    present(net, batch, first);
    find_whole_loss(net, goal, theta);
  }
  present(net, batch, first);
  traces_.begin(net, plan, lanes);
}

template <class Real>
void Windows<Real>::present(const Network<Real>& net, const Batch<Real>& batch, std::size_t first) {
  inputs_.assign(net.layers().size(), {});
  for (std::size_t l = 0; l < inputs_.size(); ++l)
    for (std::size_t k = 0; k < lengths_.size() && !net.layers()[l].unit; ++k)
      inputs_[l].push_back(batch.inputs(l, first + k));
}

template <class Real>
void Windows<Real>::open(const Network<Real>& net, const Goal& goal, std::size_t end) {
  if (open_) net.advance(trial_, end - trial_.first - trial_.ticks, goal.credit.carry);
  else net.prepare(trial_, end, lengths_, net.longest_delay());
  open_ = true;
  for (std::size_t l = 0; l < inputs_.size(); ++l) {
    const std::size_t n = net.layers()[l].size, row = lengths_.size() * n;
    for (std::size_t k = 0; k < inputs_[l].size(); ++k) {
      const std::size_t stop = std::min(lengths_[k], trial_.first + trial_.ticks);
      if (stop > trial_.first)
        inputs_[l][k](trial_.layers[l].y.data() + trial_.past * row + k * n, row, stop - trial_.first);
    }
  }
}

template <class Real>
void Windows<Real>::keep_outputs(const Goal& goal) {
  const std::vector<Real>& y = trial_.layers[goal.layer].y;
  const std::size_t row = y.size() / (trial_.past + trial_.ticks);
  std::copy_n(y.begin() + static_cast<std::ptrdiff_t>(trial_.past * row), trial_.ticks * row,
              outputs_.layers[goal.layer].y.begin() + static_cast<std::ptrdiff_t>(trial_.first * row));
}

// A loss that looks at whole trials: they run once before, so that its derivatives are known.
template <class Real>
void Windows<Real>::find_whole_loss(const Network<Real>& net, const Goal& goal, const Real* theta) {
  for (std::size_t begin = 0; begin < ticks_; begin = trial_.first + trial_.ticks) {
    open(net, goal, std::min(goal.end_of_window(begin), ticks_));
    net.forward(theta, trial_);
    keep_outputs(goal);
  }
  open_ = false;
  const std::vector<Real>& y = outputs_.layers[goal.layer].y;
  const std::size_t size = net.layers()[goal.layer].size, row = lengths_.size() * size;
  slopes_.assign(y.size(), Real(0));
  for (std::size_t k = 0; k < lengths_.size(); ++k)
    whole_.push_back(goal.loss->functions.of<Real>().loss(goal.parameters->at(0),
                                                                   {y.data() + k * size, lengths_[k], size, row},
                                                                   targets_[k], goal.reduction,
                                                                   {slopes_.data() + k * size, row}));
}

// Of a loss that is a sum over ticks, of those in the window; sets dy.
template <class Real>
double Windows<Real>::loss_of_window(const Goal& goal, std::size_t lane) {
  const std::size_t length = lengths_[lane], end = std::min(length, trial_.first + trial_.ticks);
  std::size_t begin = trial_.first;
  if (goal.reduction.ticks == Reduce::last) {
    if (end != length || length <= begin) return 0.0;
    begin = length - 1;
  }
  if (end <= begin) return 0.0;
  auto& out = trial_.layers[goal.layer];
  const std::size_t lanes = lengths_.size(), row = out.dy.size() / trial_.ticks, size = row / lanes;
  Target target = targets_[lane];
  if (target.values) target.values += begin * size;
  if (target.labels) target.labels += begin;
  Reduction reduction = goal.reduction;
  reduction.ticks = Reduce::sum;
  Real* dy = out.dy.data() + (begin - trial_.first) * row + lane * size;
  const double loss = goal.loss->functions.of<Real>().loss(
      goal.parameters->at(0),
      {out.y.data() + (trial_.past + begin - trial_.first) * row + lane * size, end - begin, size, row}, target,
      reduction, {dy, row});
  const double of_tick = goal.reduction.of_tick(length);
  for (std::size_t t = 0; t < end - begin; ++t)
    for (std::size_t j = 0; j < size; ++j) dy[t * row + j] *= static_cast<Real>(of_tick);
  return loss * of_tick;
}

template <class Real>
void Windows<Real>::learn(const Network<Real>& net, const Goal& goal, const std::vector<TraceLayer>& plan,
                          const Real* theta, const Feedback<Real>& feedback, std::size_t end, double* losses,
                          Real* gradient) {
  end = std::min(end, ticks_);
  if (open_ && trial_.first + trial_.ticks >= end) return;  // all its lanes have ended
  open(net, goal, end);
  net.forward(theta, trial_);
  if (keep_) keep_outputs(goal);
  std::vector<Real>& dy = trial_.layers[goal.layer].dy;
  if (goal.loss->by_tick) {
    for (std::size_t k = 0; k < lengths_.size(); ++k) losses[k] += loss_of_window(goal, k);
  } else {
    const std::size_t row = dy.size() / trial_.ticks;
    std::copy_n(slopes_.begin() + static_cast<std::ptrdiff_t>(trial_.first * row), dy.size(), dy.begin());
    for (std::size_t k = 0; k < whole_.size(); ++k) losses[k] = whole_[k];
  }
  for (Real& d : dy) d *= of_lane_;
  if (goal.credit.past == Credit::Past::traces)
    traces_.learn(net, plan, theta, feedback.weights(), feedback.direct(), trial_, gradient);
  else if (feedback.direct()) net.backward(theta, feedback.weights(), *feedback.direct(), trial_, gradient);
  else net.backward(theta, feedback.weights(), trial_, gradient);
}

template class Windows<float>;
template class Windows<double>;

}  // namespace volley::learning
