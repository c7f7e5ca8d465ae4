// SPDX-License-Identifier: Apache-2.0
// The linear system of a membrane in its decaying frame (docs/design.md). Element 0 is the membrane, an exponential
// current or a threshold part takes one element, an alpha current two (its rise, then the current).
//
// In units of the gain k = R/tau_m (1 without currents), v = (V - V_inf)/k, s = t - t0 and delta = 1/tau_m - 1/tau:
//   v(t) = exp(-s/tau_m) (X + sum_j Y_j E_j(s)),   E(s) = expm1(delta s)/delta
// which has no cancellation when tau is close or equal to tau_m (Rotter & Diesmann 1999, doi:10.1007/s004220050570).
#pragma once

#include <engine/pass_loops.h>
#include <engine/responses.h>
#include <volley/membrane.h>
#include <volley/time.h>

#include <cstdint>
#include <memory>

namespace volley {

// Coefficients at one instant: v = sum v[c] Z_c, threshold parts sum theta[c] Z_c (negative).
struct Instant {
  Time t = -1, frame = -1;
  double s = 0.0;
  double v[loops::max_components] = {}, theta[loops::max_components] = {};
  double down[loops::max_components] = {}, up[loops::max_components] = {};  // exp(-s/tau), exp(s/tau)
  double E[loops::max_components] = {}, E2[loops::max_components] = {};
};

// What stream_jump computes for the arrivals that a stream has at hand: exp(s/tau) of the port's element, coefficients.
struct StreamRoom {
  static constexpr std::size_t size = Stream::most + loops::spare;
  double up[size], coefficient[3][size];
  loops::StreamJump jump;
};

// True when two membranes have the same components and ports, whatever their numbers.
bool same_components(const Membrane&, const Membrane&);

class Layout {
 public:
  explicit Layout(const Membrane& m) : Layout(std::make_shared<const Membrane>(m), m) {}
  // The components and ports of `like` with the time constants of m.
  Layout(const Layout& like, const Membrane& m) : Layout(like.membrane, m) {}

  Instant at(Time t, Time frame) const {
    Instant a;
    at(t, frame, a);
    return a;
  }
  void at(Time t, Time frame, Instant&) const;
  // From now on the instants of a frame, up to H, come from series: made for many moments of one layout.
  void tabulate();
  // The effect of a unit arrival times `factor` on a current, or on the membrane.
  loops::Jump current_jump(std::size_t element, double factor, const Instant&) const;
  loops::Jump port_jump(int port, double factor, double gain, const Instant&) const;
  // The same for n arrivals at t, bit for bit.
  void stream_jump(int port, double factor, double gain, const Time* t, std::size_t n, Time frame, StreamRoom&) const;

  double tau(std::size_t c) const { return tau_[c]; }
  double delta(std::size_t c) const { return delta_[c]; }
  bool is_threshold(std::size_t c) const { return kind_[c] == Membrane::Kind::threshold; }
  bool is_alpha(std::size_t c) const { return kind_[c] == Membrane::Kind::alpha; }
  bool is_rise(std::size_t c) const { return rise_[c]; }
  std::size_t element(std::size_t component) const { return last_[component]; }

  std::shared_ptr<const Membrane> membrane;  // components and ports; a neuron's own time constants are here
  std::size_t used = 0, stride = 1;          // elements; elements stored for each neuron
  bool has_current = false;
  double fastest = 0.0;  // smallest time constant, ms
  Time H = 1;            // the frame moves at multiples of H
  loops::Move move;
  double kappa[loops::max_components] = {};  // greatest response of v to a unit of each current

 private:
  Layout(std::shared_ptr<const Membrane> declared, const Membrane&);
  void add(double tau, Membrane::Kind, bool rise);
  void compute(Instant&) const;
  void finish(Instant&) const;

  double tau_[loops::max_components] = {}, delta_[loops::max_components] = {};
  Membrane::Kind kind_[loops::max_components] = {};
  bool rise_[loops::max_components] = {};
  std::uint8_t last_[loops::max_components] = {};  // element of a component
  std::shared_ptr<const Responses> responses_;  // null: not tabulated
};

}  // namespace volley
