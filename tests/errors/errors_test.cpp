// SPDX-License-Identifier: Apache-2.0
// One golden file for each error of a user: cases/NAME.yaml is refused with exactly the text of cases/NAME.expected
// (without the folder's name), by the loader or, where only the built network can tell, when it is built. A line
// "# set: path=value" in the case is a --set of the command. What the command line itself gets wrong:
// test_command_line.py. VOLLEY_GOLDEN=update writes the expected files anew; read the difference before committing it.
#include <engine/simulation.h>
#include <experiment/files.h>
#include <experiment/load.h>
#include <learning/training.h>
#include <network/error.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace {
namespace fs = std::filesystem;

const fs::path folder = fs::path(VOLLEY_SOURCE_DIR) / "tests/errors/cases";

std::string read(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> sets_of(const std::string& yaml) {
  std::vector<std::string> out;
  std::istringstream in(yaml);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("# set: ")) out.push_back(line.substr(7));
  return out;
}

// The message, without the folder; empty when the file was accepted.
std::string refusal(const fs::path& yaml) {
  volley::Registry registry(volley::enrolled);
  std::string message;
  try {
    const auto points = volley::load(yaml.string(), registry, {.set = sets_of(read(yaml)), .seed = 1});
    const auto files = volley::make_files();
    for (const volley::SweepPoint& p : points)
      if (p.experiment.learns()) volley::Training{p.experiment};
      else volley::Simulation(p.experiment, *files);
  } catch (const volley::InputError& e) {
    message = e.what();
  }
  const std::string prefix = folder.string() + "/";
  for (std::size_t at; (at = message.find(prefix)) != message.npos;) message.erase(at, prefix.size());
  return message;
}

class Errors : public testing::TestWithParam<std::string> {};

TEST_P(Errors, AreToldExactly) {
  const fs::path yaml = folder / (GetParam() + ".yaml");
  const fs::path expected = folder / (GetParam() + ".expected");
  const std::string message = refusal(yaml);
  ASSERT_NE(message, "") << yaml << " was accepted";
  const char* golden = std::getenv("VOLLEY_GOLDEN");
  if (golden && std::string(golden) == "update") std::ofstream(expected) << message << '\n';
  EXPECT_EQ(message + "\n", read(expected));
}

std::vector<std::string> cases() {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".yaml") out.push_back(entry.path().stem().string());
  std::sort(out.begin(), out.end());
  return out;
}

INSTANTIATE_TEST_SUITE_P(, Errors, testing::ValuesIn(cases()), [](const auto& p) { return p.param; });

TEST(ErrorCases, CoverTheGrammar) { EXPECT_GE(cases().size(), 40u); }

TEST(ErrorCases, HaveNoOrphans) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".expected") continue;
    fs::path yaml = entry.path();
    EXPECT_TRUE(fs::exists(yaml.replace_extension(".yaml"))) << entry.path();
  }
}

}  // namespace
