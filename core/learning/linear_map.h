// SPDX-License-Identifier: Apache-2.0
// What a projection does to the outputs of its source: a matrix, a convolution or a pool, forward, back, and the
// gradient of its weights. All add to what is there.
#pragma once

#include <learning/matrix.h>
#include <network/patches.h>

#include <memory>
#include <optional>
#include <vector>

namespace volley::learning {

// One row for each tick and lane.
template <class T>
struct LaneRows {
  T* first = nullptr;
  std::size_t count = 0, row = 0;  // row: from one to the next
  T* at(std::size_t r) const { return first + r * row; }
  operator LaneRows<const T>() const { return {first, count, row}; }
};

template <class Real>
struct Scratch {
  Ones ones, by_row, by_column;
  std::vector<Real> patches, turned, sums;
};

// What kind a projection is.
struct MapKind {
  std::optional<Patches> patches;  // of a convolution or a pool
  double pooled = 0.0;             // of a pool: what each pixel of a patch is multiplied with; it has no weights

  bool pool() const { return pooled != 0.0; }
  std::size_t weights(std::size_t from, std::size_t to) const {
    return pool() ? 0 : patches ? patches->channels * patches->places() : from * to;
  }
  // Pairs of units that it connects.
  std::size_t synapses(std::size_t from, std::size_t to) const {
    return patches ? patches->pairs() * patches->from.channels * (pool() ? 1 : patches->channels) : from * to;
  }
};

template <class Real>
class LinearMap {
 public:
  virtual ~LinearMap() = default;
  // binary: x is 0 or 1, and only the ones are added.
  virtual void forward(const Real* w, LaneRows<const Real> x, bool binary, LaneRows<Real> z, Scratch<Real>&) const = 0;
  // The weights as backward() reads them; never empty.
  virtual void turn(const Real* w, std::vector<Real>& turned) const = 0;
  virtual void backward(const Real* turned, LaneRows<const Real> dz, LaneRows<Real> dx, Scratch<Real>&) const = 0;
  virtual void gradient(LaneRows<const Real> x, bool binary, LaneRows<const Real> dz, Real* g,
                        Scratch<Real>&) const = 0;
};

template <class Real>
std::shared_ptr<const LinearMap<Real>> make_map(const MapKind&, std::size_t from, std::size_t to);
template <class Real>
std::shared_ptr<const LinearMap<Real>> make_matrix(std::size_t from, std::size_t to);
template <class Real>
std::shared_ptr<const LinearMap<Real>> make_convolution(const Patches&);
template <class Real>
std::shared_ptr<const LinearMap<Real>> make_pool(const Patches&, double factor);

}  // namespace volley::learning
