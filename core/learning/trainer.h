// SPDX-License-Identifier: Apache-2.0
// Runs batches of trials through a network: outputs, losses and gradients, and the steps of an optimiser.
//
// The lanes of a batch are dealt out in shares, whose number depends on the number of lanes alone; each share has a
// gradient of its own, and these are summed in a fixed tree. So no result depends on the number of threads.
#pragma once

#include <volley/loss.h>
#include <volley/optimiser.h>

#include <learning/feedback.h>
#include <learning/windows.h>

#include <functional>
#include <optional>

namespace volley::learning {

template <class Real>
class Trainer {
 public:
  Trainer(Network<Real>, Goal);
  // parts: all of theta, with those that learn.
  void aim(Goal, std::vector<Part> parts);

  const Network<Real>& network() const { return network_; }
  std::vector<Real>& theta() { return theta_; }
  const std::vector<Real>& gradient() const { return shares_[0].gradient; }

  // The loss of each lane, not yet reduced over lanes.
  std::vector<double> evaluate(const Batch<Real>&);
  // The same, and the gradient of the batch's loss, as the rule finds it. Where weights change within the batch, it
  // calls the batch's `update` for all changes but the last.
  std::vector<double> learn(const Batch<Real>&);
  double reduce(const std::vector<double>& losses) const;

 private:
  struct Share {
    Trial<Real> trial;
    Windows<Real> windows;
    std::vector<Real> gradient;
  };
  std::vector<double> run(const Batch<Real>&, bool learn);
  std::vector<double> run_in_windows(const Batch<Real>&);
  void sum_gradients(std::size_t shares);

  Network<Real> network_;
  Goal goal_;
  std::vector<Real> theta_;
  std::vector<Share> shares_;
  std::optional<Feedback<Real>> feedback_;
  std::vector<TraceLayer> traces_;
};

extern template class Trainer<float>;
extern template class Trainer<double>;

// An optimiser's state over all of theta. Numbers that are not trained stay as they are.
template <class Real>
class Optimiser {
 public:
  Optimiser(const OptimiserModel&, std::shared_ptr<const ParameterSet>, std::vector<Part> parts, std::size_t size,
            std::optional<double> clip);
  // One step; the gradient is first scaled to a norm of `clip` where it is larger. Returns its norm before that.
  // Leaves theta alone and returns a norm that is not finite where the gradient or the new theta is not finite.
  double step(const std::vector<Real>& gradient, std::vector<Real>& theta);
  // From now on with the rate of the parameters times `factor`.
  void scale_rate(double factor);

  std::uint64_t steps() const { return steps_; }
  const std::vector<Real>& moments() const { return moments_; }  // [moment][number]
  // Goes on as one that has made `steps` and has these moments.
  void resume(std::uint64_t steps, std::vector<Real> moments) { steps_ = steps, moments_ = std::move(moments); }

 private:
  const OptimiserModel& model_;
  std::shared_ptr<const ParameterSet> parameters_;
  ParameterSet now_;  // the same, but for the rate
  std::vector<Part> parts_;
  std::optional<double> clip_;
  std::uint64_t steps_ = 0;
  std::vector<Real> moments_, scaled_, next_;
};

extern template class Optimiser<float>;
extern template class Optimiser<double>;

}  // namespace volley::learning
