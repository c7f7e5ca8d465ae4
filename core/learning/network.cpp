// SPDX-License-Identifier: Apache-2.0
// Forward and backward pass. Layers that lie on a common loop run tick by tick together; all others one after another,
// each for the whole trial.
#include <learning/network.h>
#include <network/error.h>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/strong_components.hpp>
#include <boost/graph/topological_sort.hpp>

#include <algorithm>

namespace volley::learning {

template <class Real>
Network<Real>::Network(std::vector<Layer> layers, std::vector<Dense> projections)
    : layers_(std::move(layers)), projections_(std::move(projections)), trained_(layers_.size()) {
  const auto take = [this](std::size_t count, bool trains) {
    const Part b{size_, count, trains};
    size_ += count;
    return b;
  };
  for (const Dense& p : projections_) {
    const std::size_t n = layers_[p.from].size, m = layers_[p.to].size;
    if (p.kind.patches && (p.kind.patches->from.size() != n || p.kind.patches->to().size() != m))
      throw InternalError("patches of other layers than the projection's");
    maps_.push_back(make_map<Real>(p.kind, n, m));
    weights_.push_back(take(p.kind.weights(n, m), p.trains && !p.kind.pool()));
  }
  for (std::size_t k = 0; k < layers_.size(); ++k)
    for (std::size_t v = 0; v < layers_[k].trained.size(); ++v)
      trained_[k].push_back(take(layers_[k].size, layers_[k].trains[v]));
  find_components();
}

template <class Real>
void Network<Real>::find_components() {
  using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;
  Graph all(layers_.size()), now(layers_.size());
  for (const Dense& p : projections_) {
    add_edge(p.from, p.to, all);
    if (p.delay == 0) add_edge(p.from, p.to, now);
  }
  std::vector<std::size_t> order, component(layers_.size());
  try {
    topological_sort(now, std::back_inserter(order));
  } catch (const boost::not_a_dag&) {
    std::string names;
    for (const Dense& p : projections_)
      if (p.delay == 0) names += (names.empty() ? "" : ", ") + p.name;
    throw InputError("a loop of projections without delay: " + names + "; one of the loop needs 1 tick or more");
  }
  std::reverse(order.begin(), order.end());
  const std::size_t count =
      strong_components(all, boost::make_iterator_property_map(component.begin(), get(boost::vertex_index, all)));
  components_.resize(count);
  const auto place = [&](std::size_t layer) -> Component& {
    return components_[count - 1 - component[layer]];
  };  // sources first
  for (const std::size_t layer : order) place(layer).layers.push_back(layer);
  for (std::size_t k = 0; k < projections_.size(); ++k) {
    const Dense& p = projections_[k];
    auto& c = place(p.to);
    (component[p.from] == component[p.to] ? c.inner : c.outer).push_back(k);
  }
}

template <class Real>
std::vector<Part> Network<Real>::parts() const {
  std::vector<Part> out = weights_;
  for (const auto& layer : trained_) out.insert(out.end(), layer.begin(), layer.end());
  return out;
}

template <class Real>
std::vector<Real> Network<Real>::initial() const {
  std::vector<Real> theta;
  const auto append = [&](const std::vector<double>& values) {
    for (const double x : values) theta.push_back(static_cast<Real>(x));
  };
  for (const Dense& p : projections_) append(p.weights);
  for (const Layer& l : layers_)
    for (const auto& v : l.trained) append(v);
  if (theta.size() != size_) throw InternalError("initial values of another size than the network");
  tie(theta.data());
  return theta;
}

template <class Real>
std::size_t Network<Real>::longest_delay() const {
  std::size_t most = 0;
  for (const Dense& p : projections_) most = std::max(most, p.delay);
  return most;
}

template <class Real>
std::vector<bool> Network<Real>::seen_by(std::size_t layer) const {
  std::vector<bool> out(layers_.size());
  out[layer] = true;
  for (bool more = true; more;) {
    more = false;
    for (const Dense& p : projections_)
      if (out[p.to] && !out[p.from]) out[p.from] = more = true;
  }
  return out;
}

template <class Real>
std::size_t Network<Real>::trial_bytes(std::size_t ticks, std::size_t past) const {
  std::size_t numbers = 0;
  for (const Layer& l : layers_) {
    numbers += (past + ticks) * l.size;  // y
    if (l.unit) numbers += (ticks + (ticks + 1) * l.unit->states + 2 * ticks * l.unit->ports) * l.size;
  }
  std::size_t lists = 0;  // of the inputs that are active, of one projection after another
  for (const Dense& d : projections_)
    if (binary(d.from) && !d.kind.patches) lists = std::max(lists, ticks * layers_[d.from].size);
  return numbers * sizeof(Real) + lists * sizeof(std::uint32_t);
}

template <class Real>
void Network<Real>::prepare(Trial<Real>& trial, std::size_t ticks, std::vector<std::size_t> lengths,
                            std::size_t past) const {
  trial.ticks = ticks;
  trial.first = 0;
  trial.past = past;
  trial.lengths = std::move(lengths);
  trial.layers.resize(layers_.size());
  const std::size_t lanes = trial.lanes();
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    const Layer& l = layers_[k];
    Activity& a = trial.layers[k];
    a.y.assign((past + ticks) * lanes * l.size, Real(0));
    a.dy.assign(l.unit ? ticks * lanes * l.size : 0, Real(0));
    if (!l.unit) continue;
    a.state.resize((ticks + 1) * lanes * l.unit->states * l.size);
    std::fill_n(a.state.begin(), lanes * l.unit->states * l.size, Real(0));
    a.in.resize(ticks * lanes * l.unit->ports * l.size);
    a.din.resize(a.in.size());
  }
}

