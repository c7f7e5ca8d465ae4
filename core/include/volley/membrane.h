// SPDX-License-Identifier: Apache-2.0
// A linear neuron as a declaration: time constants, ports and jumps. The engine integrates it exactly.
//
//   tau_m dV/dt = -(V - rest) + R * (sum of current components)
//   V reaches threshold + (sum of threshold components): spike, V = reset for `refractory`.
//
// Times in ms, potentials in mV, currents in pA, R in mV/pA (= GOhm).
#pragma once

#include <limits>
#include <string_view>
#include <vector>

namespace volley {

struct Membrane {
  enum class Kind {
    current,    // dI/dt = -I/tau, adds R I to the drive of V
    alpha,      // I(t) = w (e t / tau) exp(-t/tau): peak w at t = tau
    threshold,  // dx/dt = -x/tau, adds x to the threshold
  };
  struct Component {
    std::string_view name;  // of its readout: I_syn, theta, ...
    std::string_view unit;
    Kind kind;
    double tau;       // ms; part of the layout
    double on_spike;  // added by the neuron's own spike, in the component's unit; may differ per neuron
  };
  struct Port {
    std::string_view name, unit;
    int component;  // index into `components`; -1: a jump of V itself (delta synapse)
  };

  double tau_m = 0.0;
  double R = 0.0;  // mV per pA; unused without currents
  double rest = 0.0;
  double threshold = 0.0;
  double reset = 0.0;
  double refractory = 0.0;
  // V at t = 0 unless `init` says otherwise; the user's E_L, not the drive's equilibrium.
  double start = std::numeric_limits<double>::quiet_NaN();
  std::vector<Component> components{};
  std::vector<Port> ports{};

  // A port whose arrivals jump V by w (mV).
  Membrane& voltage_port(std::string_view name) {
    ports.push_back({name, "mV", -1});
    return *this;
  }
  // A port whose arrivals jump an exponentially decaying current by w (pA); readout "I_<name>" given in full.
  Membrane& current_port(std::string_view name, std::string_view readout, double tau_syn) {
    components.push_back({readout, "pA", Kind::current, tau_syn, 0.0});
    ports.push_back({name, "pA", static_cast<int>(components.size()) - 1});
    return *this;
  }
  // A port whose arrivals add an alpha-shaped current of peak w (pA).
  Membrane& alpha_port(std::string_view name, std::string_view readout, double tau_syn) {
    components.push_back({readout, "pA", Kind::alpha, tau_syn, 0.0});
    ports.push_back({name, "pA", static_cast<int>(components.size()) - 1});
    return *this;
  }
  // A current that the neuron's own spikes move by `jump` (pA, negative: adaptation).
  Membrane& spike_current(std::string_view readout, double tau, double jump) {
    components.push_back({readout, "pA", Kind::current, tau, jump});
    return *this;
  }
  // A part of the threshold that the neuron's own spikes raise by `jump` (mV).
  Membrane& spike_threshold(std::string_view readout, double tau, double jump) {
    components.push_back({readout, "mV", Kind::threshold, tau, jump});
    return *this;
  }
};

}  // namespace volley
