// SPDX-License-Identifier: Apache-2.0
// The parser of yaml-cpp gives events with marks; this builds the tree from them. yaml-cpp's own nodes drop the marks
// of keys and keep duplicate keys silently.
#include <experiment/document.h>
#include <experiment/text.h>

#include <fmt/format.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/emitter.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <unordered_map>

namespace volley {
namespace {

constexpr std::size_t max_nodes = 100'000;  // aliases of aliases grow exponentially

std::size_t count(const Node& n) {
  std::size_t total = 1;
  for (const Node& i : n.items) total += count(i);
  for (const Node::Entry& e : n.entries) total += count(e.value);
  return total;
}

class Builder final : public YAML::EventHandler {
 public:
  Builder(const std::string& origin, bool lines) : origin_(origin), lines_(lines) {}

  Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& m, YAML::anchor_t a) override { add(node(Node::Kind::null, m), a); }
  void OnScalar(const YAML::Mark& m, const std::string& tag, YAML::anchor_t a, const std::string& text) override {
    refuse_tag(m, tag);
    Node n = node(Node::Kind::scalar, m);
    n.text = text;
    if (std::any_of(text.begin(), text.end(), is_control))
      throw InputError(n.where, n.found() + " holds a control character; remove it");
    add(std::move(n), a);
  }
  void OnAlias(const YAML::Mark& m, YAML::anchor_t a) override {
    const auto it = anchors_.find(a);
    if (it == anchors_.end()) throw InputError(where(m), "an alias inside its own anchor");
    Node copy = it->second;
    if ((nodes_ += count(copy)) > max_nodes) throw InputError(where(m), "the aliases expand to too many values");
    add(std::move(copy), YAML::NullAnchor);
  }
  void OnSequenceStart(const YAML::Mark& m, const std::string& tag, YAML::anchor_t a,
                       YAML::EmitterStyle::value) override {
    refuse_tag(m, tag);
    open_.push_back({node(Node::Kind::list, m), a, {}, false, {}});
  }
  void OnMapStart(const YAML::Mark& m, const std::string& tag, YAML::anchor_t a, YAML::EmitterStyle::value) override {
    refuse_tag(m, tag);
    open_.push_back({node(Node::Kind::map, m), a, {}, false, {}});
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override {
    merge(open_.back());
    close();
  }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor;
    Node key;
    bool has_key;
    std::unordered_map<std::string, int> lines;  // of the keys so far
  };

  // What the parser reports where nothing is written: "?" of plain values, "!" of quoted ones, "" of others.
  void refuse_tag(const YAML::Mark& m, const std::string& tag) const {
    if (tag.empty() || tag == "?" || tag == "!") return;
    constexpr std::string_view core = "tag:yaml.org,2002:";
    const std::string written = tag.starts_with(core) ? "!!" + tag.substr(core.size()) : tag;
    throw InputError(where(m), fmt::format("the tag '{}' has no meaning here; write the value without a tag", written));
  }

  Where where(const YAML::Mark& m) const {
    return lines_ ? Where{origin_, m.line + 1, m.column + 1, {}} : Where{origin_, 0, 0, {}};
  }
  Node node(Node::Kind kind, const YAML::Mark& m) const {
    Node n;
    n.kind = kind;
    n.where = where(m);
    return n;
  }
  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    add(std::move(done.node), done.anchor);
  }
  void add(Node n, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) anchors_[anchor] = n;
    if (open_.empty()) {
      root_ = std::move(n);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.list()) {
      parent.node.items.push_back(std::move(n));
    } else if (!parent.has_key) {
      if (!n.scalar()) throw InputError(n.where, "a key must be a name; found " + n.found());
      parent.key = std::move(n);
      parent.has_key = true;
    } else {
      add_entry(parent, std::move(n));
      parent.has_key = false;
    }
  }
  static void add_entry(Open& parent, Node n) {
    const auto [first, is_new] = parent.lines.emplace(parent.key.text, parent.key.where.line);
    if (!is_new)
      throw InputError(parent.key.where, fmt::format("the key '{}' is given twice; the first is in line {}",
                                                     brief(first->first), first->second));
    parent.node.entries.push_back({parent.key.text, std::move(n), parent.key.where});
  }
  // YAML 1.1's `<<: *anchor`: entries of another map, unless given here.
  static void merge(Open& open) {
    if (!open.lines.contains("<<")) return;
    Node& map = open.node;
    const auto it = std::find_if(map.entries.begin(), map.entries.end(),
                                 [](const Node::Entry& e) { return e.key == "<<"; });
    const Node from = std::move(it->value);
    map.entries.erase(it);
    if (!from.map()) throw InputError(from.where, "'<<' takes an alias of a map; found " + from.found());
    for (const Node::Entry& e : from.entries)
      if (!open.lines.contains(e.key)) map.entries.push_back(e);
  }

  std::string origin_;
  bool lines_;
  Node root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::size_t nodes_ = 0;
};

