// SPDX-License-Identifier: Apache-2.0
// The hot loops of linear neurons, over plain arrays, compiled once per instruction set and chosen at run time
// (Highway). State is [neuron][component], so that an arrival touches one cache line.
#pragma once

#include <volley/kernel.h>

#include <cstddef>

namespace volley::loops {

inline constexpr int max_components = 8;

// Conditions per horizon: a neuron may reach threshold before the horizon's end only if
//   c0 + max(v, v*grow) + sum_c max(0, -(Z_c + s0[c] Z_{c-1})) negative[c] + sum of threshold parts >= -margin,
// v = sum_c end[c] Z_c being the membrane's free evolution to the horizon's end (docs/design.md, "Bound").
struct Bound {
  double end[max_components] = {};       // of membrane and currents; 0 for threshold components
  double negative[max_components] = {};  // weight of a negative current; 0 for others
  double lead[max_components] = {};      // alpha: time from frame start to horizon start on its second element
  double theta[max_components] = {};     // of threshold components at the horizon's end (negative)
  double theta_grow[max_components] = {};
  double grow = 1.0;
  double margin = 0.0;
  bool any_theta = false;
};

// An arrival's effect on up to three components.
struct Jump {
  int count = 0;
  int component[3] = {};
  double coefficient[3] = {};
};

// Adds double(W) * coefficient; appends to `marked` (room for slice.count) the targets that may cross.
//   test 0: never; 1: one component, X >= limit * scale; 2: the bound
//   (1 serves neurons that only an arrival can make fire, and neurons that all have a drive above threshold)
// Neuron i's limit is limit[i >> shift]: each its own, one for a group of neighbours, or the same for all.
inline constexpr unsigned all_alike = 16;
struct Test {
  int kind = 0;
  const double* limit = nullptr;  // kind 1: -c0; kind 2: c0
  unsigned shift = 0;
  double scale = 1.0;
  const Bound* bound = nullptr;

  bool uniform() const { return shift == all_alike; }
};
std::size_t add(double* Z, int n, const Jump&, const Slice&, const Test&, Local* marked);

// The same for the first events of a stream, at most `stretch`: event k adds double(weight of k) * coefficient[j][k] to
// component j of its target. The scale of test 1 is multiplied by growth[k], if there is any; `growth` has `spare`
// elements more than there are events. Appends the events whose targets may cross, none of whose targets has a later
// event among those taken.
struct StreamJump {
  int count = 0;
  int component[3] = {};
  const double* coefficient[3] = {};
};
struct Marked {
  std::size_t taken = 0, count = 0;  // events; marks
};
inline constexpr std::size_t stretch = 64;
inline constexpr std::size_t spare = 8;
Marked add_stream(double* Z, int n, const StreamJump&, const Stream&, const Test&, const double* growth,
                  std::uint8_t* marked);

}  // namespace volley::loops
