// SPDX-License-Identifier: Apache-2.0
// The linear system of a membrane in its decaying frame (docs/design.md). Element 0 is the membrane, an exponential
// current or a threshold part takes one element, an alpha current two (its rise, then the current).
//
// In units of the gain k = R/tau_m (1 without currents), v = (V - V_inf)/k, s = t - t0 and delta = 1/tau_m - 1/tau:
//   v(t) = exp(-s/tau_m) (X + sum_j Y_j E_j(s)),   E(s) = expm1(delta s)/delta
// which has no cancellation when tau is close or equal to tau_m (Rotter & Diesmann 1999, doi:10.1007/s004220050570).
#pragma once

#include <engine/mode_loops.h>
#include <volley/membrane.h>
#include <volley/time.h>

#include <vector>

namespace volley {

// Coefficients at one instant: v = sum v[c] Z_c, threshold parts sum theta[c] Z_c (negative).
struct Instant {
  Time t = -1, frame = -1;
  double s = 0.0;
  double v[loops::max_components] = {}, theta[loops::max_components] = {};
  double down[loops::max_components] = {}, up[loops::max_components] = {};  // exp(-s/tau), exp(s/tau)
  double E[loops::max_components] = {}, E2[loops::max_components] = {};
};

// What stream_jump computes for up to `most` arrivals: times since the frame's start, exp(s/tau) and E(s) of the
// port's element, coefficients.
struct StreamRoom {
  static constexpr std::size_t most = 256;
  double s[most], up[most], E[most], coefficient[3][most];
};

class Layout {
 public:
  explicit Layout(const Membrane&);

  Instant at(Time t, Time frame) const {
    Instant a;
    at(t, frame, a);
    return a;
  }
  void at(Time t, Time frame, Instant&) const;
  // The effect of a unit arrival times `factor` on a current, or on the membrane.
  loops::Jump current_jump(std::size_t element, double factor, const Instant&) const;
  loops::Jump port_jump(int port, double factor, double gain, const Instant&) const;
  // The same for each arrival of a stream, bit for bit. The coefficients live in `room`.
  loops::StreamJump stream_jump(int port, double factor, double gain, const Stream&, Time frame, StreamRoom& room) const;

  double tau(std::size_t c) const { return tau_[c]; }
  bool is_threshold(std::size_t c) const { return kind_[c] == Membrane::Kind::threshold; }
  bool is_alpha(std::size_t c) const { return kind_[c] == Membrane::Kind::alpha; }
  bool is_rise(std::size_t c) const { return rise_[c]; }
  std::size_t element(std::size_t component) const { return last_[component]; }

  const Membrane membrane;
  std::size_t used = 1, stride = 1;  // elements; elements stored for each neuron
  bool has_current = false;
  double fastest = 0.0;              // smallest time constant, ms
  Time H = 1;                        // the frame moves at multiples of H
  loops::Move move;
  double kappa[loops::max_components] = {};  // greatest response of v to a unit of each current

 private:
  std::vector<double> tau_, delta_;
  std::vector<Membrane::Kind> kind_;
  std::vector<bool> rise_;
  std::vector<std::size_t> last_;
};

}  // namespace volley
