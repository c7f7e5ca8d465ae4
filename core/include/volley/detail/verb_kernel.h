// SPDX-License-Identifier: Apache-2.0
// Host of neurons written as verbs (flow, receive, fires, reset, predict). The author writes scalar functions for
// one neuron; this file owns the loops. A neuron is touched only by its own events.
#pragma once

#include <volley/detail/agenda.h>
#include <volley/detail/marks.h>
#include <volley/kernel.h>
#include <volley/parameters.h>
#include <volley/port.h>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>

namespace volley::detail {

template <class M>
concept VerbNeuron = requires(typename M::State& s, const typename M::State& c,
                              const typename M::Parameters& p, const Arrival& a) {
  M::state;
  M::flow(s, p, 1.0);
  M::receive(s, p, a);
  { M::fires(c, p) } -> std::convertible_to<bool>;
  { M::reset(s, p) } -> std::convertible_to<double>;
};

// Variables of a state table, and access to a double member by offset.
inline std::vector<Variable> variables_of(FieldTable state) {
  std::vector<Variable> v;
  for (const FieldInfo& f : state) v.push_back({f.name, f.unit});
  return v;
}
inline double& member(void* state, const FieldInfo& f) {
  return *reinterpret_cast<double*>(static_cast<std::byte*>(state) + f.offset);
}

template <class M>
class VerbKernel final : public Kernel {
  using Parameters = typename M::Parameters;
  using State = typename M::State;
  static constexpr bool predicts = requires(const State& s, const Parameters& p) { M::predict(s, p); };
  static constexpr bool recovers = requires(State& s, const Parameters& p) { M::recover(s, p, 1.0); };

 public:
  VerbKernel(ParameterSet p, std::size_t n, FieldTable state)
      : parameters_(std::move(p)), table_(state), variables_(variables_of(state)), state_(n), last_(n, 0),
        deaf_until_(n, 0), planned_(n, never) {
    for (std::size_t i = 0; i < n; ++i) {
      if constexpr (requires(State& s, const Parameters& q) { M::init(s, q); }) {
        M::init(state_[i], at(i));
      } else {
        for (const FieldInfo& f : table_) member(&state_[i], f) = f.number;
      }
    }
  }

  void start() override {
    for (std::size_t i = 0; i < state_.size(); ++i) {
      if (M::fires(state_[i], at(i))) marks_.add(static_cast<Local>(i));
      else plan(static_cast<Local>(i), 0);
    }
  }

  Time next_event() const override { return agenda_.next(); }

  void drive(Time, Local, double) override {}  // refused when the network is built

  void begin(Time t) override {
    while (agenda_.next() <= t) {
      const Time due = agenda_.next();
      const Local i = agenda_.pop();
      if (due != planned_[i]) continue;  // superseded by a later plan
      planned_[i] = never;
      touch(i, t);
      marks_.add(i);
    }
  }

  void receive(Time t, int port, double factor, const Slice& s) override {
    for (std::uint32_t k = 0; k < s.count; ++k) {
      const Local i = s.target[k];
      if (t < deaf_until_[i]) continue;
      touch(i, t);
      const double w = static_cast<double>(s.weight ? s.weight[k] : s.constant);
      M::receive(state_[i], at(i), Arrival{w * factor, port});
      marks_.add(i);
    }
  }

  void settle(Time t, std::vector<Local>& fired) override {
    marks_.settle([&](Local i) {
      if (t < deaf_until_[i]) return;
      if (M::fires(state_[i], at(i))) {
        fired.push_back(i);
        const Time back = t + from_ms(M::reset(state_[i], at(i)));
        deaf_until_[i] = back;
        if (back > t) {
          if constexpr (predicts) agenda_.push(planned_[i] = back, i);
          return;
        }
      }
      plan(i, t);
    });
  }

  std::span<const Variable> variables() const override { return variables_; }

  double read(std::size_t v, Local i, Time t) const override {
    State s = state_[i];
    advance(s, i, t);
    return member(&s, table_[v]);
  }

  bool initialise(std::size_t v, Local i, double value) override {
    member(&state_[i], table_[v]) = value;
    return true;
  }

  std::vector<std::span<std::byte>> state() override {
    return {std::as_writable_bytes(std::span(state_)), std::as_writable_bytes(std::span(last_)),
            std::as_writable_bytes(std::span(deaf_until_))};
  }

 private:
  const Parameters& at(std::size_t i) const { return parameters_.template get<Parameters>(i); }

  // Brings a copy or the state itself from last_[i] to t, through the end of refractoriness.
  void advance(State& s, Local i, Time t) const {
    Time from = last_[i];
    if (from < deaf_until_[i]) {
      const Time until = std::min(t, deaf_until_[i]);
      if constexpr (recovers) M::recover(s, at(i), to_ms(until - from));
      from = until;
    }
    if (t > from) M::flow(s, at(i), to_ms(t - from));
  }
  void touch(Local i, Time t) {
    advance(state_[i], i, t);
    last_[i] = t;
  }
  void plan(Local i, Time t) {
    if constexpr (predicts) {
      const double ms = M::predict(state_[i], at(i));
      const Time due = ms < 9e9 ? t + std::max<Time>(1, from_ms(ms)) : never;
      if (due != planned_[i] && due != never) agenda_.push(due, i);
      planned_[i] = due;
    } else {
      static_cast<void>(i), static_cast<void>(t);
    }
  }

  ParameterSet parameters_;
  FieldTable table_;
  std::vector<Variable> variables_;
  std::vector<State> state_;
  std::vector<Time> last_, deaf_until_, planned_;
  Marks marks_;
  Agenda agenda_;
};

}  // namespace volley::detail
