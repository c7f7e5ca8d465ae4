// SPDX-License-Identifier: Apache-2.0
// From a file to experiments: parse, override, load plugins, then read every point of the sweep.
#include <experiment/datasets.h>
#include <experiment/files.h>
#include <experiment/load.h>
#include <experiment/overrides.h>
#include <experiment/sections.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>

namespace volley {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string_view> top_keys{
    "volley",   "seed",        "duration", "phases",      "tick",     "plugins", "engine",
    "datasets", "populations", "memories", "projections", "learning", "record",  "sweep"};

std::string read_file(const std::string& file) {
  std::error_code error;
  if (!fs::exists(file, error)) throw InputError({file, 0, 0, {}}, "there is no such file");
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in || fs::is_directory(file, error))
    throw InputError({file, 0, 0, {}}, "cannot be read; an experiment file is expected");
  return text.str();
}

std::vector<fs::path> folders(const char* variable) {
  std::vector<fs::path> out;
  const char* value = std::getenv(variable);
  std::istringstream list(value ? value : "");
  for (std::string folder; std::getline(list, folder, ':');)
    if (!folder.empty()) out.emplace_back(folder);
  return out;
}

void apply_set(Node& root, const std::string& set) {
  const Where where{"--set " + set, 0, 0, {}};
  const std::size_t equals = set.find('=');
  if (equals == set.npos || equals == 0)
    throw InputError(where, "path=value is expected, such as populations.E.size=100");
  Node value = parse_document(set.substr(equals + 1), where.file, false);
  if (value.null()) value.where = where;
  override_path(root, set.substr(0, equals), value, where);
}

void check_top(const Node& root, const std::string& file) {
  if (root.null()) throw InputError({file, 1, 1, {}}, "the file is empty; an experiment begins with `volley: 1`");
  const Keys keys(root, "an experiment", top_keys);
  const Node& version = keys.at("volley", "the version of the format, 1");
  if (!version.scalar() || version.text != "1")
    throw InputError(version.where, fmt::format("found {}; this version reads format 1", version.found()));
  if (const Node* n = root.find("memories")) later(n->where, "memories", "the only memory is ideal; remove the key");
}

// A plugin's path: relative to the experiment file, then in the folders of VOLLEY_PLUGIN_PATH.
std::vector<PluginUse> load_plugins(const Node& root, const fs::path& folder, Registry& registry) {
  std::vector<PluginUse> out;
  const Node* list = root.find("plugins");
  if (!list || list->null() || (list->list() && list->items.empty())) return out;
  for (const Node* n : scalars(*list, "a file, or a list of files")) {
    std::vector<fs::path> places{folder};
    for (const auto& more : folders("VOLLEY_PLUGIN_PATH")) places.push_back(more);
    std::string looked, found;
    for (const fs::path& place : places) {
      std::error_code error;
      const fs::path path = place / n->text;
      if (found.empty() && fs::is_regular_file(path, error))
        found = fs::absolute(path).string();  // dlopen searches bare names
      looked += (looked.empty() ? "" : ", ") + path.string();
    }
    if (found.empty())
      throw InputError(n->where, fmt::format("the plugin '{}' does not exist; looked for {}", n->text, looked));
    out.push_back(registry.load(found, n->where));
    out.back().path = n->text;
  }
  return out;
}

void read_tick(Scope& scope, const Node& root, Node& resolved) {
  const Node* tick = root.find("tick");
  const Node* populations = root.find("populations");
  if (!populations) throw InputError(root.where, "an experiment needs `populations`");
  if (!any_clocked(scope.registry, *populations)) {
    if (tick) throw InputError(tick->where, "no population is clocked, so that a tick means nothing; remove it");
    return;
  }
  scope.experiment.tick = tick ? read_time(*tick, 0.0, 1) : from_ms(0.1);
  scope.tick_ms = to_ms(scope.experiment.tick);
  resolved["tick"] = tick ? *tick : Node::of("0.1 ms");
}

