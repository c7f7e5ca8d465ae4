// SPDX-License-Identifier: Apache-2.0
#include <learning/feedback.h>
#include <network/error.h>
#include <network/random_streams.h>

#include <fmt/format.h>

#include <cmath>

namespace volley::learning {

using Carrier = Credit::Carrier;

template <class Real>
Feedback<Real>::Feedback(const Network<Real>& net, const Credit& credit, std::uint64_t seed, std::size_t loss,
                         Modulation<Real> modulation)
    : credit_(credit), modulation_(std::move(modulation)) {
  const auto& layers = net.layers();
  const auto& projections = net.projections();
  random_.resize(projections.size());
  fixed_.resize(layers.size());
  direct_ = {.from = loss, .matrices = std::vector<std::vector<Real>>(layers.size())};
  if (credit.route == Credit::Route::layers) {
    if (credit.carrier == Carrier::adaptive) throw InternalError("adaptive feedback has no way from layer to layer");
    for (std::size_t k = 0; k < projections.size(); ++k) {
      const Dense& p = projections[k];
      if (credit.carrier != Carrier::random || !layers[p.from].unit || p.from == p.to || p.kind.pool()) continue;
      if (const auto& c = p.kind.patches)  // a unit hears its patch, and is in as many of each channel that comes out
        draw(seed, p.name, c->channels * c->kernel(), c->places(), c->channels * c->places(), random_[k]);
      else draw(seed, p.name, layers[p.to].size, layers[p.from].size, net.weights(k).count, random_[k]);
    }
    return;
  }
  if (credit.carrier == Carrier::adaptive)
    for (const Dense& p : projections)
      if (p.tied)
        throw InputError(fmt::format("adaptive feedback changes weights, and {} shares those of {}", p.name,
                                     projections[*p.tied].name));
  const std::vector<bool> sees = net.seen_by(loss);
  const std::size_t ports = layers[loss].unit->ports;
  followed_.assign(layers.size(), projections.size());
  seen_.resize(layers.size());
  for (std::size_t l = 0; l < layers.size(); ++l) {
    if (!layers[l].unit || l == loss || !sees[l]) continue;
    const std::size_t senders = ports * layers[loss].size;
    draw(seed, layers[l].name, senders, layers[l].size, senders * layers[l].size, fixed_[l]);
    if (credit.carrier != Carrier::adaptive) continue;
    for (std::size_t k = 0; k < projections.size(); ++k)
      if (projections[k].from == l && projections[k].to == loss) followed_[l] = k;
    if (followed_[l] == projections.size())
      throw InputError(fmt::format("adaptive feedback follows the weights to {}, to which {} does not project",
                                   layers[loss].name, layers[l].name));
    if (projections[followed_[l]].kind.patches)
      throw InputError(fmt::format("adaptive feedback follows the weights of a dense projection, and {} is none",
                                   projections[followed_[l]].name));
  }
}

// [sender][receiver]; of a convolution as its weights are.
template <class Real>
void Feedback<Real>::draw(std::uint64_t seed, const std::string& name, std::size_t senders, std::size_t receivers,
                          std::size_t count, std::vector<Real>& out) const {
  Random r = random_stream(seed, Purpose::feedback, name, 0);
  const double width = credit_.wide ? std::sqrt(6.0 / static_cast<double>(receivers))
                                    : 1.0 / std::sqrt(static_cast<double>(senders));
  for (std::size_t i = 0; i < count; ++i)
    out.push_back(static_cast<Real>(width * (2.0 * r.uniform() - 1.0)));
}

// Adaptive: random numbers change as the weights have changed, and then both decay.
template <class Real>
void Feedback<Real>::follow(const Network<Real>& net, Real* theta) {
  const auto& layers = net.layers();
  const std::size_t m = layers[direct_.from].size;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    if (fixed_[l].empty()) continue;
    const Dense& p = net.projections()[followed_[l]];
    Real* w = theta + net.weights(followed_[l]).first;
    std::vector<Real>& seen = seen_[l];
    const std::size_t n = layers[l].size;
    const bool again = !seen.empty();
    const bool changed = again && !std::equal(seen.begin(), seen.end(), w);
    seen.resize(n * m);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < m; ++j) {
        Real& b = fixed_[l][(p.port * m + j) * n + i];
        Real& weight = w[i * m + j];
        if (changed) {
          const Real kept = static_cast<Real>(1.0 - credit_.decay);
          b = (b + weight - seen[i * m + j]) * kept;
          weight *= kept;
        }
        seen[i * m + j] = weight;
      }
  }
}

template <class Real>
void Feedback<Real>::begin(const Network<Real>& net, Real* theta) {
  if (credit_.carrier == Carrier::adaptive) follow(net, theta);
  modulation_.look(net, theta);
  make(net, theta);
}

template <class Real>
void Feedback<Real>::now(const Network<Real>& net, Real* theta) {
  if (credit_.carrier == Carrier::adaptive) follow(net, theta);
  make(net, theta);
}

template <class Real>
void Feedback<Real>::make(const Network<Real>& net, const Real* theta) {
  weights_.resize(random_.size());
  for (std::size_t k = 0; k < weights_.size(); ++k) {
    const Dense& p = net.projections()[k];
    const bool own = p.from == p.to, direct = credit_.route == Credit::Route::direct;
    if (!net.layers()[p.from].unit || (direct && !own)) continue;  // nothing goes back here
    if (!own && credit_.carrier == Carrier::random && !p.kind.pool()) weights_[k] = random_[k];
    else net.transpose(theta, k, weights_[k]);
  }
  direct_.matrices = fixed_;
  modulation_.multiply(net, weights_);
  modulation_.multiply_direct(direct_.matrices);
}

template class Feedback<float>;
template class Feedback<double>;

}  // namespace volley::learning
