// SPDX-License-Identifier: Apache-2.0
// What is wrong with a command line, in one sentence with the nearest name. All throw InputError.
#pragma once

#include <CLI/CLI.hpp>

namespace volley::cli {

// The command, or an option of volley's own.
void check_first_word(const CLI::App&, int argc, char** argv);

// A command line that parse() did not take.
[[noreturn]] void refuse(const CLI::App&, const CLI::ParseError&);

}  // namespace volley::cli
