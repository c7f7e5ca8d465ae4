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
  const bool convolves = p.connect.rule == Connect::Rule::conv2d;
  if (p.connect.rule != Connect::Rule::dense && !(convolves && same))
    throw InputError(n.where, fmt::format("`{}` belongs to the connection `dense`{}", key,
                                          convolves ? "; a convolution shares weights as they are, by `tie`" : ""));
  if (same && transposed)
    throw InputError(transposed->where, "`tie` and `tie_transposed` both given; it is one of them");
  for (const char* other : {"weight", "trainable"})
    if (const Node* x = keys.find(other))
      throw InputError(x->where, fmt::format("`{}` shares those of another projection; leave `{}` out", key, other));
  p.tie = ProjectionSpec::Tie{.name = read_text(n, "the name of a projection"), .transposed = !same, .where = n.where};
  resolved[key] = n;
}

namespace {

std::string weights_text(const ProjectionSpec& p) {
  const auto& c = p.connect.patches;
  return fmt::format("{} x {} x {} x {}", c->channels, c->from.channels, c->down.kernel, c->across.kernel);
}

}  // namespace

void find_ties(Experiment& e) {
  for (ProjectionSpec& p : e.projections) {
    if (!p.tie) continue;
    std::vector<std::string> names;
    for (const ProjectionSpec& q : e.projections)
      if (q.connect.rule == p.connect.rule && !q.tie) names.push_back(q.name);
    if (std::find(names.begin(), names.end(), p.tie->name) == names.end())
      unknown(p.tie->where, p.tie->name,
              fmt::format("a {} projection with weights of its own", p.connect.patches ? "conv2d" : "dense"), names);
    const auto of = std::find_if(e.projections.begin(), e.projections.end(),
                                 [&](const auto& q) { return q.name == p.tie->name; });
    const bool turned = p.tie->transposed;
    if (p.connect.patches) {
      if (weights_text(p) != weights_text(*of))
        throw InputError(p.tie->where, fmt::format("the weights of {} are {}, those of {} are {}", p.name,
                                                   weights_text(p), of->name, weights_text(*of)));
    } else if (p.from.count != (turned ? of->to : of->from).count || p.to.count != (turned ? of->from : of->to).count)
      throw InputError(p.tie->where,
                       fmt::format("{} is {} x {}; the {}weights of {} are {} x {}", p.name, p.from.count, p.to.count,
                                   turned ? "transposed " : "", of->name, (turned ? of->to : of->from).count,
                                   (turned ? of->from : of->to).count));
    p.tie->projection = static_cast<std::size_t>(of - e.projections.begin());
    p.trainable = of->trainable;
  }
}

}  // namespace volley
