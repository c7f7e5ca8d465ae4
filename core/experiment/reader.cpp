// SPDX-License-Identifier: Apache-2.0
// Maps with known keys, choices, files, indices and views.
#include <experiment/reader.h>
#include <experiment/text.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>

namespace volley {
namespace {

// "3" or "0..9"; nullopt when it is neither.
std::optional<std::pair<std::uint64_t, std::uint64_t>> parse_range(std::string_view text) {
  const auto number = [](std::string_view s) -> std::optional<std::uint64_t> {
    std::uint64_t x = 0;
    const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), x);
    if (s.empty() || error != std::errc{} || end != s.data() + s.size()) return std::nullopt;
    return x;
  };
  const std::size_t dots = text.find("..");
  const auto first = number(text.substr(0, dots));
  const auto last = dots == text.npos ? first : number(text.substr(dots + 2));
  if (!first || !last) return std::nullopt;
  return std::pair{*first, *last};
}

IndexRange checked_range(const Node& n, std::string_view text, std::uint32_t count) {
  const auto r = parse_range(text);
  if (!r)
    throw InputError(n.where, fmt::format("found '{}'; an index or a range such as 0..9 is expected", brief(text)));
  if (r->first > r->second) throw InputError(n.where, fmt::format("the range {} is empty", text));
  if (r->second >= count)
    throw InputError(n.where, fmt::format("{} goes beyond the last index, {}", text, count - 1));
  return {static_cast<std::uint32_t>(r->first), static_cast<std::uint32_t>(r->second)};
}

}  // namespace

Keys::Keys(const Node& n, std::string what, std::vector<std::string_view> known) : node_(n), what_(std::move(what)) {
  if (!n.map() && !n.null())
    throw InputError(n.where,
                     fmt::format("found {}; {} is a map with the keys {}", n.found(), what_, fmt::join(known, ", ")));
  for (const Node::Entry& e : n.entries)
    if (std::find(known.begin(), known.end(), e.key) == known.end())
      unknown(e.where, e.key, "a key of " + what_, {known.begin(), known.end()});
}

const Node& Keys::at(std::string_view key, std::string_view hint) const {
  const Node* n = node_.find(key);
  if (!n)
    throw InputError(node_.where,
                     fmt::format("{} needs `{}`{}", what_, key, hint.empty() ? "" : fmt::format(": {}", hint)));
  return *n;
}

Choice read_choice(const Node& n, std::string_view what) {
  if (n.scalar() && !n.text.empty()) return {n.text, n.where, nullptr};
  if (n.map() && n.entries.size() == 1) return {n.entries[0].key, n.entries[0].where, &n.entries[0].value};
  throw InputError(n.where, fmt::format("found {}; {} is a name, or {{name: {{parameters}}}}", n.found(), what));
}

void unknown(const Where& where, std::string_view found, std::string_view what, const std::vector<std::string>& known) {
  const std::string near = nearest_name(found, known);
  std::string hint = "there is none";
  if (!near.empty()) hint = "did you mean " + near + "?";
  else if (!known.empty()) hint = fmt::format("there {}: {}", known.size() == 1 ? "is" : "are", fmt::join(known, ", "));
  throw InputError(where, fmt::format("'{}' is not {}; {}", brief(found), what, hint));
}

void later(const Where& where, std::string_view found, std::string_view instead) {
  throw InputError(where, fmt::format("'{}' comes in a later version; {}", brief(found), instead));
}

void read_only_value(const Keys& keys, const char* key, std::string_view value, Node& resolved) {
  if (const Node* n = keys.find(key); n && n->text != value)
    later(n->where, fmt::format("{}: {}", key, n->scalar() ? n->text : n->found()),
          fmt::format("write {}: {}", key, value));
  resolved[key] = Node::of(std::string(value));
}

void at_place(const Where& where, const std::function<void()>& read) {
  try {
    read();
  } catch (const InputError& e) {
    throw InputError(where, e.what());
  } catch (const BadParameter& e) {
    throw InputError(where, e.what());
  }
}

