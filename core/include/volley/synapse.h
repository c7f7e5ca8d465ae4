// SPDX-License-Identifier: Apache-2.0
// All that a synapse model includes. A synapse turns a presynaptic spike into factors, once per spike and projection;
// the state is per source, the parameters per projection or per source. A model is a struct with
//
//   name, fidelity, Parameters and its table (see neuron.h)
//   struct State {...}; state table (doubles)
//   static Transmission transmit(State&, const Parameters&, double dt)   dt: ms since the source's last spike, infinite
//                                                                       at the first; state is as that spike left it
// VOLLEY_SYNAPSE(Fatigue) registers it.
#pragma once

#include <volley/model.h>
#include <volley/time.h>

#include <cmath>
#include <limits>
#include <memory>
#include <span>
#include <vector>

namespace volley {

struct Transmission {
  double weight = 1.0;  // multiplies the transmitted weight
  double e = 1.0;       // what a plasticity rule sees of this spike
};

// The synapse stage of one projection: state of all its sources.
class SynapseStage {
 public:
  virtual ~SynapseStage() = default;
  // A spike of `source` at t; the spikes of one source come in ascending time.
  virtual Transmission transmit(std::size_t source, Time t) = 0;
  virtual std::vector<std::span<std::byte>> state() = 0;
};

struct SynapseModel : Model {
  // True for a synapse without factors: the engine skips the stage.
  bool transparent = false;
  std::unique_ptr<SynapseStage> (*make)(ParameterSet, std::size_t sources) = nullptr;
};

namespace detail {

template <class M>
class SynapseStageOf final : public SynapseStage {
 public:
  SynapseStageOf(ParameterSet p, std::size_t n) : parameters_(std::move(p)), state_(n), last_(n, none) {}
  Transmission transmit(std::size_t i, Time t) override {
    const double dt = last_[i] == none ? std::numeric_limits<double>::infinity() : to_ms(t - last_[i]);
    last_[i] = t;
    return M::transmit(state_[i], parameters_.template get<typename M::Parameters>(i), dt);
  }
  std::vector<std::span<std::byte>> state() override {
    return {std::as_writable_bytes(std::span(state_)), std::as_writable_bytes(std::span(last_))};
  }

 private:
  static constexpr Time none = std::numeric_limits<Time>::min();
  ParameterSet parameters_;
  std::vector<typename M::State> state_;
  std::vector<Time> last_;
};

template <class M>
SynapseModel& synapse_model(std::string_view file) {
  static SynapseModel d;
  describe<M>(d, ModelKind::synapse, file);
  if constexpr (requires { M::transparent; }) {
    d.transparent = true;
  } else {
    d.make = [](ParameterSet p, std::size_t n) -> std::unique_ptr<SynapseStage> {
      return std::make_unique<SynapseStageOf<M>>(std::move(p), n);
    };
  }
  return d;
}

}  // namespace detail
}  // namespace volley

#define VOLLEY_SYNAPSE(M) VOLLEY_ENROL_(::volley::detail::synapse_model, M)
