// SPDX-License-Identifier: Apache-2.0
// Where a run writes to, looked at before it starts. Writes nothing.
#pragma once

#include <cli/commands.h>

#include <string>
#include <vector>

namespace volley::cli {

// Where the result goes when no --output says otherwise: results/<name>.h5.
std::string default_output(const Experiment&);
// Throws InputError when `output` exists without --overwrite, or cannot be a result file.
void check_output(const std::string& output, const RunOptions&);
// Throws InputError when --stats cannot be written, or would replace the experiment or one of `outputs`.
void check_stats(const RunOptions&, const std::vector<std::string>& outputs);

}  // namespace volley::cli
