// SPDX-License-Identifier: Apache-2.0
// Host of clocked neurons (`step`). Tick k covers [(k-1) tick, k tick): it consumes what arrived up to its start, and
// its spikes are stamped k tick. What arrives inside a tick enters at the start of the next. The engine lets the spikes
// of other clocked neurons arrive a tick before stamp + delay, those of a delay of 0 or 1 tick late, but before the
// tick that they enter is asked for.
//
// State and input are kept column by column, so that a `step` without branches becomes vector code.
#pragma once

#include <volley/detail/clones.h>
#include <volley/detail/verb_kernel.h>
#include <volley/kernel.h>
#include <volley/parameters.h>
#include <volley/port.h>

#include <algorithm>
#include <bit>
#include <concepts>
#include <utility>

namespace volley {

// What a clocked neuron receives in one tick.
struct Input {
  const double* arrivals;  // one sum of weights per port; 0 in all substeps but the first
  double I;                // injected current, pA
};

namespace detail {

// What `step` gets of a neuron's parameters: what `prepare` makes of them, or they themselves.
template <class M>
auto prepared(const typename M::Parameters& p, double dt) {
  if constexpr (requires { M::prepare(p, dt); }) return M::prepare(p, dt);
  else return p;
}
template <class M>
using Prepared = decltype(prepared<M>(std::declval<const typename M::Parameters&>(), 1.0));

template <class M>
concept StepNeuron = requires(typename M::State& s, const typename M::Parameters& p, const Input& in) {
  M::state;
  { M::step(s, prepared<M>(p, 1.0), in, 1.0) } -> std::convertible_to<bool>;
};

template <class M>
class StepKernel final : public Kernel {
  using Parameters = typename M::Parameters;
  using State = typename M::State;
  static constexpr std::size_t n_fields = std::tuple_size_v<std::remove_const_t<decltype(M::state)>>;
  static constexpr std::size_t n_ports = ports_count<M>;
  using Row = std::array<double, n_fields>;
  static_assert(sizeof(State) == sizeof(Row), "a State holds doubles, all of them in its table");

 public:
  StepKernel(ParameterSet p, std::size_t n, Time tick, int substeps, FieldTable state)
      : table_(state), variables_(variables_of(state)), tick_(tick), next_tick_(tick), substeps_(substeps),
        dt_(to_ms(tick) / substeps), n_(n), state_(n * n_fields), now_(n * n_ports, 0.0),
        next_(n * n_ports, 0.0), current_(n, 0.0), next_current_(n, 0.0), spiked_(n) {
    for (std::size_t i = 0; i < p.count(); ++i)
      parameters_.push_back(prepared<M>(p.template get<Parameters>(i), dt_));
    for (std::size_t i = 0; i < n; ++i) {
      State s{};
      if constexpr (requires(const Parameters& q) { M::init(s, q); }) {
        M::init(s, p.template get<Parameters>(i));
      } else {
        for (const FieldInfo& f : table_) member(&s, f) = f.number;
      }
      store(i, s);
    }
  }

  void start() override {}
  Time next_event() const override { return next_tick_; }
  // At t = 0 what arrives belongs to the first tick.
  void drive(Time t, Local i, double delta) override {
    next_current_[i] += delta;
    if (t <= tick_start()) current_[i] = next_current_[i];
  }
  void begin(Time) override {}

  void receive(Time t, int port, double factor, const Slice& s) override {
    double* into = (t <= tick_start() ? now_ : next_).data() + static_cast<std::size_t>(port) * n_;
    for (std::uint32_t k = 0; k < s.count; ++k) {
      const double w = static_cast<double>(s.weight ? s.weight[k] : s.constant);
      into[s.target[k]] += w * factor;
    }
  }

  // Everything lies before the next tick; inside a tick order is that of the sum.
  std::size_t receive_stream(int port, double factor, const Stream& s, std::vector<Spiked>& fired) override {
    if (s.count > 0 && s.t[0] <= tick_start()) return Kernel::receive_stream(port, factor, s, fired);
    double* into = next_.data() + static_cast<std::size_t>(port) * n_;
    for (std::size_t k = 0; k < s.count; ++k)
      into[s.target[k]] += static_cast<double>(s.weight ? s.weight[k] : s.constant) * factor;
    return s.count;
  }

  void settle(Time t, std::vector<Local>& fired) override {
    if (t != next_tick_) return;
    std::fill(spiked_.begin(), spiked_.end(), 0.0);
    for (int k = 0; k < substeps_; ++k) {
      if (parameters_.size() == 1) {
        const auto p = parameters_.front();
        advance([&p](std::size_t) -> const auto& { return p; });
      } else {
        advance([this](std::size_t i) -> const auto& { return parameters_[i]; });
      }
      if (k == 0) std::fill(now_.begin(), now_.end(), 0.0);
    }
    for (std::size_t i = 0; i < n_; ++i)
      if (spiked_[i] != 0.0) fired.push_back(static_cast<Local>(i));
    std::swap(now_, next_);
    current_ = next_current_;
    next_tick_ += tick_;
  }

  std::span<const Variable> variables() const override { return variables_; }
  double read(std::size_t v, Local i, Time) const override { return state_[column(v) * n_ + i]; }
  bool initialise(std::size_t v, Local i, double value) override {
    state_[column(v) * n_ + i] = value;
    return true;
  }
  std::vector<std::span<std::byte>> state() override {
    return {std::as_writable_bytes(std::span(state_)), std::as_writable_bytes(std::span(now_)),
            std::as_writable_bytes(std::span(next_)), std::as_writable_bytes(std::span(current_)),
            std::as_writable_bytes(std::span(next_current_))};
  }

 private:
  Time tick_start() const { return next_tick_ - tick_; }

  // One substep of every neuron, compiled for each instruction set; without contraction their bits are the same.
  template <class At>
  VOLLEY_VECTOR_CLONES void advance(At at) {
    double* const state = state_.data();
    double* const spiked = spiked_.data();
    const double* const now = now_.data();
    const double* const current = current_.data();
    const std::size_t n = n_;
    const double dt = dt_;
#pragma GCC ivdep
    for (std::size_t i = 0; i < n; ++i) {
      Row row;
      std::array<double, n_ports> arrivals;
      for (std::size_t k = 0; k < n_fields; ++k) row[k] = state[k * n + i];
      for (std::size_t k = 0; k < n_ports; ++k) arrivals[k] = now[k * n + i];
      State s = std::bit_cast<State>(row);
      const double before = spiked[i];
      const bool spike = M::step(s, at(i), Input{arrivals.data(), current[i]}, dt);
      spiked[i] = spike ? 1.0 : before;
      row = std::bit_cast<Row>(s);
      for (std::size_t k = 0; k < n_fields; ++k) state[k * n + i] = row[k];
    }
  }

  void store(std::size_t i, const State& s) {
    const Row row = std::bit_cast<Row>(s);
    for (std::size_t k = 0; k < n_fields; ++k) state_[k * n_ + i] = row[k];
  }
  std::size_t column(std::size_t v) const { return table_[v].offset / sizeof(double); }

  std::vector<Prepared<M>> parameters_;  // one, or one a neuron
  FieldTable table_;
  std::vector<Variable> variables_;
  Time tick_, next_tick_;
  int substeps_;
  double dt_;
  std::size_t n_;
  std::vector<double> state_, now_, next_;  // columns: [field or port][neuron]
  std::vector<double> current_, next_current_, spiked_;
};

}  // namespace detail
}  // namespace volley
