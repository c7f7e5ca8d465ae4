// SPDX-License-Identifier: Apache-2.0
// What a result file's run has trained, to begin another run with.
#pragma once

#include <network/results.h>

#include <string>
#include <vector>

namespace volley {

// /trained of a result file: names, shapes, best (empty without) and last. Throws InputError naming file and object.
std::vector<TrainedNumbers> read_trained(const std::string& path);

}  // namespace volley
