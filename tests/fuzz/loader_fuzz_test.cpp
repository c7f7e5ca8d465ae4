// SPDX-License-Identifier: Apache-2.0
// Thousands of damaged experiments, the same ones every time: each is accepted, or refused as a user's error with its
// place. The damage is done to the shipped experiments, the test experiments of the models and the golden error cases;
// what it found became a case of tests/errors. A file that crashes or hangs stays behind as fuzz.yaml in the temporary
// folder; VOLLEY_FUZZ=n makes n other ones.
#include <experiment/load.h>
#include <network/error.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <regex>
#include <sstream>
#include <typeinfo>

namespace {
namespace fs = std::filesystem;

struct Source {
  fs::path file;
  std::string text;
};

std::vector<Source> files_of(std::initializer_list<const char*> folders) {
  std::vector<Source> out;
  const fs::path root(VOLLEY_SOURCE_DIR);
  for (const char* folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (entry.path().extension() != ".yaml") continue;
      std::ostringstream text;
      text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      out.push_back({entry.path(), text.str()});
    }
  }
  std::sort(out.begin(), out.end(), [](const Source& a, const Source& b) { return a.file < b.file; });
  return out;
}

std::string repeated(std::string_view what, std::size_t times) {
  std::string out;
  while (times-- > 0) out += what;
  return out;
}

// Ten times ten times .. an alias of the one before.
std::string laughs() {
  std::string out = "\nl0: &l0 [a, a, a, a, a, a, a, a, a, a]\n";
  for (int k = 1; k < 10; ++k)
    out += "l" + std::to_string(k) + ": &l" + std::to_string(k) + " [" +
           repeated("*l" + std::to_string(k - 1) + ", ", 9) + "1]\n";
  return out;
}

// Values that a scalar is swapped for.
const std::vector<std::string>& absurd() {
  static const std::vector<std::string> all = {"",
                                               "''",
                                               "~",
                                               "null",
                                               "-1",
                                               "0",
                                               "-0",
                                               "1",
                                               "0.5",
                                               "1e308",
                                               "-1e308",
                                               "1e400",
                                               "1e-400",
                                               ".nan",
                                               "nan",
                                               ".inf",
                                               "-.inf",
                                               "4294967295",
                                               "4294967296",
                                               "18446744073709551615",
                                               "18446744073709551616",
                                               "-9223372036854775808",
                                               "9223372036854775807",
                                               "0x10",
                                               "1_000",
                                               "1e9 ms",
                                               "1e300 ms",
                                               "-1 ms",
                                               "1 ps",
                                               "0 ms",
                                               "0.1 ps",
                                               "100 days",
                                               "1e9 s",
                                               "2 ticks",
                                               "4294967295 ticks",
                                               "1 parsec",
                                               "1e300 mV",
                                               "\xCE\xBC\x56",
                                               "\xE2\x88\x9E",
                                               "\xF0\x9F\xA6\x8B",
                                               "\xFF\xFE",
                                               "\xC3",
                                               "true",
                                               "yes",
                                               "[]",
                                               "{}",
                                               "[[[]]]",
                                               "[1, 2]",
                                               "{a: 1}",
                                               "{: }",
                                               "{? a : b}",
                                               "*",
                                               "*nobody",
                                               "&a",
                                               "&a [*a]",
                                               "!!int 1",
                                               "!!binary aGk=",
                                               "!Unknown {}",
                                               "|",
                                               ">",
                                               "|\n  a",
                                               "\"\\u0000\"",
                                               "\"\\x\"",
                                               "\"",
                                               "'",
                                               "#",
                                               "- -",
                                               "? ",
                                               "<<",
                                               "{<<: 1}",
                                               "{<<: {a: 1}}",
                                               "...",
                                               "---",
                                               "%YAML 9.9",
                                               "@",
                                               "`",
                                               "0..4294967295",
                                               "5..1",
                                               "0..",
                                               "E[0..4294967295]",
                                               "E[]",
                                               "E[",
                                               "*",
                                               "all",
                                               "..",
                                               "../..",
                                               "/",
                                               "/dev",
                                               "change",
                                               "start",
                                               "lif",
                                               "stdp",
                                               "poisson",
                                               "izhikevich",
                                               "spikes",
                                               "one_to_one",
                                               "values",
                                               "{values: []}",
                                               "{values: [1 mV, .nan]}",
                                               "{uniform: [1 mV, -1 mV]}",
                                               "{normal: [0 mV, -1 mV]}",
                                               "{lognormal: [0 mV, 0 mV]}",
                                               "{uniform: [-1e308 mV, 1e308 mV]}",
                                               "{column: {}}",
                                               "{column: {file: edges.csv, name: weight}}",
                                               "{exponential: 0 ms}",
                                               "{gamma: [1e308, 1e308]}",
                                               "{lif: {}}",
                                               "\t",
                                               "a\tb",
                                               "a\x01",
                                               "\x7F",
                                               std::string("a\0b", 3),
                                               std::string(20'000, 'x'),
                                               std::string(5'000, '9'),
                                               std::string(300, '9') + " ms",
                                               repeated("[", 3'000),
                                               repeated("{a: ", 600),
                                               repeated("[", 400) + repeated("]", 400)};
  return all;
}

class Mutator {
 public:
  Mutator(const std::vector<Source>& sources, std::uint64_t seed) : sources_(sources), random_(seed) {}

  std::string damage(std::string text) {
    for (std::size_t n = 1 + below(3); n > 0; --n) once(text);
    return text;
  }

 private:
  // Not std::uniform_int_distribution, which is another one in another library.
  std::size_t below(std::size_t n) { return n == 0 ? 0 : random_() % n; }
  template <class T>
  const T& one_of(const std::vector<T>& v) { return v[below(v.size())]; }

  void once(std::string& text) {
    const std::size_t at = below(text.size() + 1);
    switch (below(16)) {
      case 0: if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8))); break;
      case 1: text.insert(at, 1, static_cast<char>(below(256))); break;
      case 2: text.erase(at, 1 + below(4)); break;
      case 3: lines(text, 0); break;
      case 4: lines(text, 1); break;
      case 5: lines(text, 2); break;
      case 6: lines(text, 3); break;
      case 7: text.resize(at); break;
      case 8: text += laughs(); break;
      case 9: text += text; break;
      case 10: text.insert(0, "\xEF\xBB\xBF"); break;
      case 11: swap_token(text, one_of(tokens(one_of(sources_).text)).second); break;
      default: swap_token(text, one_of(absurd())); break;
    }
  }

  // Deletes, doubles, exchanges or indents a line.
  void lines(std::string& text, int how) {
    std::vector<std::string> all;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) all.push_back(line + "\n");
    if (all.empty()) return;
    const auto at = all.begin() + static_cast<std::ptrdiff_t>(below(all.size()));
    if (how == 0) all.erase(at);
    else if (how == 1) all.insert(at, std::string(*at));
    else if (how == 2) std::swap(*at, all[below(all.size())]);
    else at->insert(0, below(2) ? "  " : "\t");
    text.clear();
    for (const std::string& line : all) text += line;
  }

  // Places and texts of the words between YAML's own marks.
  static std::vector<std::pair<std::size_t, std::string>> tokens(const std::string& text) {
    std::vector<std::pair<std::size_t, std::string>> out;
    for (std::size_t at = 0; (at = text.find_first_not_of(" ,:[]{}\n", at)) != text.npos;) {
      const std::size_t end = std::min(text.find_first_of(",:[]{}\n", at), text.size());
      out.emplace_back(at, text.substr(at, end - at));
      at = end;
    }
    if (out.empty()) out.emplace_back(0, "");
    return out;
  }

  void swap_token(std::string& text, const std::string& by) {
    const auto [at, token] = one_of(tokens(text));
    text.replace(at, token.size(), by);
  }

  const std::vector<Source>& sources_;
  std::mt19937_64 random_;
};

