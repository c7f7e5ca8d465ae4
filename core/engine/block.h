// SPDX-License-Identifier: Apache-2.0
// A run of neurons with their incoming rows: the unit of parallel work. Inside a window blocks are independent; each
// processes its instants in time order, and each instant in the order of docs/design.md.
#pragma once

#include <engine/plastic_rows.h>

#include <memory>
#include <vector>

namespace volley {

// The synapses of one projection into a block.
struct SynapseTable {
  Rows rows;
  int port = 0;
  bool drive = false;     // a current: changes the drive instead of arriving
  bool external = false;  // from a stimulator
  std::unique_ptr<PlasticRows> plastic;
};

// A spike on its way through one row: one queue entry for each spike and table, never one per synapse.
struct Volley {
  Time t;  // arrival of the next slice
  std::uint32_t table, row, cursor;
  Time spike;
  double factor, e;  // gain times the synapse stage's factor; what a rule sees
};

class Block {
 public:
  std::unique_ptr<Kernel> kernel;
  std::vector<SynapseTable> tables;  // ascending projection

  void start() { kernel->start(); }
  void send(std::uint32_t table, std::uint32_t row, Time spike, double factor, double e);
  void run(Time from, Time until);
  Time next_activity() const;

  std::vector<Spiked> spikes;  // of the last window, in time order
  std::uint64_t sent = 0, synaptic_events = 0, external_events = 0;
  std::uint64_t pending() const;  // synaptic events still in the queue

 private:
  struct Part {
    Time t;
    std::uint64_t begin;
    std::uint32_t count;
    std::size_t trace;
  };
  Part part_of(const Volley&) const;
  static bool later(const Volley& a, const Volley& b);
  void instant(Time t, Time until);
  void deliver(Time t, const Volley&, const Part&);
  Volley pop();
  void forward(Volley);

  std::vector<Volley> queue_;  // heap, soonest on top
  std::vector<Volley> now_;
  std::vector<Local> fired_;
  Time pass_due_ = 0;  // when the kernel wants its next pass; never while it sleeps
};

}  // namespace volley