template <class Real>
void Network<Real>::advance(Trial<Real>& trial, std::size_t ticks, bool carry) const {
  const std::size_t lanes = trial.lanes(), done = trial.ticks;
  trial.first += done;
  trial.ticks = ticks;
  const auto move = [&](std::vector<Real>& x, std::size_t from, std::size_t rows, std::size_t row) {
    std::copy_n(x.begin() + static_cast<std::ptrdiff_t>(from * row), rows * row, x.begin());
    if (!carry) std::fill_n(x.begin(), rows * row, Real(0));
  };
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    const Layer& l = layers_[k];
    Activity& a = trial.layers[k];
    move(a.y, done, trial.past, lanes * l.size);
    a.y.resize(trial.past * lanes * l.size);
    a.y.resize((trial.past + ticks) * lanes * l.size);
    if (!l.unit) continue;
    a.dy.assign(ticks * lanes * l.size, Real(0));
    move(a.state, done, 1, lanes * l.unit->states * l.size);
    a.state.resize((ticks + 1) * lanes * l.unit->states * l.size);
    a.in.resize(ticks * lanes * l.unit->ports * l.size);
    a.din.resize(a.in.size());
  }
}

template <class Real>
LaneRows<Real> Network<Real>::outputs(const Dense& p, Trial<Real>& trial, std::size_t begin, std::size_t ticks) const {
  const std::size_t n = layers_[p.from].size, lanes = trial.lanes();
  return {trial.layers[p.from].y.data() + (trial.past + begin - p.delay) * lanes * n, ticks * lanes, n};
}

template <class Real>
LaneRows<Real> Network<Real>::inputs(const Dense& p, Trial<Real>& trial, std::vector<Real> Activity::*what,
                                 std::size_t begin, std::size_t ticks) const {
  const std::size_t m = layers_[p.to].size, row = ports(p.to) * m, lanes = trial.lanes();
  return {(trial.layers[p.to].*what).data() + begin * lanes * row + p.port * m, ticks * lanes, row};
}

// What a projection adds to the inputs of its target in ticks first .. first + ticks - 1.
template <class Real>
void Network<Real>::transmit(const Real* theta, std::size_t projection, Trial<Real>& trial, std::size_t first,
                             std::size_t ticks) const {
  const Dense& p = projections_[projection];
  const std::size_t begin = std::max(first + trial.past, p.delay) - trial.past, end = first + ticks;
  if (begin >= end) return;
  maps_[projection]->forward(theta + weights_[projection].first, outputs(p, trial, begin, end - begin), binary(p.from),
                             inputs(p, trial, &Activity::in, begin, end - begin), trial.scratch);
}

// dL/dy of the source, from the target's ticks first .. first + ticks - 1.
template <class Real>
void Network<Real>::transmit_back(const Transposed& transposed, std::size_t projection, Trial<Real>& trial,
                                  std::size_t first, std::size_t ticks) const {
  const Dense& p = projections_[projection];
  if (!layers_[p.from].unit || transposed[projection].empty()) return;
  const std::size_t begin = std::max(first, p.delay), end = first + ticks;
  if (begin >= end) return;
  const std::size_t n = layers_[p.from].size, lanes = trial.lanes();
  Real* dx = trial.layers[p.from].dy.data() + (begin - p.delay) * lanes * n;
  maps_[projection]->backward(transposed[projection].data(), inputs(p, trial, &Activity::din, begin, end - begin),
                              {dx, (end - begin) * lanes, n}, trial.scratch);
}

template <class Real>
void Network<Real>::weight_gradient(std::size_t projection, Trial<Real>& trial, Real* gradient) const {
  const Dense& p = projections_[projection];
  const std::size_t begin = std::max(trial.past, p.delay) - trial.past;
  if (!p.trains || begin >= trial.ticks) return;
  const std::size_t ticks = trial.ticks - begin;
  maps_[projection]->gradient(outputs(p, trial, begin, ticks), binary(p.from),
                              inputs(p, trial, &Activity::din, begin, ticks), gradient + weights_[projection].first,
                              trial.scratch);
}

