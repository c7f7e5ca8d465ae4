// SPDX-License-Identifier: Apache-2.0
// Backward passes that go from layer to layer otherwise than backpropagation through time does.
#include <learning/network.h>

namespace volley::learning {

template <class Real>
void Network<Real>::send_directly(const Direct<Real>& direct, Trial<Real>& trial) const {
  const std::size_t row = ports(direct.from) * layers_[direct.from].size;
  const Real* error = trial.layers[direct.from].din.data();
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const std::size_t n = layers_[l].size;
    if (direct.matrices[l].empty()) continue;
    multiply_add({trial.ticks * trial.lanes(), row, n, row, 1, n, n}, error, direct.matrices[l].data(),
                 trial.layers[l].dy.data());
  }
}

template <class Real>
void Network<Real>::backward(const Real* theta, const Transposed& transposed, const Direct<Real>& direct,
                             Trial<Real>& trial, Real* gradient) const {
  const auto back = [&](std::size_t layer) {
    trial.dstate.assign(trial.lanes() * layers_[layer].unit->states * layers_[layer].size, Real(0));
    for (std::size_t t = trial.ticks; t-- > 0;) {
      step_back(theta, layer, trial, t, trial.dstate.data(), gradient);
      for (std::size_t p = 0; p < projections_.size(); ++p)
        if (projections_[p].from == layer && projections_[p].to == layer) transmit_back(transposed, p, trial, t, 1);
    }
    for (std::size_t p = 0; p < projections_.size(); ++p)
      if (projections_[p].to == layer) weight_gradient(p, trial, gradient);
  };
  back(direct.from);
  send_directly(direct, trial);
  for (std::size_t l = 0; l < layers_.size(); ++l)
    if (layers_[l].unit && l != direct.from) back(l);
}

template <class Real>
void Network<Real>::backward_in_tick(const Real* theta, const Transposed& transposed, const Direct<Real>* direct,
                                     Trial<Real>& trial, Real* gradient) const {
  std::vector<std::size_t> order;  // errors of a layer are complete when its turn comes
  for (auto c = components_.rbegin(); c != components_.rend(); ++c)
    order.insert(order.end(), c->layers.rbegin(), c->layers.rend());
  if (direct) std::rotate(order.begin(), std::find(order.begin(), order.end(), direct->from), order.end());
  for (const std::size_t layer : order) {
    const Layer& l = layers_[layer];
    if (!l.unit) continue;
    for (std::size_t t = 0; t < trial.ticks; ++t) {
      trial.dstate.assign(trial.lanes() * l.unit->states * l.size, Real(0));
      step_back(theta, layer, trial, t, trial.dstate.data(), gradient);
    }
    if (direct && layer == direct->from) send_directly(*direct, trial);
    for (std::size_t p = 0; p < projections_.size(); ++p) {
      const Dense& d = projections_[p];
      if (d.to != layer) continue;
      weight_gradient(p, trial, gradient);
      if (d.delay == 0) transmit_back(transposed, p, trial, 0, trial.ticks);
    }
  }
}

template class Network<float>;
template class Network<double>;

}  // namespace volley::learning
