// SPDX-License-Identifier: Apache-2.0
// What takes errors back from layer to layer, as a rule of learning and a modulator want it: made once for the weights
// of a batch, for all its trials.
#pragma once

#include <volley/learning_rule.h>

#include <learning/modulation.h>

namespace volley::learning {

template <class Real>
class Feedback {
 public:
  // seed: of random numbers. Throws InputError where the network has no place for what the rule asks for.
  Feedback(const Network<Real>&, const Credit&, std::uint64_t seed, std::size_t loss, Modulation<Real>);

  // A batch begins with the weights theta; `now` also after theta has changed within it.
  void begin(const Network<Real>&, Real* theta);
  void now(const Network<Real>&, Real* theta);
  // The sum of a batch's gradients, before it is used.
  void finish(const Network<Real>& net, Real* gradient) const { modulation_.multiply(net, gradient); }

  const typename Network<Real>::Transposed& weights() const { return weights_; }
  const Direct<Real>* direct() const { return credit_.route == Credit::Route::direct ? &direct_ : nullptr; }

 private:
  void draw(std::uint64_t seed, const std::string& name, std::size_t senders, std::size_t receivers,
            std::size_t count, std::vector<Real>& out) const;
  void make(const Network<Real>&, const Real* theta);
  void follow(const Network<Real>&, Real* theta);

  Credit credit_;
  Modulation<Real> modulation_;
  typename Network<Real>::Transposed weights_, random_;  // by projection
  std::vector<std::vector<Real>> fixed_;                 // by layer: direct, before modulation
  std::vector<std::vector<Real>> seen_;                  // adaptive: the weights that were followed last
  std::vector<std::size_t> followed_;                    // adaptive: by layer, the projection
  Direct<Real> direct_;
};

extern template class Feedback<float>;
extern template class Feedback<double>;

}  // namespace volley::learning
