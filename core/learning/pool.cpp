// SPDX-License-Identifier: Apache-2.0
// The mean or the sum of each patch, channel by channel.
#include <learning/linear_map.h>
#include <learning/patch_runs.h>

namespace volley::learning {
namespace {

template <class Real>
class Pool final : public LinearMap<Real> {
 public:
  Pool(const Patches& p, double factor) : p_(p), factor_(static_cast<Real>(factor)) {}

  void forward(const Real*, LaneRows<const Real> x, bool binary, LaneRows<Real> z, Scratch<Real>& s) const override {
    const std::size_t step = p_.across.stride;
    for (std::size_t r = 0; r < x.count; ++r) {
      if (binary) {
        add_ones(x.at(r), z.at(r), s);
        continue;
      }
      for_each_run(p_, [&, from = x.at(r), to = z.at(r)](std::size_t pixel, std::size_t patch, std::size_t place,
                                                         std::size_t n) {
        Real* out = to + place / p_.kernel() * p_.to().pixels() + patch;
        for (std::size_t k = 0; k < n; ++k) out[k] += factor_ * from[pixel + k * step];
      });
    }
  }
  void turn(const Real*, std::vector<Real>& turned) const override { turned.assign(1, factor_); }
  void backward(const Real* factor, LaneRows<const Real> dz, LaneRows<Real> dx, Scratch<Real>&) const override {
    const std::size_t step = p_.across.stride;
    for (std::size_t r = 0; r < dz.count; ++r)
      for_each_run(p_, [&, from = dz.at(r), to = dx.at(r)](std::size_t pixel, std::size_t patch, std::size_t place,
                                                           std::size_t n) {
        const Real* in = from + place / p_.kernel() * p_.to().pixels() + patch;
        for (std::size_t k = 0; k < n; ++k) to[pixel + k * step] += *factor * in[k];
      });
  }
  void gradient(LaneRows<const Real>, bool, LaneRows<const Real>, Real*, Scratch<Real>&) const override {}

 private:
  void add_ones(const Real* x, Real* z, Scratch<Real>& s) const {
    find_ones(x, 1, p_.from.size(), s.ones);
    for (const std::uint32_t unit : s.ones.index) {
      const std::size_t channel = unit / p_.from.pixels(), pixel = unit % p_.from.pixels();
      const Side::Range rows = p_.down.over(pixel / p_.from.width), columns = p_.across.over(pixel % p_.from.width);
      for (std::size_t i = rows.first; i < rows.end; ++i)
        for (std::size_t j = columns.first; j < columns.end; ++j)
          z[channel * p_.to().pixels() + i * p_.across.patches() + j] += factor_;
    }
  }

  Patches p_;
  Real factor_;
};

}  // namespace

template <class Real>
std::shared_ptr<const LinearMap<Real>> make_pool(const Patches& p, double factor) {
  return std::make_shared<Pool<Real>>(p, factor);
}

template std::shared_ptr<const LinearMap<float>> make_pool(const Patches&, double);
template std::shared_ptr<const LinearMap<double>> make_pool(const Patches&, double);

}  // namespace volley::learning
