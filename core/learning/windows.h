// SPDX-License-Identifier: Apache-2.0
// Learns from trials window by window: by traces, or by backpropagation that ends at a window's start. Of a trial as a
// whole nothing is held but the outputs of the loss's layer, if the loss or somebody else looks at all of them.
#pragma once

#include <learning/feedback.h>
#include <learning/goal.h>
#include <learning/traces.h>

namespace volley::learning {

template <class Real>
class Windows {
 public:
  // Lanes first .. first + lanes - 1 of a batch.
  void begin(const Network<Real>&, const Goal&, const std::vector<TraceLayer>&, const Real* theta, const Batch<Real>&,
             std::size_t first, std::size_t lanes);
  std::size_t ticks() const { return ticks_; }
  // Goes on to tick `end`; adds to the lanes' losses and to the gradient.
  void learn(const Network<Real>&, const Goal&, const std::vector<TraceLayer>&, const Real* theta,
             const Feedback<Real>&, std::size_t end, double* losses, Real* gradient);
  const Trial<Real>& outputs() const { return outputs_; }

 private:
  void open(const Network<Real>&, const Goal&, std::size_t end);  // the next window, its inputs
  void keep_outputs(const Goal&);
  void present(const Network<Real>&, const Batch<Real>&, std::size_t first);  // inputs, from the start
  void find_whole_loss(const Network<Real>&, const Goal&, const Real* theta);
  double loss_of_window(const Goal&, std::size_t lane);

  Trial<Real> trial_, outputs_;
  Traces<Real> traces_;
  std::vector<std::vector<typename Batch<Real>::Inputs>> inputs_;  // by layer, [lane]
  std::vector<Target> targets_;  // by lane
  std::vector<std::size_t> lengths_;
  std::vector<double> whole_;    // by lane: the loss of the trial, where it is no sum over ticks
  std::vector<Real> slopes_;     // and its derivatives, [tick][lane][output]
  std::size_t ticks_ = 0;
  bool open_ = false, keep_ = false;
  Real of_lane_ = 1;
};

extern template class Windows<float>;
extern template class Windows<double>;

}  // namespace volley::learning
