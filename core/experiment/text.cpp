// SPDX-License-Identifier: Apache-2.0
#include <experiment/text.h>
#include <network/error.h>

#include <fmt/format.h>

namespace volley {

std::size_t utf8_length(std::string_view s, std::size_t at) {
  const auto byte = [&](std::size_t k) { return at + k < s.size() ? static_cast<unsigned char>(s[at + k]) : 0u; };
  const unsigned first = byte(0);
  std::size_t n = 0;
  if (first < 0x80) n = 1;
  else if (first >= 0xC2 && first < 0xE0) n = 2;
  else if (first >= 0xE0 && first < 0xF0) n = 3;
  else if (first >= 0xF0 && first < 0xF5) n = 4;
  for (std::size_t k = 1; k < n; ++k)
    if ((byte(k) & 0xC0) != 0x80) return 0;
  // Overlong, surrogates, beyond Unicode.
  if ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F) || (first == 0xF0 && byte(1) < 0x90) ||
      (first == 0xF4 && byte(1) > 0x8F))
    return 0;
  return n;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\n' && c != '\t' && c != '\r') || byte == 0x7F;
}

void check_text(std::string_view text, Where start) {
  Where& where = start;
  const bool lines = where.line > 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t n = utf8_length(text, at);
    const auto byte = static_cast<unsigned char>(text[at]);
    if (n == 0)
      throw InputError(
          where, fmt::format("found the byte 0x{:02X}, which is not UTF-8; experiments are written in UTF-8", byte));
    if (is_control(text[at]))
      throw InputError(where, fmt::format("found the control character 0x{:02X}; remove it", byte));
    if (lines && text[at] == '\n') {
      ++where.line;
      where.column = 0;
    }
    if (lines) ++where.column;
    at += n;
  }
}

std::string brief(std::string_view text) {
  if (text.size() <= 60) return std::string(text);
  std::size_t end = 57;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not inside a character
  return std::string(text.substr(0, end)) + "...";
}

}  // namespace volley
