// SPDX-License-Identifier: Apache-2.0
// Texts (UTF-8, plain or gzip) as pieces of equal numbers of tokens: characters, or words. Fields: token, one input for
// each that there is, and next, the token that follows, a label for each tick.
#include <experiment/files.h>
#include <experiment/readers.h>
#include <experiment/text.h>

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace volley {
namespace {

// What training does not have, or too seldom; and the end of a line among words.
constexpr const char* unknown_token = "<unk>";
constexpr const char* end_of_line = "<eos>";

void add_characters(const std::string& text, const std::string& path, std::vector<std::string>& out) {
  for (std::size_t at = 0, n; at < text.size(); at += n) {
    n = utf8_length(text, at);
    if (n == 0)
      throw InputError(
          fmt::format("{}: byte {}: 0x{:02X} is not UTF-8", path, at, static_cast<unsigned char>(text[at])));
    out.push_back(text.substr(at, n));
  }
}

void add_words(const std::string& text, std::vector<std::string>& out) {
  std::string word;
  const auto end = [&] {
    if (!word.empty()) out.push_back(std::move(word));
    word.clear();
  };
  for (const char c : text) {
    const bool space = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (space) end();
    else word += c;
    if (c == '\n') out.emplace_back(end_of_line);
  }
  end();
}

// Cuts tokens into pieces, of which each begins with the target of the one before. Tokens are numbered as they come.
class Pieces {
 public:
  explicit Pieces(std::size_t steps) : steps_(steps) {}

  void add(const std::vector<std::string>& tokens, const std::string& path, std::vector<std::uint32_t>* split) {
    if (tokens.size() < 2) throw InputError(fmt::format("{}: {} tokens; a text has 2 or more", path, tokens.size()));
    std::vector<std::uint32_t> numbers;
    for (const std::string& t : tokens) {
      const auto [it, fresh] = number_.try_emplace(t, static_cast<std::uint32_t>(data.vocabulary.size()));
      if (fresh) data.vocabulary.push_back(t);
      numbers.push_back(it->second);
    }
    const std::size_t count = numbers.size() - 1;
    token.columns.insert(token.columns.end(), numbers.begin(), numbers.end() - 1);
    next.labels.insert(next.labels.end(), numbers.begin() + 1, numbers.end());
    for (std::size_t at = 0; at < count; at += steps_) {
      token.start.push_back(token.start.back() + std::min(steps_, count - at));
      if (split) split->push_back(static_cast<std::uint32_t>(data.samples));
      ++data.samples;
    }
  }

  Dataset data;
  Dataset::Field token{.start = {0}, .binary = true}, next;

 private:
  std::size_t steps_;
  std::unordered_map<std::string, std::uint32_t> number_;
};

}  // namespace

Dataset read_tokens(const Scope& scope, const Node& n, Node& resolved) {
  const Keys keys(n, "text", {"file", "train", "valid", "test", "unit", "steps", "vocabulary"});
  resolved = n;
  const Node* unit = keys.find("unit");
  const std::string kind = unit ? read_text(*unit, "characters or words") : "characters";
  if (kind != "characters" && kind != "words") unknown(unit->where, kind, "a unit of text", {"characters", "words"});
  resolved["unit"] = Node::of(kind);
  Pieces pieces(static_cast<std::size_t>(
      read_integer(keys.at("steps", "the number of tokens of a sample, such as 100"), 1, 1'000'000'000)));
  const auto add = [&](const Node& file, std::vector<std::uint32_t>* split) {
    const std::string path = find_file(scope, file);
    at_place(file.where, [&] {
      const std::string text = read_unpacked(path);
      std::vector<std::string> tokens;
      if (kind == "words") add_words(text, tokens);
      else add_characters(text, path, tokens);
      pieces.add(tokens, path, split);
    });
  };
  const Node* whole = keys.find("file");
  if (whole) add(*whole, nullptr);
  for (const char* split : split_names)
    if (const Node* file = keys.find(split)) {
      if (whole) throw InputError(file->where, "a text is one `file`, or a file for each of train, valid and test");
      add(*file, &pieces.data.splits[split]);
    }
  if (pieces.data.samples == 0) throw InputError(n.where, "text needs a `file`, or one for each of train, valid, test");
  pieces.next.start = pieces.token.start;
  pieces.data.fields["token"] = std::move(pieces.token);
  pieces.data.fields["next"] = std::move(pieces.next);
  return std::move(pieces.data);
}

// The vocabulary: the unknown token, then what the training part has, the most frequent first.
void choose_vocabulary(Dataset& d, const Node& n) {
  Dataset::Field &token = d.fields.at("token"), &next = d.fields.at("next");
  if (!d.splits.contains("train"))
    throw InputError(n.where, "the vocabulary is that of the part `train`, which is missing");
  const std::vector<std::string> all = std::move(d.vocabulary);
  std::vector<std::uint64_t> count(all.size());
  for (const std::uint32_t sample : d.splits.at("train"))
    for (std::size_t row = token.start[sample]; row < token.start[sample + 1]; ++row) ++count[token.columns[row]];
  std::vector<std::uint32_t> order;
  for (std::uint32_t k = 0; k < all.size(); ++k)
    if (count[k] > 0 && all[k] != unknown_token) order.push_back(k);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return count[a] != count[b] ? count[a] > count[b] : all[a] < all[b];
  });
  if (const Node* most = n.find("vocabulary")) {
    const auto size = static_cast<std::size_t>(read_integer(*most, 2, 1'000'000'000));
    if (order.size() + 1 > size) order.resize(size - 1);
  }
  d.vocabulary.assign(1, unknown_token);
  std::vector<std::uint32_t> index(all.size());  // 0: unknown
  for (const std::uint32_t k : order) {
    index[k] = static_cast<std::uint32_t>(d.vocabulary.size());
    d.vocabulary.push_back(all[k]);
  }
  for (std::uint32_t& x : token.columns) x = index[x];
  for (std::uint32_t& x : next.labels) x = index[x];
  token.ends.resize(token.columns.size());
  for (std::size_t row = 0; row < token.ends.size(); ++row) token.ends[row] = row + 1;
  token.width = d.vocabulary.size();
  next.classes = static_cast<std::uint32_t>(d.vocabulary.size());
}

}  // namespace volley
