// SPDX-License-Identifier: Apache-2.0
// The two families of errors. Only the command prints; the library throws.
#pragma once

#include <network/description.h>

#include <stdexcept>
#include <string>

namespace volley {

// The user's input. what() is the whole message: "file:line:column: path: what was found; what would be accepted".
struct InputError : std::runtime_error {
  explicit InputError(const std::string& message) : std::runtime_error(printable(message)) {}
  InputError(const Where& w, const std::string& message) : std::runtime_error(printable(prefix(w) + message)) {}

 private:
  // One line that a terminal shows as it is, whatever was found: control characters as \x07.
  static std::string printable(const std::string& message) {
    std::string out;
    for (const char c : message) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte >= 0x20 && byte != 0x7F) out += c;
      else out.append("\\x").append(1, "0123456789abcdef"[byte / 16]).append(1, "0123456789abcdef"[byte % 16]);
    }
    return out;
  }
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
