// SPDX-License-Identifier: Apache-2.0
// volley new: a folder with a model that builds against this volley, an experiment that tests it and a README.
#include <cli/commands.h>
#include <cli/new.h>
#include <network/error.h>

#include <fmt/format.h>

#include <cctype>
#include <filesystem>
#include <fstream>

namespace volley::cli {
namespace {

namespace fs = std::filesystem;

bool is_snake_case(const std::string& name) {
  if (name.empty() || !std::islower(static_cast<unsigned char>(name[0]))) return false;
  for (const char c : name)
    if (!std::islower(static_cast<unsigned char>(c)) && !std::isdigit(static_cast<unsigned char>(c)) && c != '_')
      return false;
  return true;
}

std::string pascal_case(const std::string& name) {
  std::string out;
  bool upper = true;
  for (const char c : name) {
    if (c != '_') out += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    upper = c == '_';
  }
  return out;
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

std::string_view text_of(std::string_view file) {
  for (const Template& t : templates())
    if (t.file == file) return t.text;
  throw InternalError(fmt::format("template {} is missing", file));
}

}  // namespace

int new_model(const std::string& kind, const std::string& name) {
  const ModelKind k = kind_of(kind);
  if (k == ModelKind::loss || k == ModelKind::optimiser || k == ModelKind::modulator || k == ModelKind::learning_rule)
    throw InputError(fmt::format(
        "volley new: writes neurons, synapses, rules and stimulators; for {} {} start from a file of plasticity/{}",
        k == ModelKind::optimiser ? "an" : "a", kind_name(k),
        k == ModelKind::loss ? "losses" : fmt::format("{}s", kind_name(k))));
  if (!is_snake_case(name))
    throw InputError(fmt::format("volley new: '{}' is not a model's name; write it in snake_case, as in "
                                 "my_{}: lower-case letters, digits and _",
                                 name, kind_name(k)));
  if (const Model* m = Registry(enrolled).find(k, name))
    throw InputError(fmt::format("volley new: there is a {} '{}' already ({}); choose another name", kind_name(k), name,
                                 m->file));
  if (fs::exists(name))
    throw InputError(fmt::format("volley new: '{}' exists already; choose another name or remove it", name));

  const fs::path executable = fs::read_symlink("/proc/self/exe");
  const fs::path folder = executable.parent_path();
  const std::string prefix = (folder.filename() == "bin" ? folder.parent_path() : folder).string();
  const auto write = [&](const std::string& to, std::string_view from) {
    std::string text(text_of(from));
    replace_all(text, "my_model", name);
    replace_all(text, "MyModel", pascal_case(name));
    replace_all(text, "MY_KIND", kind_name(k));
    replace_all(text, "VOLLEY_PREFIX", prefix);
    replace_all(text, "VOLLEY_COMMAND", executable.string());
    std::ofstream out(fs::path(name) / to);
    out << text;
    if (!out.flush()) throw InputError(fmt::format("volley new: {}/{} cannot be written", name, to));
  };
  std::error_code error;
  if (!fs::create_directory(name, error))
    throw InputError(fmt::format("volley new: folder '{}' cannot be made: {}", name, error.message()));
  write("CMakeLists.txt", "CMakeLists.txt");
  write(name + ".cpp", fmt::format("{}.cpp", kind_name(k)));
  write(name + ".yaml", fmt::format("{}.yaml", kind_name(k)));
  write("README.md", "README.md");
  fmt::print("{0}/{0}.cpp   the model\n{0}/{0}.yaml  an experiment that tests it\n"
             "{0}/README.md   three commands that build and run it\n", name);
  return done;
}

}  // namespace volley::cli
