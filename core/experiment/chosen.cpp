// SPDX-License-Identifier: Apache-2.0
#include <experiment/chosen.h>

#include <fmt/format.h>

#include <algorithm>

namespace volley {

std::vector<Chosen> choose(const Node& n, std::string_view kind, const std::vector<std::string>& all) {
  std::vector<Chosen> written;
  if (n.map()) {
    for (const Node::Entry& e : n.entries) written.push_back({e.key, e.where, &e.value});
  } else if (!n.null()) {
    for (const Node* name : scalars(n, fmt::format("a list of names, or {{name: {{options}}}} for {},", kind)))
      written.push_back({name->text, name->where, nullptr});
  }
  std::vector<Chosen> out;
  for (const Chosen& w : written) {
    if (w.name != "*") {
      out.push_back(w);
      continue;
    }
    for (const std::string& name : all)
      if (std::none_of(written.begin(), written.end(), [&](const Chosen& x) { return x.name == name; }))
        out.push_back({name, w.where, w.options});
  }
  return out;
}

}  // namespace volley
