// SPDX-License-Identifier: Apache-2.0
// A convolution (as networks say it: the kernel is not turned round): weights are [channel out][channel in][row]
// [column], that is [out][place], and every patch of the source meets the same ones.
//
// Of graded outputs the patches are laid side by side, so that all is products of matrices. Of binary ones each patch
// has the list of its places that are 1, whose weights are added; the list is made from the active pixels alone.
#include <learning/linear_map.h>
#include <learning/patch_runs.h>

namespace volley::learning {
namespace {

template <class Real>
class Convolution final : public LinearMap<Real> {
 public:
  explicit Convolution(const Patches& p)
      : p_(p), out_(p.channels), places_(p.places()), count_(p.to().pixels()) {}

  void forward(const Real* w, LaneRows<const Real> x, bool binary, LaneRows<Real> z, Scratch<Real>& s) const override {
    if (!binary) {
      for (std::size_t r = 0; r < x.count; ++r) {
        lay_out(x.at(r), count_, 1, s);
        multiply_add({out_, places_, count_, places_, 1, count_, count_}, w, s.patches.data(), z.at(r));
      }
      return;
    }
    s.turned.resize(places_ * out_);
    swap(w, out_, places_, s.turned.data());
    for (std::size_t r = 0; r < x.count; ++r) {
      if (!find_patches(x.at(r), s)) continue;
      s.sums.assign(count_ * out_, Real(0));
      for (std::size_t o = 0; o < count_; ++o)
        if (const auto list = s.by_row.list(o); !list.empty())
          add_rows(list, out_, out_, s.turned.data(), s.sums.data() + o * out_);
      for (std::size_t c = 0; c < out_; ++c)
        for (std::size_t o = 0; o < count_; ++o) z.at(r)[c * count_ + o] += s.sums[o * out_ + c];
    }
  }

  void turn(const Real* w, std::vector<Real>& turned) const override { turned.assign(w, w + out_ * places_); }

  void backward(const Real* w, LaneRows<const Real> dz, LaneRows<Real> dx, Scratch<Real>& s) const override {
    for (std::size_t r = 0; r < dz.count; ++r) {
      s.patches.assign(places_ * count_, Real(0));
      multiply_add({places_, out_, count_, 1, places_, count_, count_}, w, dz.at(r), s.patches.data());
      for_each_run(p_, [&, to = dx.at(r), step = p_.across.stride](std::size_t pixel, std::size_t patch,
                                                                     std::size_t place, std::size_t n) {
        const Real* from = s.patches.data() + place * count_ + patch;
        for (std::size_t k = 0; k < n; ++k) to[pixel + k * step] += from[k];
      });
    }
  }

  void gradient(LaneRows<const Real> x, bool binary, LaneRows<const Real> dz, Real* g,
                Scratch<Real>& s) const override {
    if (!binary) {
      for (std::size_t r = 0; r < x.count; ++r) {
        lay_out(x.at(r), 1, places_, s);
        multiply_add({out_, count_, places_, count_, 1, places_, places_}, dz.at(r), s.patches.data(), g);
      }
      return;
    }
    s.sums.assign(places_ * out_, Real(0));
    s.turned.resize(count_ * out_);
    for (std::size_t r = 0; r < x.count; ++r) {
      if (!find_patches(x.at(r), s)) continue;
      swap(dz.at(r), out_, count_, s.turned.data());
      transpose(s.by_row, places_, s.by_column);
      for (std::size_t k = 0; k < places_; ++k)
        if (const auto list = s.by_column.list(k); !list.empty())
          add_rows(list, out_, out_, s.turned.data(), s.sums.data() + k * out_);
    }
    for (std::size_t c = 0; c < out_; ++c)
      for (std::size_t k = 0; k < places_; ++k) g[c * places_ + k] += s.sums[k * out_ + c];
  }

 private:
  static void swap(const Real* a, std::size_t rows, std::size_t columns, Real* out) {
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < columns; ++j) out[j * rows + i] = a[i * columns + j];
  }

  // All patches: place k of patch o is s.patches[k * place_step + o * patch_step].
  void lay_out(const Real* x, std::size_t place_step, std::size_t patch_step, Scratch<Real>& s) const {
    s.patches.assign(places_ * count_, Real(0));  // padding
    for_each_run(p_, [&, step = p_.across.stride](std::size_t pixel, std::size_t patch, std::size_t place,
                                                   std::size_t n) {
      Real* to = s.patches.data() + place * place_step + patch * patch_step;
      for (std::size_t k = 0; k < n; ++k) to[k * patch_step] = x[pixel + k * step];
    });
  }

  // s.by_row: of each patch, the places that are 1, in order. False: there are none.
  bool find_patches(const Real* x, Scratch<Real>& s) const {
    find_ones(x, 1, p_.from.size(), s.ones);
    s.by_row.start.assign(count_ + 1, 0);
    for_each_active(s, [&](std::size_t patch, std::size_t) { ++s.by_row.start[patch + 1]; });
    for (std::size_t o = 0; o < count_; ++o) s.by_row.start[o + 1] += s.by_row.start[o];
    const std::size_t total = s.by_row.start[count_];
    s.by_row.index.resize(total);
    for_each_active(s, [&](std::size_t patch, std::size_t place) {
      s.by_row.index[s.by_row.start[patch]++] = static_cast<std::uint32_t>(place);
    });
    for (std::size_t o = count_; o > 0; --o) s.by_row.start[o] = s.by_row.start[o - 1];  // each is at its end now
    s.by_row.start[0] = 0;
    return total > 0;
  }
  template <class Function>
  void for_each_active(const Scratch<Real>& s, const Function& f) const {
    for (const std::uint32_t unit : s.ones.index) {
      const std::size_t channel = unit / p_.from.pixels(), pixel = unit % p_.from.pixels();
      const std::size_t row = pixel / p_.from.width, column = pixel % p_.from.width;
      const Side::Range rows = p_.down.over(row), columns = p_.across.over(column);
      for (std::size_t i = rows.first; i < rows.end; ++i) {
        const std::size_t place = (channel * p_.down.kernel + p_.down.place(row, i)) * p_.across.kernel;
        for (std::size_t j = columns.first; j < columns.end; ++j)
          f(i * p_.across.patches() + j, place + p_.across.place(column, j));
      }
    }
  }

  Patches p_;
  std::size_t out_, places_, count_;
};

}  // namespace

template <class Real>
std::shared_ptr<const LinearMap<Real>> make_convolution(const Patches& p) {
  return std::make_shared<Convolution<Real>>(p);
}

template std::shared_ptr<const LinearMap<float>> make_convolution(const Patches&);
template std::shared_ptr<const LinearMap<double>> make_convolution(const Patches&);

}  // namespace volley::learning
