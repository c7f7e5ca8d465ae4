// SPDX-License-Identifier: Apache-2.0
// Paths into an experiment file, as `--set` and `sweep` write them: dots; list items by index, name or *.
#pragma once

#include <experiment/document.h>

namespace volley {

// Replaces what the path names. A key that a map lacks is added (the reader of that map refuses what it does not know);
// a population, a list item or a place inside a scalar must exist. Throws InputError at `where` with the nearest path.
void override_path(Node& root, const std::string& path, const Node& value, const Where& where);

}  // namespace volley
