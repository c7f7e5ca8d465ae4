// SPDX-License-Identifier: Apache-2.0
// Small random networks over all event-driven neurons, synapses, rules and stimulators, the same for one seed.
#pragma once

#include <reference/build.h>

namespace volley::test {

// What a network is made of; the generator draws everything else.
struct Ingredients {
  bool plastic = true;
  bool continuous_delays = true;
  double duration_ms = 200.0;
};

Experiment random_network(std::uint64_t seed, const Ingredients& = {});

}  // namespace volley::test
