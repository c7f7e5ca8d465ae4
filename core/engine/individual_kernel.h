// SPDX-License-Identifier: Apache-2.0
// Linear neurons whose time constants differ from neuron to neuron: each in a frame of its own, which starts at its
// last event (docs/design.md). An arrival costs a few exponentials, taken in one batch for each slice. At most 65,536
// neurons.
#pragma once

#include <volley/kernel.h>
#include <volley/membrane.h>

#include <memory>
#include <vector>

namespace volley {

// One Membrane for each neuron. Throws std::invalid_argument when their components or ports differ by more than
// numbers, or when a membrane has more than eight components.
std::unique_ptr<Kernel> make_individual_kernel(const std::vector<Membrane>& membranes);

}  // namespace volley
