// SPDX-License-Identifier: Apache-2.0
// Membranes that the engine cannot follow, although each parameter by itself is within its bounds.
#pragma once

#include <volley/membrane.h>

#include <string>

namespace volley {

// What is wrong with it, or nothing: a time constant near the resolution of time, a drive that alone makes the neuron
// fire more often than once a picosecond, numbers out of the range of double.
std::string beyond_limits(const Membrane&);

}  // namespace volley
