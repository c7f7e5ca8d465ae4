// SPDX-License-Identifier: Apache-2.0
// A YAML file as a tree in which every node knows its place. Scalars stay text: their reader knows what they mean.
#pragma once

#include <network/error.h>
#include <volley/time.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace volley {

struct Node {
  enum class Kind : std::uint8_t { null, scalar, list, map };
  struct Entry;

  Kind kind = Kind::null;
  std::string text;            // of a scalar
  std::vector<Node> items;     // of a list
  std::vector<Entry> entries;  // of a map, in the file's order
  Where where;

  bool null() const { return kind == Kind::null; }
  bool scalar() const { return kind == Kind::scalar; }
  bool list() const { return kind == Kind::list; }
  bool map() const { return kind == Kind::map; }

  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
  // The value of a key, made where the map (or null) has none.
  Node& operator[](std::string_view key);

  static Node of(std::string scalar);
  static Node map_of(std::string_view key, Node value);

  // "a list", "the map {..}", "'1.5 ms'": what was found, for messages.
  std::string found() const;
};

struct Node::Entry {
  std::string key;
  Node value;
  Where where;  // of the key
};

// Parses one document. `origin` names it in messages: a file, or "--set path=value" (then without lines).
// Throws InputError for what is not UTF-8 or no text, syntax errors, duplicate keys, tags, several documents and
// anchors that refer to themselves.
Node parse_document(const std::string& text, const std::string& origin, bool lines = true);

// Sets the paths of a tree: "populations.E.size", list items by index.
void set_paths(Node&, const std::string& path);

std::string to_yaml(const Node&);       // block style, ends in a newline
std::string to_flow_yaml(const Node&);  // one line

}  // namespace volley
