// SPDX-License-Identifier: Apache-2.0
#include <learning/trainer.h>
#include <network/parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace volley::learning {
namespace {

constexpr std::size_t most_shares = 16, lanes_of_share = 8;

std::size_t share_count(std::size_t lanes) {
  return std::clamp<std::size_t>((lanes + lanes_of_share - 1) / lanes_of_share, 1, most_shares);
}

}  // namespace

template <class Real>
Trainer<Real>::Trainer(Network<Real> network, Goal goal)
    : network_(std::move(network)), theta_(network_.initial()), shares_(1) {
  aim(std::move(goal), network_.parts());
}

template <class Real>
void Trainer<Real>::aim(Goal goal, std::vector<Part> parts) {
  goal_ = std::move(goal);
  traces_.clear();
  if (goal_.credit.past == Credit::Past::traces) traces_ = plan_traces(network_, parts, goal_.credit.jacobian);
  feedback_.emplace(network_, goal_.credit, goal_.seed, goal_.layer,
                    Modulation<Real>(goal_.modulator, goal_.modulation, std::move(parts), goal_.layer));
}

template <class Real>
std::vector<double> Trainer<Real>::run(const Batch<Real>& batch, bool learn) {
  const std::size_t count = share_count(batch.lanes), outputs = network_.layers()[goal_.layer].size;
  if (shares_.size() < count) shares_.resize(count);
  std::vector<double> losses(batch.lanes);
  if (learn) feedback_->begin(network_, theta_.data());
  const auto& functions = goal_.loss->functions.of<Real>();
  const double of_lane = goal_.reduction.lanes == Reduce::mean ? 1.0 / static_cast<double>(batch.lanes) : 1.0;
  parallel_for(count, [&](std::size_t s) {
    const std::size_t first = s * batch.lanes / count, lanes = (s + 1) * batch.lanes / count - first;
    Trial<Real>& trial = shares_[s].trial;
    std::vector<std::size_t> lengths;
    for (std::size_t k = 0; k < lanes; ++k) lengths.push_back(batch.ticks(first + k));
    const std::size_t ticks = *std::max_element(lengths.begin(), lengths.end());
    network_.prepare(trial, ticks, lengths);
    set_masks(network_, batch, first, lanes, learn, trial);
    for (std::size_t layer = 0; layer < network_.layers().size(); ++layer) {
      const Layer& l = network_.layers()[layer];
      if (l.unit) continue;
      for (std::size_t k = 0; k < lanes; ++k)
        batch.inputs(layer, first + k)(trial.layers[layer].y.data() + k * l.size, lanes * l.size, lengths[k]);
    }
    network_.forward(theta_.data(), trial);
    auto& out = trial.layers[goal_.layer];
    for (std::size_t k = 0; k < lanes; ++k) {
      const std::size_t row = lanes * outputs;
      losses[first + k] =
          functions.loss(goal_.parameters->at(0), {out.y.data() + k * outputs, lengths[k], outputs, row},
                         batch.target(first + k), goal_.reduction, {out.dy.data() + k * outputs, row});
      if (batch.look) batch.look(first + k, trial, k);
    }
    if (!learn) return;
    if (of_lane != 1.0)
      for (Real& d : out.dy) d *= static_cast<Real>(of_lane);
    shares_[s].gradient.assign(network_.size(), Real(0));
    Real* gradient = shares_[s].gradient.data();
    if (const Direct<Real>* direct = feedback_->direct())
      network_.backward(theta_.data(), feedback_->weights(), *direct, trial, gradient);
    else network_.backward(theta_.data(), feedback_->weights(), trial, gradient);
  });
  if (learn) sum_gradients(count);
  return losses;
}

