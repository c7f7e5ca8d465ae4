// SPDX-License-Identifier: Apache-2.0
// `tie: name` and `tie_transposed: name` of dense projections: they share the weights of another one.
#include <experiment/sections.h>

#include <fmt/format.h>

#include <algorithm>

namespace volley {

void read_tie(const Keys& keys, ProjectionSpec& p, Node& resolved) {
  const Node* same = keys.find("tie");
  const Node* transposed = keys.find("tie_transposed");
  if (!same && !transposed) return;
  const Node& n = same ? *same : *transposed;
  const char* key = same ? "tie" : "tie_transposed";
  if (p.connect.rule != Connect::Rule::dense)
    throw InputError(n.where, fmt::format("`{}` belongs to the connection `dense`", key));
  if (same && transposed)
    throw InputError(transposed->where, "`tie` and `tie_transposed` both given; it is one of them");
  for (const char* other : {"weight", "trainable"})
    if (const Node* x = keys.find(other))
      throw InputError(x->where, fmt::format("`{}` shares those of another projection; leave `{}` out", key, other));
  p.tie = ProjectionSpec::Tie{.name = read_text(n, "the name of a projection"), .transposed = !same, .where = n.where};
  resolved[key] = n;
}

void find_ties(Experiment& e) {
  std::vector<std::string> names;
  for (const ProjectionSpec& p : e.projections)
    if (p.connect.rule == Connect::Rule::dense && !p.tie) names.push_back(p.name);
  for (ProjectionSpec& p : e.projections) {
    if (!p.tie) continue;
    if (std::find(names.begin(), names.end(), p.tie->name) == names.end())
      unknown(p.tie->where, p.tie->name, "a dense projection with weights of its own", names);
    const auto of = std::find_if(e.projections.begin(), e.projections.end(),
                                 [&](const auto& q) { return q.name == p.tie->name; });
    const bool turned = p.tie->transposed;
    if (p.from.count != (turned ? of->to : of->from).count || p.to.count != (turned ? of->from : of->to).count)
      throw InputError(p.tie->where,
                       fmt::format("{} is {} x {}; the {}weights of {} are {} x {}", p.name, p.from.count, p.to.count,
                                   turned ? "transposed " : "", of->name, (turned ? of->to : of->from).count,
                                   (turned ? of->from : of->to).count));
    p.tie->projection = static_cast<std::size_t>(of - e.projections.begin());
    p.trainable = of->trainable;
  }
}

}  // namespace volley
