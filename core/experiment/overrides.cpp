// SPDX-License-Identifier: Apache-2.0
// Walks the tree along a path; where names hold dots, the longest one that fits is meant.
#include <experiment/overrides.h>
#include <experiment/registry.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace volley {
namespace {

using Parts = std::vector<std::string>;

Parts split(const std::string& path) {
  Parts out(1);
  for (const char c : path) {
    if (c == '.') out.emplace_back();
    else out.back() += c;
  }
  return out;
}

// The names of the items of a list: a projection's or a phase's own, or "from->to" as it would be named.
std::string name_of(const Node& item) {
  if (item.scalar()) return item.text;
  const Node* body = item.entries.size() == 1 ? &item.entries[0].value : &item;  // {simulate: {name: ..}}
  if (const Node* name = body->find("name")) return name->text;
  const Node* from = item.find("from");
  const Node* to = item.find("to");
  return from && to && from->scalar() && to->scalar() ? from->text + "->" + to->text : "";
}

std::vector<std::string> names_of(const Node& list) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    std::string name = name_of(list.items[i]);
    const auto same = std::count_if(list.items.begin(), list.items.begin() + static_cast<std::ptrdiff_t>(i),
                                    [&](const Node& other) { return name_of(other) == name; });
    if (same > 0 && !name.empty()) name += "#" + std::to_string(same + 1);
    out.push_back(std::move(name));
  }
  return out;
}

// All paths of a tree, for the nearest one.
void collect(const Node& n, const std::string& stem, std::vector<std::string>& out) {
  if (out.size() > 20'000) return;
  const std::string dot = stem.empty() ? "" : stem + ".";
  for (const Node::Entry& e : n.entries) {
    out.push_back(dot + e.key);
    collect(e.value, out.back(), out);
  }
  const auto names = names_of(n);
  for (std::size_t i = 0; i < n.items.size(); ++i) {
    if (n.items[i].scalar()) continue;
    collect(n.items[i], dot + std::to_string(i), out);
    if (!names[i].empty()) collect(n.items[i], dot + names[i], out);
  }
}

class Override {
 public:
  Override(const Node& root, const std::string& path, const Node& value, const Where& where)
      : root_(root), path_(path), parts_(split(path)), value_(value), where_(where) {}

  void apply(Node& n, std::size_t at) const {
    if (at == parts_.size()) {
      n = value_;
      return;
    }
    if (n.list()) return apply_to_items(n, at);
    if (n.scalar()) {
      // `neuron: lif` has nothing inside; the choice `synapse: fatigue` has its parameters: {fatigue: {}}.
      if (n.text != parts_[at]) fail();
      n = Node::map_of(n.text, {});
    }
    // Names may hold dots ("hidden.0"): the longest key that fits is meant.
    for (std::size_t end = parts_.size(); end > at; --end)
      if (Node* child = n.find(join(at, end))) return apply(*child, end);
    // Nothing inside a population that does not exist, and no new population.
    if (at == 1 && parts_[0] == "populations") fail();
    if (at == 0 && parts_.size() > 1 && parts_[0] != "engine" && parts_[0] != "record") fail();
    Node& made = n[join(at, at + 1)];
    n.entries.back().where = where_;
    made.where = where_;
    apply(made, at + 1);
  }

 private:
  std::string join(std::size_t from, std::size_t to) const {
    return fmt::format("{}", fmt::join(parts_.begin() + static_cast<std::ptrdiff_t>(from),
                                       parts_.begin() + static_cast<std::ptrdiff_t>(to), "."));
  }

  void apply_to_items(Node& list, std::size_t at) const {
    if (parts_[at] == "*") {
      for (Node& item : list.items) apply(item, at + 1);
      if (list.items.empty()) fail();
      return;
    }
    const auto names = names_of(list);
    for (std::size_t end = parts_.size(); end > at; --end)
      for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == join(at, end) || (end == at + 1 && std::to_string(i) == parts_[at]))
          return apply(list.items[i], end);
    fail();
  }

  [[noreturn]] void fail() const {
    std::vector<std::string> all;
    collect(root_, "", all);
    std::string near = nearest_name(path_, all);
    if (near.empty()) {  // nothing is near as a whole: the deepest place that exists
      for (const std::string& p : all)
        if (path_.starts_with(p + ".") && p.size() > near.size()) near = p;
    }
    throw InputError(where_, fmt::format("the path '{}' matches nothing; {}", path_,
                                         near.empty() ? "paths begin with a key of the file, such as populations"
                                                      : "the nearest is " + near));
  }

  const Node& root_;
  const std::string& path_;
  Parts parts_;
  const Node& value_;
  const Where& where_;
};

}  // namespace

void override_path(Node& root, const std::string& path, const Node& value, const Where& where) {
  const Node before = root;
  Override(before, path, value, where).apply(root, 0);
}

}  // namespace volley