namespace {

template <class Real>
void multiply(std::size_t n, const Real* mask, Real* x) {
  for (std::size_t i = 0; i < n; ++i) x[i] *= mask[i];
}

}  // namespace

template <class Real>
void Network<Real>::step(const Real* theta, std::size_t layer, Trial<Real>& trial, std::size_t tick) const {
  const Layer& l = layers_[layer];
  Activity& a = trial.layers[layer];
  const std::size_t lanes = trial.lanes(), states = l.unit->states * l.size, in = l.unit->ports * l.size;
  const Real* trained = trained_[layer].empty() ? nullptr : theta + trained_[layer][0].first;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const std::size_t at = tick * lanes + lane;
    const Real* before = a.state.data() + at * states;
    Real* after = a.state.data() + (at + lanes) * states;
    Real* y = a.y.data() + (trial.past * lanes + at) * l.size;
    if (trial.first + tick < trial.lengths[lane]) {
      l.unit->loops.of<Real>().forward(l.parameters->at(0), l.size, trained, before, a.in.data() + at * in, after, y);
      if (!a.mask.empty()) multiply(l.size, a.mask.data() + lane * l.size, y);
    } else {
      std::copy_n(before, states, after);
    }
  }
}

template <class Real>
void Network<Real>::step_back(const Real* theta, std::size_t layer, Trial<Real>& trial, std::size_t tick, Real* dstate,
                              Real* gradient) const {
  const Layer& l = layers_[layer];
  Activity& a = trial.layers[layer];
  const std::size_t lanes = trial.lanes(), states = l.unit->states * l.size, in = l.unit->ports * l.size;
  const std::size_t first = first_trained(layer);
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const std::size_t at = tick * lanes + lane;
    Real* dy = a.dy.data() + at * l.size;
    if (trial.first + tick < trial.lengths[lane]) {
      if (!a.mask.empty()) multiply(l.size, a.mask.data() + lane * l.size, dy);  // from now on of y before the mask
      l.unit->loops.of<Real>().backward(l.parameters->at(0), l.size, theta + first, a.state.data() + at * states,
                                     a.in.data() + at * in, dy, dstate + lane * states, a.din.data() + at * in,
                                     gradient + first);
    } else {
      std::fill_n(a.din.data() + at * in, in, Real(0));
    }
  }
}

template <class Real>
void Network<Real>::forward(const Real* theta, Trial<Real>& trial) const {
  for (const Component& c : components_) {
    if (!layers_[c.layers[0]].unit) continue;
    for (const std::size_t layer : c.layers) {
      Activity& a = trial.layers[layer];
      std::fill(a.in.begin(), a.in.end(), Real(0));
    }
    for (const std::size_t p : c.outer) transmit(theta, p, trial, 0, trial.ticks);
    for (std::size_t t = 0; t < trial.ticks; ++t)
      for (const std::size_t layer : c.layers) {
        for (const std::size_t p : c.inner)
          if (projections_[p].to == layer) transmit(theta, p, trial, t, 1);
        step(theta, layer, trial, t);
      }
  }
}

template <class Real>
void Network<Real>::transpose(const Real* theta, std::size_t projection, std::vector<Real>& out) const {
  maps_[projection]->turn(theta + weights_[projection].first, out);
}

template <class Real>
void Network<Real>::transpose(const Real* theta, Transposed& out) const {
  out.resize(projections_.size());
  for (std::size_t k = 0; k < projections_.size(); ++k)
    if (layers_[projections_[k].from].unit) transpose(theta, k, out[k]);
}

template <class Real>
void Network<Real>::backward(const Real* theta, const Transposed& transposed, Trial<Real>& trial,
                             Real* gradient) const {
  for (auto c = components_.rbegin(); c != components_.rend(); ++c) {
    if (!layers_[c->layers[0]].unit) continue;
    std::vector<std::size_t> first;  // of each layer's part of dstate
    std::size_t total = 0;
    for (const std::size_t layer : c->layers) {
      first.push_back(total);
      total += trial.lanes() * layers_[layer].unit->states * layers_[layer].size;
    }
    trial.dstate.assign(total, Real(0));
    for (std::size_t t = trial.ticks; t-- > 0;)
      for (std::size_t k = c->layers.size(); k-- > 0;) {
        step_back(theta, c->layers[k], trial, t, trial.dstate.data() + first[k], gradient);
        for (const std::size_t p : c->inner)
          if (projections_[p].to == c->layers[k]) transmit_back(transposed, p, trial, t, 1);
      }
    for (const std::size_t p : c->outer) transmit_back(transposed, p, trial, 0, trial.ticks);
    for (const std::size_t p : c->inner) weight_gradient(p, trial, gradient);
    for (const std::size_t p : c->outer) weight_gradient(p, trial, gradient);
  }
}

template class Network<float>;
template class Network<double>;

}  // namespace volley::learning
