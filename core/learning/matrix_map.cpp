// SPDX-License-Identifier: Apache-2.0
// From every unit to every unit: weights are [source][target].
#include <learning/linear_map.h>

namespace volley::learning {
namespace {

template <class Real>
class Matrix final : public LinearMap<Real> {
 public:
  Matrix(std::size_t from, std::size_t to) : n_(from), m_(to) {}

  void forward(const Real* w, LaneRows<const Real> x, bool binary, LaneRows<Real> z, Scratch<Real>& s) const override {
    if (!binary) return multiply_add({x.count, n_, m_, x.row, 1, m_, z.row}, x.first, w, z.first);
    find_ones(x.first, x.count, n_, s.by_row);
    for (std::size_t r = 0; r < x.count; ++r) add_rows(s.by_row.list(r), m_, m_, w, z.at(r));
  }
  void turn(const Real* w, std::vector<Real>& turned) const override {
    turned.resize(n_ * m_);
    for (std::size_t i = 0; i < n_; ++i)
      for (std::size_t j = 0; j < m_; ++j) turned[j * n_ + i] = w[i * m_ + j];
  }
  void backward(const Real* turned, LaneRows<const Real> dz, LaneRows<Real> dx, Scratch<Real>&) const override {
    multiply_add({dz.count, m_, n_, dz.row, 1, n_, dx.row}, dz.first, turned, dx.first);
  }
  void gradient(LaneRows<const Real> x, bool binary, LaneRows<const Real> dz, Real* g,
                Scratch<Real>& s) const override {
    if (!binary) return multiply_add({n_, x.count, m_, 1, x.row, dz.row, m_}, x.first, dz.first, g);
    find_ones(x.first, x.count, n_, s.by_row);
    transpose(s.by_row, n_, s.by_column);
    for (std::size_t k = 0; k < n_; ++k) add_rows(s.by_column.list(k), m_, dz.row, dz.first, g + k * m_);
  }

 private:
  std::size_t n_, m_;
};

}  // namespace

template <class Real>
std::shared_ptr<const LinearMap<Real>> make_matrix(std::size_t from, std::size_t to) {
  return std::make_shared<Matrix<Real>>(from, to);
}
template <class Real>
std::shared_ptr<const LinearMap<Real>> make_map(const MapKind& kind, std::size_t from, std::size_t to) {
  if (!kind.patches) return make_matrix<Real>(from, to);
  return kind.pool() ? make_pool<Real>(*kind.patches, kind.pooled) : make_convolution<Real>(*kind.patches);
}

template std::shared_ptr<const LinearMap<float>> make_map(const MapKind&, std::size_t, std::size_t);
template std::shared_ptr<const LinearMap<double>> make_map(const MapKind&, std::size_t, std::size_t);

}  // namespace volley::learning
