// SPDX-License-Identifier: Apache-2.0
// One neuron of the reference simulator: its state at its last event, and what it would do next.
#pragma once

#include <network/description.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace volley::test {

class Cell {
 public:
  virtual ~Cell() = default;
  virtual void drive(Time t, double delta) = 0;
  virtual void begin(Time t) = 0;                           // ends of refractoriness, own events
  virtual void receive(Time t, int port, double factor, float weight) = 0;
  virtual bool fires(Time t) = 0;                           // the threshold, once; true: spiked and reset
  virtual Time next_event(Time limit) = 0;                  // its own next event, at most `limit`; or never
  virtual double read(const std::string& variable, Time t) const = 0;
  virtual void initialise(const std::string& variable, double value) = 0;
};

// A linear neuron: z(t) by closed forms from the state z at the last event, in long double, so that a disagreement
// with the engine is the engine's.
class MembraneCell final : public Cell {
 public:
  explicit MembraneCell(Membrane m);
  void drive(Time t, double delta) override;
  void begin(Time t) override;
  void receive(Time t, int port, double factor, float weight) override;
  bool fires(Time t) override;
  Time next_event(Time limit) override;
  double read(const std::string& variable, Time t) const override;
  void initialise(const std::string& variable, double value) override;

 private:
  using Real = long double;
  struct Component {
    Real x = 0, feed = 0;  // x' = -x/tau + feed, feed' = -feed/tau (alpha only)
  };
  struct State {
    Real v = 0;  // V - V_inf
    std::vector<Component> z;
  };
  State after(const State& z, Time dt) const;
  Real distance(const State& z) const;  // D = V - threshold
  Real slope(const State& z) const;     // dD/dt
  Real bound(const State& z, Time dt) const;      // of D over the next dt
  Real curvature(const State& z) const;           // bound of |D''| from now on
  bool hopeless(const State& z) const;            // no positive part: D only approaches c0 <= 0
  Time first_crossing(const State& from, Time a, Time b) const;
  void advance(Time t);

  Membrane m_;
  Real equilibrium_;  // V_inf
  State z_;
  Time at_ = 0, deaf_until_ = 0;
  bool deaf_ = false;
};

// A neuron written as verbs: the model's own kernel with one neuron (the verbs are the model).
class VerbCell final : public Cell {
 public:
  VerbCell(const NeuronModel& model, ParameterSet p);
  void drive(Time t, double delta) override { kernel_->drive(t, 0, delta); }
  void begin(Time t) override { kernel_->begin(t); }
  void receive(Time t, int port, double factor, float weight) override;
  bool fires(Time t) override;
  Time next_event(Time limit) override;
  double read(const std::string& variable, Time t) const override;
  void initialise(const std::string& variable, double value) override;

 private:
  std::size_t index(const std::string& variable) const;
  std::unique_ptr<Kernel> kernel_;
  bool started_ = false;
};

}  // namespace volley::test
