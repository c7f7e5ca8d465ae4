// SPDX-License-Identifier: Apache-2.0
#include <learning/modulation.h>
#include <network/error.h>

namespace volley::learning {

template <class Real>
Modulation<Real>::Modulation(const ModulatorModel* model, std::shared_ptr<const ParameterSet> parameters,
                             std::vector<Part> trains, std::size_t loss)
    : model_(model), parameters_(std::move(parameters)), trains_(std::move(trains)), loss_(loss) {}

template <class Real>
void Modulation<Real>::look(const Network<Real>& network, const Real* theta) {
  if (!model_) return;
  const auto& layers = network.layers();
  const auto& projections = network.projections();
  factors_.assign(layers.size(), {});
  for (std::size_t l = 0; l < layers.size(); ++l) {
    if (!layers[l].unit || l == loss_) continue;
    LayerWeights<Real> weights{.size = layers[l].size};
    for (std::size_t k = 0; k < projections.size(); ++k) {
      const Dense& p = projections[k];
      if (!trains_[k].trains || (p.from != l && p.to != l)) continue;
      if (p.kind.patches) throw InternalError("a modulator has no matrix of a convolution");
      const WeightMatrix<Real> w{theta + network.weights(k).first, layers[p.from].size, layers[p.to].size,
                                 p.from == p.to};
      if (p.to == l) weights.incoming.push_back(w);
      if (p.from == l) weights.outgoing.push_back(w);
    }
    const std::vector<double> m = model_->modulate.template of<Real>()(weights, parameters_->at(0));
    if (m.size() != layers[l].size) throw InternalError("a modulator gave another number of factors than units");
    factors_[l].assign(m.begin(), m.end());
  }
}

template <class Real>
void Modulation<Real>::multiply(const Network<Real>& network, typename Network<Real>::Transposed& back) const {
  if (!model_ || model_->local(parameters_->at(0))) return;
  for (std::size_t k = 0; k < network.projections().size(); ++k) {
    const Dense& p = network.projections()[k];
    const std::vector<Real>& m = factors_[p.from];
    if (p.from == p.to || m.empty()) continue;
    for (std::size_t i = 0; i < back[k].size(); ++i) back[k][i] *= m[i % m.size()];
  }
}

template <class Real>
void Modulation<Real>::multiply_direct(std::vector<std::vector<Real>>& matrices) const {
  if (!model_ || model_->local(parameters_->at(0))) return;
  for (std::size_t l = 0; l < matrices.size(); ++l)
    for (std::size_t i = 0; i < matrices[l].size(); ++i) matrices[l][i] *= factors_[l][i % factors_[l].size()];
}

template <class Real>
void Modulation<Real>::multiply(const Network<Real>& network, Real* gradient) const {
  if (!model_ || !model_->local(parameters_->at(0))) return;
  const auto scale = [&](const Part& part, std::size_t layer) {
    const std::vector<Real>& m = factors_[layer];
    if (!m.empty())
      for (std::size_t i = 0; i < part.count; ++i) gradient[part.first + i] *= m[i % m.size()];
  };
  for (std::size_t k = 0; k < network.projections().size(); ++k) scale(network.weights(k), network.projections()[k].to);
  for (std::size_t l = 0; l < network.layers().size(); ++l)
    for (std::size_t v = 0; v < network.layers()[l].trained.size(); ++v) scale(network.trained(l, v), l);
}

template class Modulation<float>;
template class Modulation<double>;

}  // namespace volley::learning
