// SPDX-License-Identifier: Apache-2.0
// What a text of a file may hold, and how much of it a message shows.
#pragma once

#include <network/description.h>

#include <string>
#include <string_view>

namespace volley {

// Throws InputError for what is not UTF-8 and for control characters, at its place after `start` (without lines:
// there). yaml-cpp lets them pass; HDF5 and JSON do not.
void check_text(std::string_view, Where start);

// Length of the UTF-8 character that begins at `at`; 0 if none does.
std::size_t utf8_length(std::string_view, std::size_t at);

bool is_control(char);  // no line break and no tab

// For messages: the beginning of a long text.
std::string brief(std::string_view);

}  // namespace volley
