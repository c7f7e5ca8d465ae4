// SPDX-License-Identifier: Apache-2.0
// What a model does in single and in double precision: F<float> and F<double>.
#pragma once

#include <type_traits>

namespace volley {

template <template <class> class F>
struct Precisions {
  F<float> single_precision{};
  F<double> double_precision{};

  template <class Real>
  const F<Real>& of() const {
    if constexpr (std::is_same_v<Real, float>) return single_precision;
    else return double_precision;
  }
};

}  // namespace volley