std::string find_file(const Scope& scope, const Node& n) {
  const std::filesystem::path wanted = read_text(n, "the name of a file");
  if (n.text.size() > 1000)
    throw InputError(n.where, fmt::format("found {}; a name of {} bytes is of no file", n.found(), n.text.size()));
  std::vector<std::filesystem::path> folders{scope.folder};
  folders.insert(folders.end(), scope.data.begin(), scope.data.end());
  std::string looked;
  for (const auto& folder : folders) {
    const auto path = folder / wanted;  // an absolute name stays as it is
    std::error_code error;
    if (std::filesystem::is_regular_file(path, error)) return path.string();
    looked += (looked.empty() ? "" : ", ") + path.string();
    if (wanted.is_absolute()) break;
  }
  throw InputError(n.where, fmt::format("the file '{}' does not exist; looked for {}", wanted.string(), looked));
}

std::vector<IndexRange> read_ranges(const Node& n, std::uint32_t count) {
  if (n.scalar() && n.text == "all") return {{0, count - 1}};
  std::vector<IndexRange> out;
  for (const Node* item : scalars(n, "an index, a range such as 0..9, a list of them, or all"))
    out.push_back(checked_range(*item, item->text, count));
  std::sort(out.begin(), out.end());
  for (std::size_t k = 1; k < out.size(); ++k)
    if (out[k].first <= out[k - 1].second)
      throw InputError(n.where, fmt::format("the index {} is given twice", out[k].first));
  return out;
}

std::vector<std::uint32_t> read_indices(const Node& n, std::uint32_t count) {
  constexpr std::uint64_t most = 10'000'000;
  const std::vector<IndexRange> ranges = read_ranges(n, count);
  std::uint64_t total = 0;
  for (const auto& [first, last] : ranges) total += std::uint64_t{last} - first + 1;
  if (total > most)
    throw InputError(n.where,
                     fmt::format("{} indices; {} may be chosen one by one, and `all` takes any number", total, most));
  std::vector<std::uint32_t> out;
  out.reserve(total);
  for (const auto& [first, last] : ranges)
    for (std::uint64_t i = first; i <= last; ++i) out.push_back(static_cast<std::uint32_t>(i));
  return out;
}

std::vector<const Node*> scalars(const Node& n, std::string_view what) {
  std::vector<const Node*> out;
  if (n.scalar()) out.push_back(&n);
  for (const Node& i : n.items) out.push_back(&i);
  for (const Node* i : out)
    if (!i->scalar() || i->text.empty())
      throw InputError(i->where, fmt::format("found {}; {} is expected", i->found(), what));
  if (out.empty()) throw InputError(n.where, fmt::format("found {}; {} is expected", n.found(), what));
  return out;
}

std::vector<std::size_t> find_populations(const Scope& scope, const std::string& name, const Where& where) {
  const auto& populations = scope.experiment.populations;
  std::vector<std::size_t> out;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < populations.size(); ++i) {
    if (populations[i].name == name) return {i};
    if (scope.families[i] == name) out.push_back(i);
    names.push_back(populations[i].name);
  }
  if (out.empty()) unknown(where, name, "a population", names);
  return out;
}

View read_view(const Scope& scope, const Node& n) {
  std::string_view text = read_text(n, "the name of a population");
  std::string_view range;
  if (const auto bracket = text.find('['); bracket != text.npos && text.ends_with(']')) {
    range = text.substr(bracket + 1, text.size() - bracket - 2);
    text = text.substr(0, bracket);
  }
  const auto found = find_populations(scope, std::string(text), n.where);
  if (found.size() > 1)
    throw InputError(n.where,
                     fmt::format("{} has {} layers; name one of them, such as {}.0", text, found.size(), text));
  const std::uint32_t size = scope.experiment.populations[found[0]].size;
  if (range.empty()) return {found[0], 0, size};
  const auto [first, last] = checked_range(n, range, size);
  return {found[0], first, last - first + 1};
}

}  // namespace volley
