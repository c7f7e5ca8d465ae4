// SPDX-License-Identifier: Apache-2.0
// Projections that share weights. A tied one has a copy in theta, so that every pass reads its weights as any other's;
// its gradient is added to that of the weights that it shares, and is then 0.
#include <learning/network.h>

namespace volley::learning {
namespace {

// Calls f(index of a weight of the tied projection, index of the weight that it shares).
template <class Function>
void for_each_shared(std::size_t rows, std::size_t columns, bool transposed, const Function& f) {
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j) f(i * columns + j, transposed ? j * rows + i : i * columns + j);
}

}  // namespace

template <class Real>
void Network<Real>::tie(Real* theta) const {
  for (std::size_t k = 0; k < projections_.size(); ++k) {
    const Dense& p = projections_[k];
    if (!p.tied) continue;
    Real* own = theta + weights_[k].first;
    const Real* shared = theta + weights_[*p.tied].first;
    const std::size_t rows = p.transposed ? layers_[p.from].size : 1;
    for_each_shared(rows, weights_[k].count / rows, p.transposed,
                    [&](std::size_t at, std::size_t of) { own[at] = shared[of]; });
  }
}

template <class Real>
void Network<Real>::sum_tied(Real* gradient) const {
  for (std::size_t k = 0; k < projections_.size(); ++k) {
    const Dense& p = projections_[k];
    if (!p.tied) continue;
    Real* own = gradient + weights_[k].first;
    Real* shared = gradient + weights_[*p.tied].first;
    const std::size_t rows = p.transposed ? layers_[p.from].size : 1;
    for_each_shared(rows, weights_[k].count / rows, p.transposed, [&](std::size_t at, std::size_t of) {
      shared[of] += own[at];
      own[at] = 0;
    });
  }
}

template <class Real>
std::size_t Network<Real>::numbers_that_train() const {
  std::size_t n = 0;
  const std::vector<Part> all = parts();
  for (std::size_t k = 0; k < all.size(); ++k)
    if (all[k].trains && (k >= projections_.size() || !projections_[k].tied)) n += all[k].count;
  return n;
}

template class Network<float>;
template class Network<double>;

}  // namespace volley::learning