void emit(YAML::Emitter& out, const Node& n) {
  switch (n.kind) {
    case Node::Kind::null: out << YAML::Null; break;
    case Node::Kind::scalar: out << n.text; break;
    case Node::Kind::list: {
      const bool flat = std::none_of(n.items.begin(), n.items.end(), [](const Node& i) { return i.map(); });
      if (flat) out << YAML::Flow;
      out << YAML::BeginSeq;
      for (const Node& i : n.items) emit(out, i);
      out << YAML::EndSeq;
      break;
    }
    case Node::Kind::map:
      if (n.entries.empty()) out << YAML::Flow;
      out << YAML::BeginMap;
      for (const Node::Entry& e : n.entries) {
        out << YAML::Key << e.key << YAML::Value;
        emit(out, e.value);
      }
      out << YAML::EndMap;
  }
}

bool indented_by_tab(const std::string& text, int line) {
  std::istringstream in(text);
  std::string s;
  for (int k = 0; k <= line && std::getline(in, s); ++k) {}
  return s.substr(0, s.find_first_not_of(" \t")).find('\t') != s.npos;
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (const Entry& e : entries)
    if (e.key == key) return &e.value;
  return nullptr;
}

Node* Node::find(std::string_view key) { return const_cast<Node*>(std::as_const(*this).find(key)); }

Node& Node::operator[](std::string_view key) {
  if (Node* n = find(key)) return *n;
  kind = Kind::map;
  entries.push_back({std::string(key), {}, where});
  return entries.back().value;
}

Node Node::of(std::string scalar) {
  Node n;
  n.kind = Kind::scalar;
  n.text = std::move(scalar);
  return n;
}

Node Node::map_of(std::string_view key, Node value) {
  Node n;
  n[key] = std::move(value);
  return n;
}

std::string Node::found() const {
  const auto some = [](std::size_t n, const char* what) { return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s"); };
  switch (kind) {
    case Kind::null: return "nothing";
    case Kind::scalar: return "'" + brief(text) + "'";
    case Kind::list: return "a list of " + some(items.size(), "item");
    case Kind::map: break;
  }
  if (entries.empty()) return "an empty map";
  std::string keys;
  for (std::size_t i = 0; i < entries.size() && i < 3; ++i) keys += (i ? ", " : "") + brief(entries[i].key) + ": ..";
  return "the map {" + keys + (entries.size() > 3 ? ", ..}" : "}");
}

Node parse_document(const std::string& text, const std::string& origin, bool lines) {
  check_text(text, lines ? Where{origin, 1, 1, {}} : Where{origin, 0, 0, {}});
  std::istringstream in(text);
  Builder builder(origin, lines);
  try {
    YAML::Parser parser(in);
    if (!parser.HandleNextDocument(builder)) return {};
    Node root = builder.take();
    Builder second(origin, lines);
    if (parser.HandleNextDocument(second))
      throw InputError(second.take().where, "a second YAML document; a file holds one experiment");
    return root;
  } catch (const YAML::DeepRecursion& e) {
    Where where{origin, 0, 0, {}};
    if (lines) where = {origin, e.mark.line + 1, e.mark.column + 1, {}};
    throw InputError(where, "nested too deeply");
  } catch (const YAML::Exception& e) {
    Where where{origin, 0, 0, {}};
    if (lines && !e.mark.is_null()) where = {origin, e.mark.line + 1, e.mark.column + 1, {}};
    throw InputError(where, "not valid YAML: " + e.msg +
                                (indented_by_tab(text, e.mark.line) ? " (YAML indents by spaces, not by tabs)" : ""));
  }
}

void set_paths(Node& n, const std::string& path) {
  n.where.path = path;
  const std::string stem = path.empty() ? "" : path + ".";
  for (std::size_t i = 0; i < n.items.size(); ++i) set_paths(n.items[i], stem + std::to_string(i));
  for (Node::Entry& e : n.entries) {
    e.where.path = path;
    set_paths(e.value, stem + e.key);
  }
}

std::string to_yaml(const Node& n) {
  YAML::Emitter out;
  emit(out, n);
  return std::string(out.c_str()) + "\n";
}

std::string to_flow_yaml(const Node& n) {
  YAML::Emitter out;
  out.SetSeqFormat(YAML::Flow);
  out.SetMapFormat(YAML::Flow);
  emit(out, n);
  return out.c_str();
}

}  // namespace volley
