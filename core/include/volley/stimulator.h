// SPDX-License-Identifier: Apache-2.0
// All that a stimulator includes: a population whose output does not depend on the network. A model is a struct with
//
//   name, fidelity, Parameters and its table (see neuron.h)
//   struct State                                   one per chunk of units (4,096 consecutive units), or one for all
//                                                  units when `static constexpr bool whole = true`
//   static void begin(State&, const Units&)        once, at t = 0; throws BadParameter
//   static Signal next(State&, const Units&)       the next signal in (time, unit) order; Signal::end() when done
//   static std::size_t take(State&, const Units&, Time until, std::span<Time> t, std::span<std::uint32_t> unit)
//                                                  optional: signals before `until` in bulk, as `next` would give them
//   static constexpr Emits emits = Emits::spikes   (default) or Emits::current: piecewise-constant drive
//
// or, where a data set is presented in trials, instead of State, begin and next:
//
//   std::string data among the Parameters          "digits.image": the field that is presented
//   static constexpr bool binary                   whether what is sent is 0 or 1
//   static double encode(double x, Random&, const Parameters&)   what a unit whose value is x sends in a tick; or
//   static double encode(double x, std::size_t tick, Random&, const Parameters&)   tick: from 0 in the trial
//
// Several signals of one time come in ascending unit. VOLLEY_STIMULATOR(Poisson) registers it.
#pragma once

#include <volley/files.h>
#include <volley/kernel.h>
#include <volley/model.h>
#include <volley/random.h>

#include <memory>
#include <string>
#include <vector>

namespace volley {

struct Signal {
  Time t;
  std::uint32_t unit;  // index in the stimulator's population
  double value = 0.0;  // Emits::current: the drive from t on (pA)
  static Signal end() { return {never, 0, 0.0}; }
};

enum class Emits : std::uint8_t { spikes, current };

inline constexpr std::uint32_t chunk_size = 4096;

// The units that one State serves, and what the host offers it.
struct Units {
  std::uint32_t first, count;    // this chunk, in the population
  std::uint32_t size;            // of the population
  const ParameterSet* parameters;  // of the population: uniform, or one per unit (by population index)
  mutable Random random;         // keyed (seed, population's name, chunk)
  // A stream shared by every chunk of this population, e.g. of a mother process; keyed (seed, name, "shared", index).
  Random (*shared)(const void* host, std::uint64_t index) = nullptr;
  const void* host = nullptr;
  const Files* files = nullptr;
  Time tick = 0;                 // the experiment's tick; 0 when nothing is clocked
  std::vector<std::string>* notes = nullptr;  // what is worth telling the user (counts of missing values, ...)

  template <class P>
  const P& get(std::uint32_t unit) const { return parameters->get<P>(unit); }
  Random shared_stream(std::uint64_t index) const { return shared(host, index); }
};

// A chunk of a stimulator as the engine sees it.
class Source {
 public:
  virtual ~Source() = default;
  virtual Time next_time() const = 0;  // never: no more signals
  // Signals before `until`, at most out.size() of them; a full `out` means: ask again.
  virtual std::size_t emit(Time until, std::span<Signal> out) = 0;
  // The same without values: at most t.size() of them.
  virtual std::size_t spikes(Time until, std::span<Time> t, std::span<std::uint32_t> unit) = 0;
};

struct StimulatorModel : Model {
  Emits emits = Emits::spikes;
  bool whole = false;
  std::unique_ptr<Source> (*make)(Units) = nullptr;  // runs `begin`; null: it encodes
  double (*encode)(double x, std::size_t tick, Random&, const void* parameters) = nullptr;
  bool binary = true;  // of one that encodes
};

namespace detail {

template <class M>
class SourceOf final : public Source {
 public:
  explicit SourceOf(Units u) : units_(std::move(u)) {
    M::begin(state_, units_);
    pending_ = M::next(state_, units_);
  }
  Time next_time() const override { return pending_.t; }
  std::size_t emit(Time until, std::span<Signal> out) override {
    std::size_t n = 0;
    Signal s = pending_;  // in registers: this is the inner loop of every Poisson drive
    while (n < out.size() && s.t < until) {
      out[n++] = s;
      s = M::next(state_, units_);
    }
    pending_ = s;
    return n;
  }
  std::size_t spikes(Time until, std::span<Time> t, std::span<std::uint32_t> unit) override {
    std::size_t n = 0;
    while (n < t.size() && pending_.t < until) {
      t[n] = pending_.t;
      unit[n++] = pending_.unit;
      if constexpr (requires { &M::take; }) n += M::take(state_, units_, until, t.subspan(n), unit.subspan(n));
      pending_ = M::next(state_, units_);
    }
    return n;
  }

 private:
  Units units_;
  typename M::State state_{};
  Signal pending_;
};

template <class M>
StimulatorModel& stimulator_model(std::string_view file) {
  static StimulatorModel d;
  describe<M>(d, ModelKind::stimulator, file);
  if constexpr (requires { M::emits; }) d.emits = M::emits;
  if constexpr (requires { M::whole; }) d.whole = M::whole;
  if constexpr (requires { &M::encode; }) {
    d.binary = M::binary;
    d.encode = [](double x, [[maybe_unused]] std::size_t tick, Random& r, const void* p) {
      const auto& own = *static_cast<const typename M::Parameters*>(p);
      if constexpr (requires { M::encode(x, r, own); }) return M::encode(x, r, own);
      else return M::encode(x, tick, r, own);
    };
  } else {
    d.make = [](Units u) -> std::unique_ptr<Source> { return std::make_unique<SourceOf<M>>(std::move(u)); };
  }
  return d;
}

}  // namespace detail
}  // namespace volley

#define VOLLEY_STIMULATOR(M) VOLLEY_ENROL_(::volley::detail::stimulator_model, M)