Experiment read_point(const Node& root, const Experiment& start, const Registry& registry, const Files& files,
                      const LoadOptions& options) {
  Experiment e = start;
  Scope scope{e, registry, files, fs::path(e.file).parent_path(), {}};
  scope.data.assign(options.data.begin(), options.data.end());
  for (const auto& more : folders("VOLLEY_DATA")) scope.data.push_back(more);
  Node resolved;
  resolved["volley"] = Node::of("1");
  if (const Node* seed = root.find("seed")) {
    const std::uint64_t written = read_seed(*seed);
    if (!options.seed) e.seed = written;
  }
  resolved["seed"] = Node::of(std::to_string(e.seed));
  read_tick(scope, root, resolved);
  const Node none;
  const auto section = [&](const char* key) -> const Node& {
    const Node* n = root.find(key);
    return n ? *n : none;
  };
  if (const Node& plugins = section("plugins"); !plugins.null()) resolved["plugins"] = plugins;
  read_engine(scope, section("engine"), resolved["engine"]);
  if (root.find("datasets")) read_datasets(scope, section("datasets"), resolved["datasets"]);
  read_phases(scope, root, resolved);
  read_populations(scope, section("populations"), resolved["populations"]);
  read_projections(scope, section("projections"), resolved["projections"]);
  if (root.find("learning")) read_learning(scope, section("learning"), resolved["learning"]);
  const Node& record = section("record");
  if (!e.learns()) read_record(scope, record, resolved["record"]);
  else if (!record.null()) read_trial_record(scope, record, resolved["record"]);
  check_learning(scope, root);
  e.resolved = to_yaml(resolved);
  return e;
}

std::uint64_t drawn_seed() { return std::random_device{}(); }

}  // namespace

std::vector<SweepPoint> load(const std::string& file, Registry& registry, const LoadOptions& options) {
  Experiment start;
  start.file = file;
  start.name = fs::path(file).stem().string();
  start.source = read_file(file);
  Node root = parse_document(start.source, file);
  check_top(root, file);
  for (const std::string& set : options.set) apply_set(root, set);
  set_paths(root, "");
  check_top(root, file);
  start.seed = options.seed ? *options.seed : drawn_seed();
  start.plugins = load_plugins(root, fs::path(file).parent_path(), registry);
  const auto files = make_files();

  std::vector<SweepPoint> points;
  const Node* sweep = root.find("sweep");
  const std::vector<Node::Entry> axes = sweep ? sweep->entries : std::vector<Node::Entry>{};
  if (sweep && !sweep->map() && !sweep->null())
    throw InputError(sweep->where, fmt::format("found {}; sweep is a map {{path: [values]}}", sweep->found()));
  std::size_t count = 1;
  for (const Node::Entry& axis : axes) {
    for (const char* key : {"plugins", "sweep"})
      if (axis.key.substr(0, axis.key.find('.')) == key)
        throw InputError(axis.where, fmt::format("`{}` cannot be swept", key));
    const auto has_threads = [](const Node& engine) { return engine.find("threads") != nullptr; };
    if (axis.key == "engine.threads" || (axis.key == "engine" && std::ranges::any_of(axis.value.items, has_threads)))
      throw InputError(axis.where, "`engine.threads` cannot be swept: the points share the threads, and no result "
                                   "depends on them");
    if (axis.key == "seed" && options.seed)
      throw InputError(axis.where, "the sweep sets the seed, and so does --seed; leave one out");
    if (!axis.value.list() || axis.value.items.empty())
      throw InputError(axis.value.where, fmt::format("found {}; a list of the values that {} takes is expected",
                                                     axis.value.found(), axis.key));
    if ((count *= axis.value.items.size()) > 100'000)
      throw InputError(sweep->where, "the grid has more than 100,000 points");
  }
  std::erase_if(root.entries, [](const Node::Entry& e) { return e.key == "sweep"; });
  for (std::size_t k = 0; k < count; ++k) {
    SweepPoint point;
    Node tree = root;
    for (std::size_t rest = k, stride = count, i = 0; i < axes.size(); ++i) {
      stride /= axes[i].value.items.size();
      const Node& value = axes[i].value.items[rest / stride];
      rest %= stride;
      override_path(tree, axes[i].key, value, axes[i].where);
      point.values.emplace_back(axes[i].key, to_flow_yaml(value));
    }
    set_paths(tree, "");
    check_top(tree, file);
    point.experiment = read_point(tree, start, registry, *files, options);
    points.push_back(std::move(point));
  }
  return points;
}

}  // namespace volley