std::string shown(const std::string& text) { return text.size() < 3'000 ? text : text.substr(0, 3'000) + "..."; }

TEST(Loader, TellsEveryDamagedFileApart) {
  const std::vector<Source> correct = files_of({"experiments", "tests/models"}),
                            refused = files_of({"tests/errors/cases"});
  ASSERT_GT(correct.size(), 30u);
  ASSERT_GT(refused.size(), 150u);
  std::vector<Source> sources = correct;
  sources.insert(sources.end(), refused.begin(), refused.end());
  const char* more = std::getenv("VOLLEY_FUZZ");
  const std::size_t cases = more ? std::strtoull(more, nullptr, 10) : 6'000;
  const fs::path file = fs::path(testing::TempDir()) / "fuzz.yaml";
  const std::regex place(R"(^:[1-9]\d*:[1-9]\d*: )");
  volley::Registry registry(volley::enrolled);
  Mutator mutator(sources, more ? std::random_device{}() : 2);
  std::size_t accepted = 0, wrong = 0;
  for (std::size_t k = 0; k < cases && wrong < 10; ++k) {
    const std::vector<Source>& half = k % 2 ? refused : correct;  // what is correct reaches deeper
    const Source& source = half[k / 2 % half.size()];
    const std::string text = mutator.damage(source.text);
    fs::remove(file);  // not truncated: ext4 would wait for the disk
    std::ofstream(file, std::ios::binary) << text;
    std::string why;
    try {
      volley::load(file.string(), registry, {.set = {}, .seed = 1, .data = {source.file.parent_path().string()}});
      ++accepted;
    } catch (const volley::InputError& e) {
      const std::string what = e.what();
      if (!what.starts_with(file.string()) ||
          !std::regex_search(what.begin() + static_cast<std::ptrdiff_t>(file.string().size()), what.end(), place))
        why = "no place: " + what;
      else if (std::any_of(what.begin(), what.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }))
        why = "unprintable: " + what;
      else if (what.size() > 4'000)
        why = "a message of " + std::to_string(what.size()) + " bytes: " + shown(what);
    } catch (const std::exception& e) {
      why = std::string(typeid(e).name()) + ": " + e.what();
    }
    if (why.empty()) continue;
    ++wrong;
    ADD_FAILURE() << source.file << ", case " << k << ": " << why << "\n" << shown(text);
  }
  fs::remove(file);
  RecordProperty("accepted", static_cast<int>(accepted));
  std::cout << accepted << " of " << cases << " were still correct\n";
  EXPECT_GT(accepted, cases / 50);  // the damage leaves something to look at
  EXPECT_LT(accepted, cases / 2);
}

}  // namespace
