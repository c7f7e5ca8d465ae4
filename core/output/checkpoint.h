// SPDX-License-Identifier: Apache-2.0
// Checkpoints as files. They are for the machine and the version of Volley that wrote them.
#pragma once

#include <network/checkpoint.h>

namespace volley {

// Replaces the file at once: whoever reads it finds the old one or the new one. Throws InputError.
void write_checkpoint(const std::string& path, const Checkpoint&);

// Throws InputError for a file that is missing, damaged or of another version.
Checkpoint read_checkpoint(const std::string& path);

}  // namespace volley
