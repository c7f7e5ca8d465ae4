// SPDX-License-Identifier: Apache-2.0
// The instruction set of the vector kernels: the machine's best, unless pinned. Equal levels give equal bits.
#pragma once

#include <string>

namespace volley {

// "baseline", "avx2" or "avx512"; for the whole process, before anything runs. Throws InputError for another name, or a
// level that this machine lacks.
void pin_isa(const std::string& level);

// The level in use.
std::string active_isa();

}  // namespace volley
