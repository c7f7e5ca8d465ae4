// SPDX-License-Identifier: Apache-2.0
// Metrics of trials: what is counted lane by lane, and what is made of it.
#pragma once

#include <learning/trainer.h>
#include <network/description.h>
#include <network/results.h>

namespace volley::learning {

template <class Real>
class Scores {
 public:
  // `count` trials; `metrics`: only what these need is counted.
  Scores(const Network<Real>&, const Goal&, const std::vector<Metric>& metrics, std::size_t count);

  // Counts lane `lane` of a trial as trial number `at`; from several threads, each number once.
  void look(std::size_t at, const Trial<Real>&, std::size_t lane, const Target&);
  void add_loss(std::size_t at, double loss) { losses_[at] = loss; }

  std::vector<double> values(const std::vector<Metric>&) const;
  std::uint32_t classes() const { return static_cast<std::uint32_t>(network_.layers()[goal_.layer].size); }
  bool labelled() const { return goal_.answers; }
  std::vector<std::uint64_t> confusion() const;  // [label][answer]
  double ties() const;
  const std::vector<std::uint32_t>& labels() const { return labels_; }
  const std::vector<std::uint32_t>& answers() const { return answers_; }
  const std::vector<double>& losses() const { return losses_; }

 private:
  double value(Metric) const;

  const Network<Real>& network_;
  Goal goal_;
  bool likelihood_ = false, activity_ = false;
  std::vector<double> losses_, nll_, spikes_, synops_;
  std::vector<std::uint32_t> labels_, answers_;
  std::vector<std::uint64_t> steps_;
  std::vector<std::uint8_t> tied_;
};

extern template class Scores<float>;
extern template class Scores<double>;

}  // namespace volley::learning