template <class Real>
std::vector<double> Trainer<Real>::run_in_windows(const Batch<Real>& batch) {
  const std::size_t count = share_count(batch.lanes);
  if (shares_.size() < count) shares_.resize(count);
  std::vector<double> losses(batch.lanes);
  feedback_->begin(network_, theta_.data());
  const auto first = [&](std::size_t share) { return share * batch.lanes / count; };
  parallel_for(count, [&](std::size_t s) {
    shares_[s].gradient.assign(network_.size(), Real(0));
    shares_[s].windows.begin(network_, goal_, traces_, theta_.data(), batch, first(s), first(s + 1) - first(s));
  });
  std::size_t ticks = 0;
  for (std::size_t s = 0; s < count; ++s) ticks = std::max(ticks, shares_[s].windows.ticks());
  for (std::size_t begin = 0, end; begin < ticks; begin = end) {
    end = std::min(goal_.end_of_window(begin), ticks);
    parallel_for(count, [&](std::size_t s) {
      shares_[s].windows.learn(network_, goal_, traces_, theta_.data(), *feedback_, end, losses.data() + first(s),
                               shares_[s].gradient.data());
    });
    if (goal_.update == 0 || end % goal_.update != 0 || end == ticks) continue;
    sum_gradients(count);
    batch.update();
    feedback_->now(network_, theta_.data());
    for (std::size_t s = 0; s < count; ++s) shares_[s].gradient.assign(network_.size(), Real(0));
  }
  if (batch.look)
    parallel_for(count, [&](std::size_t s) {
      for (std::size_t k = first(s); k < first(s + 1); ++k) batch.look(k, shares_[s].windows.outputs(), k - first(s));
    });
  sum_gradients(count);
  return losses;
}

template <class Real>
void Trainer<Real>::sum_gradients(std::size_t count) {
  parallel_ranges(network_.size(), 4096, [&](std::size_t begin, std::size_t end) {
    for (std::size_t stride = 1; stride < count; stride *= 2)
      for (std::size_t s = 0; s + stride < count; s += 2 * stride)
        for (std::size_t i = begin; i < end; ++i) shares_[s].gradient[i] += shares_[s + stride].gradient[i];
  });
  feedback_->finish(network_, shares_[0].gradient.data());
  network_.sum_tied(shares_[0].gradient.data());
}

template <class Real>
std::vector<double> Trainer<Real>::evaluate(const Batch<Real>& batch) { return run(batch, false); }

template <class Real>
std::vector<double> Trainer<Real>::learn(const Batch<Real>& batch) {
  return goal_.in_windows() ? run_in_windows(batch) : run(batch, true);
}

template <class Real>
double Trainer<Real>::reduce(const std::vector<double>& losses) const {
  const double sum = std::accumulate(losses.begin(), losses.end(), 0.0);
  return goal_.reduction.lanes == Reduce::mean ? sum / static_cast<double>(losses.size()) : sum;
}

template class Trainer<float>;
template class Trainer<double>;

template <class Real>
Optimiser<Real>::Optimiser(const OptimiserModel& model, std::shared_ptr<const ParameterSet> parameters,
                           std::vector<Part> parts, std::size_t size, std::optional<double> clip)
    : model_(model), parameters_(std::move(parameters)), now_(*model.type, 1), parts_(std::move(parts)), clip_(clip),
      moments_(model.moments * size) {
  scale_rate(1.0);
}

template <class Real>
void Optimiser<Real>::scale_rate(double factor) {
  model_.type->copy(now_.at(0), parameters_->at(0));
  model_.rate(now_.at(0)) *= factor;
}

template <class Real>
double Optimiser<Real>::step(const std::vector<Real>& gradient, std::vector<Real>& theta) {
  double square = 0.0;
  for (const Part& b : parts_)
    if (b.trains)
      for (std::size_t i = b.first; i < b.first + b.count; ++i)
        square += static_cast<double>(gradient[i]) * static_cast<double>(gradient[i]);
  const double norm = std::sqrt(square);
  if (!std::isfinite(norm)) return norm;
  const Real* g = gradient.data();
  if (clip_ && norm > *clip_) {
    scaled_ = gradient;
    for (Real& x : scaled_) x *= static_cast<Real>(*clip_ / norm);
    g = scaled_.data();
  }
  next_ = theta;
  ++steps_;
  for (const Part& b : parts_)
    if (b.trains)
      model_.update.of<Real>()(now_.at(0), steps_, b.count, g + b.first, theta.size(),
                               moments_.data() + b.first, next_.data() + b.first);
  for (const Real x : next_)
    if (!std::isfinite(x)) return std::numeric_limits<double>::quiet_NaN();
  theta.swap(next_);
  return norm;
}

template class Optimiser<float>;
template class Optimiser<double>;

}  // namespace volley::learning
