// SPDX-License-Identifier: Apache-2.0
// Gradients forward in time. A layer with memory holds traces: what each number that learns has done so far to the
// state of each unit (full), or to the state of its own unit only (diagonal, exact where no unit reaches another of its
// layer). In every tick they advance by the derivatives of the unit's own tick, and the gradient grows by dL/dy times
// dy/dtheta. dL/dy comes through later layers within the tick; what goes through delays or through their memory is left
// out. What a tick itself gives, without the past, comes from backward_in_tick().
#pragma once

#include <volley/learning_rule.h>

#include <learning/network.h>

namespace volley::learning {

// What of a layer has traces: the weights of a projection, a row a source, or a variable, one row.
struct TraceRows {
  bool weights = true;
  std::size_t index = 0;  // of the projection, or of the variable
  std::size_t rows = 0;
  Part part;
};
struct TraceLayer {
  std::size_t layer = 0;
  bool full = false;
  std::vector<TraceRows> what;
  std::vector<std::size_t> own;  // projections to itself that the traces follow
  std::size_t longest = 0;       // their longest delay

  std::size_t rows() const;
};

// The layers with memory that learn. trains: all parts of theta, with those that learn.
template <class Real>
std::vector<TraceLayer> plan_traces(const Network<Real>&, const std::vector<Part>& trains, Credit::Jacobian);
// Of one lane: bytes that are held, multiply-adds a tick.
template <class Real>
double trace_bytes(const Network<Real>&, const std::vector<TraceLayer>&);
template <class Real>
double trace_operations(const Network<Real>&, const std::vector<TraceLayer>&);
// Whether a layer's tick depends on the one before, by its unit or by a projection to itself.
template <class Real>
bool remembers(const Network<Real>&, std::size_t layer);
// Why the gradient is not that of backpropagation through time; empty: it is.
template <class Real>
std::string trace_remainder(const Network<Real>&, const std::vector<Part>& trains, Credit::Jacobian, std::size_t loss);

template <class Real>
class Traces {
 public:
  void begin(const Network<Real>&, const std::vector<TraceLayer>&, std::size_t lanes);  // all 0
  // Adds to `gradient`, after forward() and with dL/dy of the loss's layer set; completes that of the other layers.
  void learn(const Network<Real>&, const std::vector<TraceLayer>&, const Real* theta,
             const typename Network<Real>::Transposed&, const Direct<Real>*, Trial<Real>&, Real* gradient);

 private:
  struct Held {
    std::vector<Real> states;   // [lane] and [row][state][unit], or, full, [state][unit][row, unit]
    std::vector<Real> outputs;  // full: [lane][tick, as many as the longest delay][unit][row, unit]
    std::vector<Real> sum;      // [row][unit], of the window
  };
  void follow(const Network<Real>&, const TraceLayer&, const Real* theta, Trial<Real>&, std::size_t tick,
              std::size_t lane, Held&);
  void follow_full(const Network<Real>&, const TraceLayer&, const Real* theta, Trial<Real>&, std::size_t tick,
                   std::size_t lane, Held&);

  std::vector<Held> held_;
  std::vector<Real> slopes_, zeros_, reached_;  // scratch
};

extern template class Traces<float>;
extern template class Traces<double>;

}  // namespace volley::learning
