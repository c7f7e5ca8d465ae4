// SPDX-License-Identifier: Apache-2.0
// The two families of errors. Only the command prints; the library throws.
#pragma once

#include <network/description.h>

#include <stdexcept>
#include <string>

namespace volley {

// The user's input. what() is the whole message: "file:line:column: path: what was found; what would be accepted".
struct InputError : std::runtime_error {
  explicit InputError(const std::string& message) : std::runtime_error(message) {}
  InputError(const Where& w, const std::string& message) : std::runtime_error(prefix(w) + message) {}

 private:
  static std::string prefix(const Where& w) {
    std::string s = w.file;
    if (w.line > 0) s.append(":").append(std::to_string(w.line)).append(":").append(std::to_string(w.column));
    if (!s.empty()) s += ": ";
    if (!w.path.empty()) s += w.path + ": ";
    return s;
  }
};

// Our bug: an invariant does not hold.
struct InternalError : std::logic_error {
  using std::logic_error::logic_error;
};

}  // namespace volley
