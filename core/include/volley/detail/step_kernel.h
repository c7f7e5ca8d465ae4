// SPDX-License-Identifier: Apache-2.0
// Host of clocked neurons (`step`). Tick k covers [(k-1) tick, k tick): it consumes what arrived up to its start, and
// its spikes are stamped k tick. What arrives inside a tick enters at the start of the next.
#pragma once

#include <volley/detail/verb_kernel.h>
#include <volley/kernel.h>
#include <volley/parameters.h>
#include <volley/port.h>

#include <concepts>

namespace volley {

// What a clocked neuron receives in one tick.
struct Input {
  const double* arrivals;  // one sum of weights per port
  double I;                // injected current, pA
  bool first;              // first substep of the tick: arrivals are to be added now and only now
};

namespace detail {

template <class M>
concept StepNeuron = requires(typename M::State& s, const typename M::Parameters& p, const Input& in) {
  M::state;
  { M::step(s, p, in, 1.0) } -> std::convertible_to<bool>;
};

template <class M>
class StepKernel final : public Kernel {
  using Parameters = typename M::Parameters;
  using State = typename M::State;

 public:
  StepKernel(ParameterSet p, std::size_t n, Time tick, int substeps, FieldTable state)
      : parameters_(std::move(p)), table_(state), variables_(variables_of(state)), tick_(tick),
        next_tick_(tick), substeps_(substeps), ports_(ports_of<M>().size()), state_(n),
        now_(n * ports_, 0.0), next_(n * ports_, 0.0), current_(n, 0.0), next_current_(n, 0.0) {
    for (std::size_t i = 0; i < n; ++i) {
      if constexpr (requires(State& s, const Parameters& q) { M::init(s, q); }) {
        M::init(state_[i], at(i));
      } else {
        for (const FieldInfo& f : table_) member(&state_[i], f) = f.number;
      }
    }
  }

  void start() override {}
  Time next_event() const override { return next_tick_; }
  // At t = 0 what arrives belongs to the first tick.
  void drive(Time t, Local i, double delta) override {
    next_current_[i] += delta;
    if (t == 0) current_[i] = next_current_[i];
  }
  void begin(Time) override {}

  void receive(Time t, int port, double factor, const Slice& s) override {
    auto& into = t == 0 ? now_ : next_;
    for (std::uint32_t k = 0; k < s.count; ++k) {
      const double w = static_cast<double>(s.weight ? s.weight[k] : s.constant);
      into[s.target[k] * ports_ + static_cast<std::size_t>(port)] += w * factor;
    }
  }

  void settle(Time t, std::vector<Local>& fired) override {
    if (t != next_tick_) return;
    const double dt = to_ms(tick_) / substeps_;
    for (std::size_t i = 0; i < state_.size(); ++i) {
      const Parameters& p = at(i);
      bool spike = false;
      for (int k = 0; k < substeps_; ++k) {
        const Input in{&now_[i * ports_], current_[i], k == 0};
        spike |= M::step(state_[i], p, in, dt);
      }
      if (spike) fired.push_back(static_cast<Local>(i));
    }
    std::swap(now_, next_);
    std::fill(next_.begin(), next_.end(), 0.0);
    current_ = next_current_;
    next_tick_ += tick_;
  }

  std::span<const Variable> variables() const override { return variables_; }
  double read(std::size_t v, Local i, Time) const override {
    State s = state_[i];
    return member(&s, table_[v]);
  }
  bool initialise(std::size_t v, Local i, double value) override {
    member(&state_[i], table_[v]) = value;
    return true;
  }
  std::vector<std::span<std::byte>> state() override {
    return {std::as_writable_bytes(std::span(state_)), std::as_writable_bytes(std::span(now_)),
            std::as_writable_bytes(std::span(next_)), std::as_writable_bytes(std::span(current_)),
            std::as_writable_bytes(std::span(next_current_))};
  }

 private:
  const Parameters& at(std::size_t i) const { return parameters_.template get<Parameters>(i); }

  ParameterSet parameters_;
  FieldTable table_;
  std::vector<Variable> variables_;
  Time tick_, next_tick_;
  int substeps_;
  std::size_t ports_;
  std::vector<State> state_;
  std::vector<double> now_, next_, current_, next_current_;
};

}  // namespace detail
}  // namespace volley
