// SPDX-License-Identifier: Apache-2.0
// Linear neurons of one layout (time constants and ports), exact from event to event: the state is kept in a frame in
// which nothing changes between events. At most 65,536 neurons.
#pragma once

#include <volley/kernel.h>
#include <volley/membrane.h>

#include <memory>
#include <vector>

namespace volley {

// One Membrane for all neurons, or one each. Throws std::invalid_argument when their layouts differ, or when a layout
// has more than eight components.
std::unique_ptr<Kernel> make_mode_kernel(const std::vector<Membrane>& membranes, std::size_t neurons);

// True when two membranes may share a frame: same time constants, components and ports; and the same R when a port
// jumps V beside currents, since the jump is then in units of R/tau_m.
bool same_layout(const Membrane&, const Membrane&);

}  // namespace volley
