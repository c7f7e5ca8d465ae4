// SPDX-License-Identifier: Apache-2.0
// CLI11 tells what it missed; this tells the user what was found and what would be accepted.
#include <cli/usage.h>
#include <experiment/registry.h>
#include <network/error.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

namespace volley::cli {
namespace {

// "did you mean --seed?", or all that there is.
std::string hint(const std::string& word, const std::vector<std::string>& names) {
  const std::string near = nearest_name(word, names);
  return near.empty() ? fmt::format("there are: {}", fmt::join(names, ", ")) : "did you mean " + near + "?";
}

std::vector<std::string> options_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* o : command.get_options())
    for (const std::string& name : o->get_lnames()) names.push_back("--" + name);
  return names;
}

[[noreturn]] void refuse_word(const CLI::App& command, const std::string& name, const std::string& word) {
  if (word.size() > 1 && word[0] == '-') {
    const std::string option = word.substr(0, word.find('='));
    throw InputError(fmt::format("{}: '{}' is not an option; {}", name, option, hint(option, options_of(command))));
  }
  std::vector<std::string> arguments;
  for (const CLI::Option* o : command.get_options())
    if (o->get_positional()) arguments.push_back(o->get_name());
  throw InputError(fmt::format("{}: '{}' is one argument too many; {}", name, word,
                               arguments.empty() ? "it takes none"
                                                 : fmt::format("it takes {}", fmt::join(arguments, " "))));
}

}  // namespace

void check_first_word(const CLI::App& app, int argc, char** argv) {
  std::vector<std::string> names;
  for (const CLI::App* c : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(c->get_name());
  if (argc < 2) throw InputError(fmt::format("volley: a command is missing; there are: {}", fmt::join(names, ", ")));
  const std::string word = argv[1];
  if (!word.starts_with('-')) {
    if (std::find(names.begin(), names.end(), word) != names.end()) return;
    throw InputError(fmt::format("volley: '{}' is not a command; {}", word, hint(word, names)));
  }
  const std::vector<std::string> own = options_of(app);
  if (word == "-h" || std::find(own.begin(), own.end(), word) != own.end()) return;
  const std::string option = word.substr(0, word.find('=')), near = nearest_name(option, own);
  throw InputError(fmt::format("volley: '{}' is not an option of volley itself; {}", option,
                               near.empty() ? fmt::format("a command comes first: {}", fmt::join(names, ", "))
                                            : "did you mean " + near + "?"));
}

void refuse(const CLI::App& app, const CLI::ParseError& e) {
  const std::vector<CLI::App*> given = app.get_subcommands();
  const CLI::App& command = given.empty() ? app : *given.front();
  const std::string name = given.empty() ? "volley" : "volley " + command.get_name();
  const std::vector<std::string> unknown = app.remaining(true);
  if (!unknown.empty()) refuse_word(command, name, unknown.front());
  const std::string what = e.what();
  for (const CLI::Option* o : command.get_options()) {
    if (o->get_positional() && o->get_required() && o->count() == 0) {
      std::string meaning = o->get_description();
      meaning[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(meaning[0])));
      throw InputError(fmt::format("{} needs {}: {}", name, o->get_name(), meaning));
    }
    if (o->get_items_expected_max() == 0 && what.find(o->get_name() + " ") != what.npos)
      throw InputError(fmt::format("{}: {} takes no value", name, o->get_name()));
    if (o->get_positional() || !what.starts_with(o->get_name() + ":")) continue;
    if (o->count() > 1)
      throw InputError(fmt::format("{}: {} is given {} times; once is enough", name, o->get_name(), o->count()));
    if (o->count() == 0 && o->get_items_expected_min() > 0)
      throw InputError(fmt::format("{}: {} needs a value: {}", name, o->get_name(), o->get_type_name()));
  }
  throw InputError(fmt::format("{}: {}; `{} --help` explains it", name, what, name));
}

}  // namespace volley::cli
