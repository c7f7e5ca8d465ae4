// SPDX-License-Identifier: Apache-2.0
#include <learning/scores.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace volley::learning {
namespace {

double sum(const std::vector<double>& v) { return std::accumulate(v.begin(), v.end(), 0.0); }
double mean(const std::vector<double>& v) { return sum(v) / static_cast<double>(v.size()); }

// The units that all ones of y together reach, each of them in as many patches as cover it.
template <class Real>
double reached(const MapKind& kind, const Real* y) {
  const Patches& p = *kind.patches;
  std::size_t count = 0;
  for (std::size_t i = 0; i < p.from.size(); ++i)
    if (y[i] == Real(1)) count += p.over(i % p.from.pixels() / p.from.width, i % p.from.width);
  return static_cast<double>(count * (kind.pool() ? 1 : p.channels));
}

}  // namespace

template <class Real>
Scores<Real>::Scores(const Network<Real>& network, const Goal& goal, const std::vector<Metric>& metrics,
                     std::size_t count)
    : network_(network), goal_(goal), losses_(count), steps_(count) {
  for (const Metric m : metrics) {
    likelihood_ |= m == Metric::nll_per_step || m == Metric::nll_per_sequence || m == Metric::perplexity;
    activity_ |= m == Metric::spikes_per_sample || m == Metric::synops_per_sample;
  }
  if (labelled()) labels_.resize(count), answers_.resize(count), tied_.resize(count);
  if (likelihood_) nll_.resize(count);
  if (activity_) spikes_.resize(count), synops_.resize(count);
}

template <class Real>
void Scores<Real>::look(std::size_t at, const Trial<Real>& trial, std::size_t lane, const Target& target) {
  const std::size_t size = network_.layers()[goal_.layer].size, lanes = trial.lanes(), row = lanes * size;
  const Outputs<Real> y{trial.layers[goal_.layer].y.data() + lane * size, trial.lengths[lane], size, row};
  const auto& functions = goal_.loss->functions.of<Real>();
  steps_[at] = y.ticks;
  if (labelled()) {
    std::vector<double> score(size);
    functions.scores(y, goal_.reduction, score.data());
    const auto top = std::max_element(score.begin(), score.end());  // ties to the lowest index
    labels_[at] = static_cast<std::uint32_t>(target.label);
    answers_[at] = static_cast<std::uint32_t>(top - score.begin());
    tied_[at] = std::count(score.begin(), score.end(), *top) > 1;
  }
  if (likelihood_) {
    std::vector<Real> gradient(y.ticks * size);
    nll_[at] = functions.loss(goal_.parameters->at(0), y, target, {Reduce::sum, Reduce::sum, Reduce::sum},
                              {gradient.data(), size});
  }
  if (!activity_) return;
  std::vector<std::vector<double>> ones(network_.layers().size());  // of a binary layer, by tick
  for (std::size_t k = 0; k < ones.size(); ++k) {
    const Layer& l = network_.layers()[k];
    if (!(l.unit ? l.unit->binary : l.binary)) continue;
    for (std::size_t t = 0; t < y.ticks; ++t) {
      const Real* first = trial.layers[k].y.data() + (t * lanes + lane) * l.size;
      ones[k].push_back(static_cast<double>(std::count(first, first + l.size, Real(1))));
    }
    if (l.unit) spikes_[at] += sum(ones[k]);
  }
  for (const Dense& p : network_.projections())
    for (std::size_t t = 0; t + p.delay < ones[p.from].size(); ++t) {
      const Real* sent = trial.layers[p.from].y.data() + (t * lanes + lane) * network_.layers()[p.from].size;
      synops_[at] += p.kind.patches ? reached(p.kind, sent)
                                    : ones[p.from][t] * static_cast<double>(network_.layers()[p.to].size);
    }
}

template <class Real>
double Scores<Real>::value(Metric m) const {
  const double steps = static_cast<double>(std::accumulate(steps_.begin(), steps_.end(), std::uint64_t{0}));
  switch (m) {
    case Metric::loss: return mean(losses_);
    case Metric::accuracy: {
      std::size_t right = 0;
      for (std::size_t k = 0; k < labels_.size(); ++k) right += labels_[k] == answers_[k];
      return static_cast<double>(right) / static_cast<double>(labels_.size());
    }
    case Metric::nll_per_step: return sum(nll_) / steps;
    case Metric::nll_per_sequence: return mean(nll_);
    case Metric::perplexity: return std::exp(sum(nll_) / steps);
    case Metric::confusion: return std::numeric_limits<double>::quiet_NaN();
    case Metric::spikes_per_sample: return mean(spikes_);
    case Metric::synops_per_sample: break;
  }
  return mean(synops_);
}

template <class Real>
std::vector<double> Scores<Real>::values(const std::vector<Metric>& metrics) const {
  std::vector<double> out;
  for (const Metric m : metrics) out.push_back(value(m));
  return out;
}

template <class Real>
std::vector<std::uint64_t> Scores<Real>::confusion() const {
  std::vector<std::uint64_t> table(std::size_t{classes()} * classes());
  for (std::size_t k = 0; k < labels_.size(); ++k) ++table[labels_[k] * classes() + answers_[k]];
  return table;
}

template <class Real>
double Scores<Real>::ties() const {
  return tied_.empty() ? 0.0
                       : static_cast<double>(std::accumulate(tied_.begin(), tied_.end(), std::size_t{0})) /
                             static_cast<double>(tied_.size());
}

template class Scores<float>;
template class Scores<double>;

}  // namespace volley::learning
