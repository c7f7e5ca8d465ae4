// SPDX-License-Identifier: Apache-2.0
#include <cli/destinations.h>
#include <network/error.h>

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace volley::cli {
namespace {

namespace fs = std::filesystem;

// Throws unless a file can be made there; the folder `made` is made when it is needed.
void check_folder(const std::string& file, const fs::path& made) {
  std::error_code ignored;
  const fs::path folder = fs::absolute(file).parent_path();
  if (!fs::is_directory(folder, ignored) && (folder != made || fs::exists(folder, ignored)))
    throw InputError(fmt::format("{}: there is no folder {}", file, folder.string()));
  const fs::path written = fs::exists(folder, ignored) ? folder : folder.parent_path();
  if (access(written.c_str(), W_OK) != 0)
    throw InputError(fmt::format("{}: folder {} cannot be written to", file, written.string()));
}

}  // namespace

std::string default_output(const Experiment& e) { return (fs::path("results") / (e.name + ".h5")).string(); }

void check_output(const std::string& output, const RunOptions& o) {
  std::error_code ignored;
  if (fs::exists(output, ignored)) {
    if (fs::equivalent(output, o.experiment, ignored))
      throw InputError(output + ": is the experiment itself; choose another --output");
    if (!fs::is_regular_file(output, ignored))
      throw InputError(output + ": is not a file; --output takes the name of a file");
    if (!o.overwrite && !o.resume)
      throw InputError(output + ": exists already; --overwrite replaces it, --output names another");
  }
  check_folder(output, o.output.empty() ? fs::absolute(output).parent_path() : fs::path());
}

void check_stats(const RunOptions& o, const std::vector<std::string>& outputs) {
  if (o.stats.empty() || o.stats == "-") return;
  const auto place = [](const std::string& file) {  // not through the file itself: /dev/stdout leads nowhere
    const fs::path path = fs::absolute(file);
    std::error_code ignored;
    return fs::weakly_canonical(path.parent_path(), ignored) / path.filename();
  };
  const auto same = [&](const std::string& other) {
    std::error_code ignored;
    return fs::equivalent(o.stats, other, ignored) || place(o.stats) == place(other);
  };
  if (same(o.experiment)) throw InputError(o.stats + ": is the experiment itself; choose another --stats");
  for (const std::string& output : outputs)
    if (same(output)) throw InputError(o.stats + ": is a file of the results too; choose another --stats");
  std::error_code ignored;
  if (fs::is_directory(o.stats, ignored))
    throw InputError(o.stats + ": is a folder; --stats takes the name of a file, or - for standard output");
  if (!fs::exists(o.stats, ignored))
    check_folder(o.stats, o.output.empty() ? fs::absolute(outputs.front()).parent_path() : fs::path());
  else if (access(o.stats.c_str(), W_OK) != 0)
    throw InputError(fmt::format("{}: cannot be written: {}", o.stats, std::strerror(errno)));
}

}  // namespace volley::cli
