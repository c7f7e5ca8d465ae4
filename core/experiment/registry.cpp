// SPDX-License-Identifier: Apache-2.0
// Models by kind and name, and the nearest name for a typo.
#include <experiment/registry.h>
#include <network/error.h>
#include <volley/comments.h>

#include <algorithm>
#include <cctype>

namespace volley {
namespace {

std::string lower(std::string_view s) {
  std::string out(s);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// Optimal string alignment: insert, delete, replace, swap of neighbours.
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::string_view kind_name(ModelKind kind) {
  switch (kind) {
    case ModelKind::neuron: return "neuron";
    case ModelKind::synapse: return "synapse";
    case ModelKind::rule: return "rule";
    case ModelKind::stimulator: return "stimulator";
    case ModelKind::loss: return "loss";
    case ModelKind::optimiser: return "optimiser";
    case ModelKind::modulator: return "modulator";
    case ModelKind::learning_rule: break;
  }
  return "learning_rule";
}

std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates) {
  const std::string wanted = lower(name);
  const std::size_t limit = wanted.size() < 2 ? 0 : 1 + wanted.size() / 4;  // a letter is a typo of no other
  std::string best;
  if (wanted.size() > 200) return best;
  std::size_t best_distance = limit + 1;
  for (const std::string& c : candidates) {
    if (c.size() > wanted.size() + 200) continue;  // no typo, and the table of the distance would be huge
    const std::string have = lower(c);
    std::size_t d = edit_distance(wanted, have);
    // "tau" for tau_m, "conductance" for conduct: a beginning is near, whatever is missing.
    if (wanted.size() > 1 && have.size() > 1 && (have.starts_with(wanted) || wanted.starts_with(have)))
      d = std::min(d, limit);
    if (d < best_distance) {
      best = c;
      best_distance = d;
    }
  }
  return best;
}

Registry::Registry(const Enrolment* builtin) {
  for (const Enrolment* e = builtin; e; e = e->next) {
    if (find(e->model->kind, e->model->name))
      throw InternalError("two built-in models are called " + std::string(e->model->name));
    if (e->model->comment.empty()) e->model->comment = detail::comment_of(e->model->file);
    models_.push_back(e->model);
  }
}

const Model* Registry::find(ModelKind kind, std::string_view name) const {
  for (const Model* m : models_)
    if (m->kind == kind && m->name == name) return m;
  return nullptr;
}

std::vector<const Model*> Registry::all(ModelKind kind) const {
  std::vector<const Model*> out;
  for (const Model* m : models_)
    if (m->kind == kind) out.push_back(m);
  std::sort(out.begin(), out.end(), [](const Model* a, const Model* b) { return a->name < b->name; });
  return out;
}

std::string Registry::nearest(ModelKind kind, std::string_view name) const {
  std::vector<std::string> names;
  for (const Model* m : all(kind)) names.emplace_back(m->name);
  return nearest_name(name, names);
}

}  // namespace volley
