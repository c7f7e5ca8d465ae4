// SPDX-License-Identifier: Apache-2.0
// Passes over all neurons of a block: who may cross within a horizon, and the move of the frame. Compiled once per
// instruction set.
#pragma once

#include <engine/arrival_loops.h>

namespace volley::loops {

// Neurons that may cross within the horizon; returns how many were written to `marked`. `awake` becomes true unless
// the bound over all later time (kappa per component, without input) is below -margin for every neuron.
std::size_t scan(const double* Z, int n, std::size_t neurons, const double* c0, bool uniform, const Bound&,
                 const double* now, const double* kappa, Local* marked, bool& awake);

// Moves the frame: Z <- M Z with M lower triangular in the order (membrane last read first): see Move.
struct Move {
  double membrane[max_components] = {};  // new X = sum_c membrane[c] Z_c
  double decay[max_components] = {};     // new Z_c = decay[c] Z_c + feed[c] Z_{c-1}
  double feed[max_components] = {};
};
// Components below 1e-30 become 0; minus infinity stays. Returns true when everything is 0 or minus infinity.
bool move(double* Z, int n, std::size_t neurons, const Move&);

}  // namespace volley::loops
