// SPDX-License-Identifier: Apache-2.0
// The only exponentials of the engine, so that batches and single values have the same bits. Compiled once per
// instruction set and chosen at run time (Highway).
#pragma once

#include <cstddef>

namespace volley::loops {

// y = exp(x), expm1(x).
void exp(const double* x, double* y, std::size_t n);
void expm1(const double* x, double* y, std::size_t n);
double exp(double x);

}  // namespace volley::loops
