// SPDX-License-Identifier: Apache-2.0
// A modulator at work: a factor for each unit of every hidden layer, told from the weights once a batch.
#pragma once

#include <volley/modulator.h>

#include <learning/network.h>

#include <memory>

namespace volley::learning {

template <class Real>
class Modulation {
 public:
  // trains: the parts of theta that learn; loss: its layer, which is not modulated. `model` may be null: none.
  Modulation(const ModulatorModel* model, std::shared_ptr<const ParameterSet>, std::vector<Part> trains,
             std::size_t loss);

  // A new batch begins with the weights `theta`.
  void look(const Network<Real>&, const Real* theta);
  // What other layers send back to a layer, times its factors.
  void multiply(const Network<Real>&, typename Network<Real>::Transposed&) const;
  // The same of what the loss's layer sends directly, by layer [output][unit].
  void multiply_direct(std::vector<std::vector<Real>>&) const;
  // The local form: the layer's own gradient times its factors.
  void multiply(const Network<Real>&, Real* gradient) const;

  const std::vector<std::vector<Real>>& factors() const { return factors_; }  // by layer; empty: 1

 private:
  const ModulatorModel* model_;
  std::shared_ptr<const ParameterSet> parameters_;
  std::vector<Part> trains_;
  std::size_t loss_;
  std::vector<std::vector<Real>> factors_;
};

extern template class Modulation<float>;
extern template class Modulation<double>;

}  // namespace volley::learning
