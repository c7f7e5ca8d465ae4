// SPDX-License-Identifier: Apache-2.0
#include <learning/build.h>
#include <network/error.h>

#include <fmt/format.h>

#include <algorithm>

namespace volley::learning {

template <class Real>
std::vector<Part> trained_parts(const Experiment& e, const Network<Real>& network, const LearningSpec& l) {
  std::vector<Part> out;
  std::vector<bool> reached(e.populations.size(), l.trains.empty());
  for (std::size_t k = 0; k < e.projections.size(); ++k) {
    Part part = network.weights(k);
    const bool chosen =
        l.trains.empty() || std::find(l.trains.begin(), l.trains.end(), e.projections[k].name) != l.trains.end();
    part.trains = part.trains && chosen;
    if (chosen) reached[e.projections[k].to.population] = true;
    out.push_back(part);
  }
  for (std::size_t k = 0; k < e.populations.size(); ++k)
    for (std::size_t v = 0; v < network.layers()[k].trained.size(); ++v) {
      Part part = network.trained(k, v);
      part.trains = part.trains && reached[k];
      out.push_back(part);
    }
  return out;
}

template <class Real>
std::string name_of_part(const Experiment& e, const Network<Real>& network, std::size_t index) {
  if (index < e.projections.size()) return e.projections[index].name;
  index -= e.projections.size();
  for (std::size_t k = 0; k < e.populations.size(); ++k)
    for (std::size_t v = 0; v < network.layers()[k].trained.size(); ++v)
      if (index-- == 0)
        return fmt::format("{}.{}", e.populations[k].name, e.populations[k].neuron().unit->trained[v].name);
  throw InternalError("a part of no name");
}

template std::vector<Part> trained_parts(const Experiment&, const Network<float>&, const LearningSpec&);
template std::vector<Part> trained_parts(const Experiment&, const Network<double>&, const LearningSpec&);
template std::string name_of_part(const Experiment&, const Network<float>&, std::size_t);
template std::string name_of_part(const Experiment&, const Network<double>&, std::size_t);

}  // namespace volley::learning
