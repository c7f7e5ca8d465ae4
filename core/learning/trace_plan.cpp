// SPDX-License-Identifier: Apache-2.0
// Which layers have traces, what they cost, and what they leave out.
#include <learning/slopes.h>
#include <learning/traces.h>
#include <network/error.h>

#include <fmt/format.h>

#include <cmath>

namespace volley::learning {
namespace {

template <class Real>
bool projects_to_itself(const Network<Real>& net, std::size_t layer) {
  const auto& p = net.projections();
  return std::any_of(p.begin(), p.end(), [&](const Dense& d) { return d.from == layer && d.to == layer; });
}

// Whether any derivative of the unit's tick by a state before it is other than 0, at some points far apart.
template <class Real>
bool unit_remembers(const Layer& l) {
  std::vector<Real> room, zeros;
  Slopes<Real> slopes(l, room, zeros);
  const std::size_t n = l.size, states = l.unit->states;
  double at = 0.3;
  const auto points = [&](std::size_t count) {
    std::vector<Real> x(count);
    for (Real& v : x) v = static_cast<Real>(2.0 * std::sin(at += 1.7));
    return x;
  };
  std::vector<Real> trained;
  for (std::size_t v = 0; v < l.trained.size(); ++v) {
    const std::vector<Real> other = points(n);  // it may come to any value
    for (std::size_t i = 0; i < n; ++i) trained.push_back(l.trains[v] ? other[i] : static_cast<Real>(l.trained[v][i]));
  }
  for (int k = 0; k < 8; ++k) {
    slopes.find(trained.data(), points(states * n).data(), points(l.unit->ports * n).data());
    for (std::size_t r = 0; r <= states; ++r)
      for (std::size_t s = 0; s < states; ++s)
        if (std::any_of(slopes.at(r, s), slopes.at(r, s) + n, [](Real x) { return x != 0; })) return true;
  }
  return false;
}

}  // namespace

std::size_t TraceLayer::rows() const {
  std::size_t n = 0;
  for (const TraceRows& w : what) n += w.rows;
  return n;
}

template <class Real>
bool remembers(const Network<Real>& net, std::size_t layer) {
  return projects_to_itself(net, layer) || unit_remembers<Real>(net.layers()[layer]);
}

template <class Real>
std::vector<TraceLayer> plan_traces(const Network<Real>& net, const std::vector<Part>& trains,
                                    Credit::Jacobian jacobian) {
  std::vector<TraceLayer> out;
  std::size_t at = net.projections().size();  // the parts of variables follow those of projections
  for (std::size_t l = 0; l < net.layers().size(); ++l) {
    const std::size_t first = at;
    at += net.layers()[l].trained.size();
    if (!net.layers()[l].unit || !remembers(net, l)) continue;
    TraceLayer t{.layer = l};
    for (std::size_t k = 0; k < net.projections().size(); ++k) {
      const Dense& p = net.projections()[k];
      if (p.to != l) continue;
      if (trains[k].trains) t.what.push_back({true, k, net.layers()[p.from].size, trains[k]});
      if (p.kind.patches && (trains[k].trains || p.from == l))
        throw InputError(fmt::format("{}: {} remembers, and traces are of weights that belong to one pair of units, "
                                     "which those of a convolution do not; `bptt` trains it, `trainable: false` "
                                     "leaves it as it is",
                                     p.name, net.layers()[l].name));
      if (p.from == l && jacobian != Credit::Jacobian::diagonal) {
        t.own.push_back(k);
        t.longest = std::max(t.longest, p.delay);
      }
    }
    for (std::size_t v = 0; first + v < at; ++v)
      if (trains[first + v].trains) t.what.push_back({false, v, 1, trains[first + v]});
    t.full = !t.own.empty();
    if (t.what.empty()) continue;
    if (net.layers()[l].unit->pools)
      throw InputError(fmt::format("{}: its units hear their whole layer, for which there are no traces; `bptt` "
                                   "trains it",
                                   net.layers()[l].name));
    out.push_back(std::move(t));
  }
  return out;
}

template <class Real>
double trace_bytes(const Network<Real>& net, const std::vector<TraceLayer>& plan) {
  double bytes = 0.0;
  for (const TraceLayer& t : plan) {
    const Layer& l = net.layers()[t.layer];
    const auto numbers = static_cast<double>(t.rows() * l.size);
    bytes += numbers * sizeof(Real) *
             static_cast<double>(t.full ? (l.unit->states + t.longest) * l.size : l.unit->states);
  }
  return bytes;
}

template <class Real>
double trace_operations(const Network<Real>& net, const std::vector<TraceLayer>& plan) {
  double count = 0.0;
  for (const TraceLayer& t : plan) {
    const Layer& l = net.layers()[t.layer];
    const auto n = static_cast<double>(l.size), states = static_cast<double>(l.unit->states);
    const double numbers = static_cast<double>(t.rows()) * n, own = static_cast<double>(t.own.size());
    count += numbers * (t.full ? n * (own * n + (states + 1) * (states + own) + 1) : (states + 1) * (states + 1));
  }
  return count;
}

template <class Real>
std::string trace_remainder(const Network<Real>& net, const std::vector<Part>& trains, Credit::Jacobian jacobian,
                            std::size_t loss) {
  const std::vector<bool> sees = net.seen_by(loss);
  std::vector<bool> learns(net.layers().size());
  std::size_t at = net.projections().size();
  for (std::size_t k = 0; k < at; ++k)
    if (trains[k].trains) learns[net.projections()[k].to] = true;
  for (std::size_t l = 0; l < learns.size(); ++l)
    for (std::size_t v = 0; v < net.layers()[l].trained.size(); ++v)
      if (trains[at++].trains) learns[l] = true;
  const auto name = [&](std::size_t layer) { return net.layers()[layer].name; };
  for (std::size_t l = 0; l < learns.size(); ++l) {
    if (!learns[l] || !sees[l]) continue;
    if (jacobian == Credit::Jacobian::diagonal && projects_to_itself(net, l))
      return fmt::format("the diagonal jacobian leaves out the projection of {} to itself", name(l));
    std::vector<bool> visited(learns.size());
    std::vector<std::size_t> open{l};
    while (!open.empty()) {  // all that a change of this layer goes through
      const std::size_t from = open.back();
      open.pop_back();
      for (const Dense& p : net.projections()) {
        if (p.from != from || p.to == from || !sees[p.to]) continue;
        if (p.delay > 0) return fmt::format("the projection {} after {} has a delay", p.name, name(l));
        if (remembers(net, p.to)) return fmt::format("{} after {} has memory", name(p.to), name(l));
        if (!visited[p.to]) visited[p.to] = true, open.push_back(p.to);
      }
    }
  }
  return {};
}

#define VOLLEY_TRACE_PLAN(Real)                                                                                        \
  template bool remembers(const Network<Real>&, std::size_t);                                                          \
  template std::vector<TraceLayer> plan_traces(const Network<Real>&, const std::vector<Part>&, Credit::Jacobian);      \
  template double trace_bytes(const Network<Real>&, const std::vector<TraceLayer>&);                                   \
  template double trace_operations(const Network<Real>&, const std::vector<TraceLayer>&);                              \
  template std::string trace_remainder(const Network<Real>&, const std::vector<Part>&, Credit::Jacobian, std::size_t);
VOLLEY_TRACE_PLAN(float)
VOLLEY_TRACE_PLAN(double)
#undef VOLLEY_TRACE_PLAN

}  // namespace volley::learning
