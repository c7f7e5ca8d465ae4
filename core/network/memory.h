// SPDX-License-Identifier: Apache-2.0
// Whether a network fits, asked before anything is drawn.
#pragma once

#include <network/description.h>

namespace volley {

// What may be used, and what says so.
double memory_limit_mb(const Experiment&);
const char* limit_name(const Experiment&);

// Throws InputError when neurons and synapses, or layers and their trials, need more than `engine.memory_limit`, or
// without it the machine's memory.
void check_memory(const Experiment&);

}  // namespace volley
