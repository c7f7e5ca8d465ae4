// SPDX-License-Identifier: Apache-2.0
#include <learning/slopes.h>
#include <learning/traces.h>
#include <network/error.h>

#include <volley/detail/clones.h>

#include <array>

namespace volley::learning {
namespace {

constexpr std::size_t most_states = 16;

// One row of diagonal traces, and what it gives to the gradient, this tick's own part left out. e: [state][unit]; a
// source sends x.
template <std::size_t fixed, class Real>
VOLLEY_VECTOR_CLONES void advance_row(std::size_t states, std::size_t n, const Real* slopes, std::size_t columns,
                                      std::size_t column, Real x, const Real* signal, Real* e, Real* sum) {
  const std::size_t count = fixed > 0 ? fixed : states;
  const Real* y = slopes + count * columns * n;
#pragma GCC ivdep
  for (std::size_t i = 0; i < n; ++i) {
    std::array<Real, fixed == 0 ? most_states : fixed> old;
    for (std::size_t s = 0; s < count; ++s) old[s] = e[s * n + i];
    Real out = 0;
    for (std::size_t s = 0; s < count; ++s) out += y[s * n + i] * old[s];
    sum[i] += signal[i] * out;
    for (std::size_t s = 0; s < count; ++s) {
      const Real* row = slopes + s * columns * n;
      Real next = row[column * n + i] * x;
      for (std::size_t q = 0; q < count; ++q) next += row[q * n + i] * old[q];
      e[s * n + i] = next;
    }
  }
}

// Full traces of unit i: states and output from the states before and from what the layer sends itself.
template <class Real>
VOLLEY_VECTOR_CLONES void advance_unit(std::size_t states, std::size_t count, const Real* const* a,
                                       const Real* const* b, std::size_t own, const Real* const* reached,
                                       Real* const* e, Real* out, std::size_t i) {
#pragma GCC ivdep
  for (std::size_t k = 0; k < count; ++k) {
    std::array<Real, most_states> old;
    for (std::size_t s = 0; s < states; ++s) old[s] = e[s][k];
    for (std::size_t r = 0; r <= states; ++r) {
      Real next = 0;
      for (std::size_t s = 0; s < states; ++s) next += a[r * states + s][i] * old[s];
      for (std::size_t q = 0; q < own; ++q) next += b[r * own + q][i] * reached[q][k];
      (r < states ? e[r] : out)[k] = next;
    }
  }
}

template <class Real>
const Real* source(const Network<Real>& net, const Trial<Real>& trial, const TraceRows& w, std::size_t tick,
                   std::size_t lane) {
  const Dense& p = net.projections()[w.index];
  const std::size_t at = (trial.past + tick - p.delay) * trial.lanes() + lane;
  return trial.layers[p.from].y.data() + at * net.layers()[p.from].size;
}

}  // namespace

template <class Real>
void Traces<Real>::begin(const Network<Real>& net, const std::vector<TraceLayer>& plan, std::size_t lanes) {
  held_.resize(plan.size());
  for (std::size_t k = 0; k < plan.size(); ++k) {
    const std::size_t n = net.layers()[plan[k].layer].size, states = net.layers()[plan[k].layer].unit->states;
    const std::size_t numbers = plan[k].rows() * n, units = plan[k].full ? n : 1;
    if (states > most_states) throw InternalError("a unit of more than 16 states has no traces");
    held_[k].states.assign(lanes * states * units * numbers, Real(0));
    held_[k].outputs.assign(plan[k].full ? lanes * plan[k].longest * n * numbers : 0, Real(0));
    held_[k].sum.resize(numbers);
  }
}

template <class Real>
void Traces<Real>::follow(const Network<Real>& net, const TraceLayer& what, const Real* theta, Trial<Real>& trial,
                          std::size_t tick, std::size_t lane, Held& held) {
  const Layer& l = net.layers()[what.layer];
  const auto& a = trial.layers[what.layer];
  const std::size_t n = l.size, at = tick * trial.lanes() + lane;
  Slopes<Real> slopes(l, slopes_, zeros_);
  slopes.find(theta + net.first_trained(what.layer), a.state.data() + at * l.unit->states * n,
              a.in.data() + at * l.unit->ports * n);
  Real* e = held.states.data() + lane * what.rows() * l.unit->states * n;
  Real* sum = held.sum.data();
  const Real* signal = a.dy.data() + at * n;
  const auto row = [&](std::size_t column, Real x) {
    const std::size_t states = slopes.states(), columns = slopes.columns();
    const auto advance = states == 1   ? advance_row<1, Real>
                         : states == 2 ? advance_row<2, Real>
                         : states == 3 ? advance_row<3, Real>
                                       : advance_row<0, Real>;
    advance(states, n, slopes.at(0, 0), columns, column, x, signal, e, sum);
    e += states * n;
    sum += n;
  };
  for (const TraceRows& w : what.what) {
    if (!w.weights) {
      row(slopes.of_variable(w.index), Real(1));
      continue;
    }
    const Real* x = source(net, trial, w, tick, lane);
    const std::size_t column = slopes.of_port(net.projections()[w.index].port);
    for (std::size_t j = 0; j < w.rows; ++j) row(column, x[j]);
  }
}

template <class Real>
void Traces<Real>::follow_full(const Network<Real>& net, const TraceLayer& what, const Real* theta, Trial<Real>& trial,
                               std::size_t tick, std::size_t lane, Held& held) {
  const Layer& l = net.layers()[what.layer];
  const auto& a = trial.layers[what.layer];
  const std::size_t n = l.size, states = l.unit->states, at = tick * trial.lanes() + lane;
  const std::size_t numbers = what.rows() * n, own = what.own.size(), now = trial.first + tick;
  Slopes<Real> slopes(l, slopes_, zeros_);
  slopes.find(theta + net.first_trained(what.layer), a.state.data() + at * states * n,
              a.in.data() + at * l.unit->ports * n);
  Real* e = held.states.data() + lane * states * n * numbers;
  const auto output = [&](std::size_t delay) {  // the output's traces of so many ticks ago
    const std::size_t slot = (now + what.longest - delay) % what.longest;
    return held.outputs.data() + (lane * what.longest + slot) * n * numbers;
  };
  reached_.assign(own * n * numbers, Real(0));
  for (std::size_t q = 0; q < own; ++q) {
    const Dense& p = net.projections()[what.own[q]];
    multiply_add({n, n, numbers, 1, n, numbers, numbers}, theta + net.weights(what.own[q]).first, output(p.delay),
                 reached_.data() + q * n * numbers);
  }
  std::vector<const Real*> from_state, from_own, reached(own);
  std::vector<Real*> rows(states);
  for (std::size_t r = 0; r <= states; ++r) {
    for (std::size_t s = 0; s < states; ++s) from_state.push_back(slopes.at(r, s));
    for (const std::size_t p : what.own) from_own.push_back(slopes.at(r, slopes.of_port(net.projections()[p].port)));
  }
  Real* out = output(0);
  const Real* signal = a.dy.data() + at * n;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t s = 0; s < states; ++s) rows[s] = e + (s * n + i) * numbers;
    for (std::size_t q = 0; q < own; ++q) reached[q] = reached_.data() + (q * n + i) * numbers;
    Real* y = out + i * numbers;
    advance_unit(states, numbers, from_state.data(), from_own.data(), own, reached.data(), rows.data(), y, i);
    for (std::size_t m = 0; m < numbers; ++m) held.sum[m] += signal[i] * y[m];  // this tick's own part is not yet in y
    std::size_t k = i;  // the number of the first row that is unit i's own
    const auto direct = [&](std::size_t column, Real x) {
      for (std::size_t s = 0; s < states; ++s) rows[s][k] += slopes.at(s, column)[i] * x;
      y[k] += slopes.y(column)[i] * x;
      k += n;
    };
    for (const TraceRows& w : what.what) {
      if (!w.weights) {
        direct(slopes.of_variable(w.index), Real(1));
        continue;
      }
      const Real* x = source(net, trial, w, tick, lane);
      const std::size_t column = slopes.of_port(net.projections()[w.index].port);
      for (std::size_t j = 0; j < w.rows; ++j) direct(column, x[j]);
    }
    if (!a.mask.empty())  // the layer itself sees its output behind the mask
      for (std::size_t m = 0; m < numbers; ++m) y[m] *= a.mask[lane * n + i];
  }
}

template <class Real>
void Traces<Real>::learn(const Network<Real>& net, const std::vector<TraceLayer>& plan, const Real* theta,
                         const typename Network<Real>::Transposed& transposed, const Direct<Real>* direct,
                         Trial<Real>& trial, Real* gradient) {
  net.backward_in_tick(theta, transposed, direct, trial, gradient);
  for (std::size_t k = 0; k < plan.size(); ++k) {
    Held& held = held_[k];
    std::fill(held.sum.begin(), held.sum.end(), Real(0));
    for (std::size_t lane = 0; lane < trial.lanes(); ++lane)
      for (std::size_t t = 0; t < trial.ticks && trial.first + t < trial.lengths[lane]; ++t)
        plan[k].full ? follow_full(net, plan[k], theta, trial, t, lane, held)
                     : follow(net, plan[k], theta, trial, t, lane, held);
    const Real* sum = held.sum.data();
    for (const TraceRows& w : plan[k].what) {
      for (std::size_t i = 0; i < w.part.count; ++i) gradient[w.part.first + i] += sum[i];
      sum += w.part.count;
    }
  }
}

template class Traces<float>;
template class Traces<double>;

}  // namespace volley::learning
