// SPDX-License-Identifier: Apache-2.0
#include <experiment/files.h>
#include <network/error.h>

#include <fmt/format.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace volley {

std::string read_unpacked(const std::string& path) {
  errno = 0;
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose_r);
  if (!file) throw InputError(fmt::format("{}: cannot be read: {}", path, std::strerror(errno ? errno : ENOMEM)));
  std::string text;
  const auto fail = [&](int code, std::string_view reason) {
    if (reason.starts_with(path + ": ")) reason.remove_prefix(path.size() + 2);  // as zlib has it
    throw InputError(fmt::format("{}: cannot be read{}: {}{}", path,
                                 text.empty() ? "" : fmt::format(" beyond byte {} of what it unpacks to", text.size()),
                                 code == Z_ERRNO ? std::string_view(std::strerror(errno)) : reason,
                                 code == Z_BUF_ERROR ? " (a truncated gzip file?)" : ""));
  };
  char buffer[1 << 16];
  for (int n; (n = gzread(file.get(), buffer, sizeof buffer)) != 0;) {
    int code = Z_OK;
    const char* reason = gzerror(file.get(), &code);
    if (n > 0) text.append(buffer, static_cast<std::size_t>(n));
    if (n < 0 || code == Z_BUF_ERROR) fail(code, reason);
  }
  int code = Z_OK;
  if (const char* reason = gzerror(file.get(), &code); code == Z_BUF_ERROR) fail(code, reason);
  return text;
}

}  // namespace volley
