// SPDX-License-Identifier: Apache-2.0
// The points of a sweep, side by side on the machine's cores: a process each, so that a point that fails takes no
// other with it.
#pragma once

#include <cli/commands.h>

#include <nlohmann/json_fwd.hpp>

namespace volley::cli {

std::vector<SweepPoint> load_points(Registry&, const RunOptions&);
int run_sweep(std::vector<SweepPoint>&, const RunOptions&);
void write_json(const std::string& file, const nlohmann::ordered_json&);  // "-": standard output

}  // namespace volley::cli
