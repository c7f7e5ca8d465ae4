// SPDX-License-Identifier: Apache-2.0
// A run of neurons with their incoming rows: the unit of parallel work. Inside a window blocks are independent; each
// processes its instants in time order, and each instant in the order of docs/design.md.
#pragma once

#include <engine/direct_stream.h>
#include <engine/plastic_rows.h>
#include <engine/time_order.h>
#include <engine/volley_queue.h>
#include <engine/walks.h>

#include <atomic>
#include <memory>
#include <span>
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

class Block {
 public:
  std::unique_ptr<Kernel> kernel;
  std::vector<SynapseTable> tables;  // ascending projection

  std::vector<DirectStream> streams;  // of different neurons
  VolleyQueue queue;

  void start();
  // A spike sets out for the synapses of a row at time t; none of them is reached before `first`. The block sends it on
  // when it runs, in its own thread.
  struct Departure {
    std::uint32_t table, row;
    Time t;
    double factor, e;
  };
  void post(const Departure& d, Time first) {
    posted_.push_back(d);
    next_ = std::min(next_, first);
  }
  // Ends early, in the middle of anything, when `stop` is set.
  void run(Time from, Time until, const std::atomic<bool>& stop);
  // Nothing happens before this time.
  Time next_activity() const { return next_; }

  std::vector<Spiked> spikes;  // of the last window, ascending in time for each neuron
  std::uint64_t sent = 0, synaptic_events = 0, external_events = 0;
  std::uint64_t pending() const;  // synaptic events under way, of spikes that were sent on

 private:
  static bool before(const Volley& a, const Volley& b);
  template <class Push>
  void launch(Volley, Time spike, std::uint64_t next, Push) const;
  Time set_out(const Volley&) const;
  void send(const Departure&);
  void unfold(Time until);
  Time next_instant() const;
  Time find_next_activity() const;
  Time next_of_streams();
  void flow(Time first, Time limit, const std::atomic<bool>& stop);
  void instant(Time t);
  void join_streams(Time t, std::span<const Volley>& now);
  Slice slice_of(const Volley&) const;
  const Volley* after(std::size_t at, std::uint32_t count) const;
  void deliver(const Volley&, const Volley* next);

  std::vector<Departure> posted_;  // since the last window
  Walks walks_;
  std::vector<Volley> due_, joined_;  // of this window, in order, from at_ on; of an instant that streams share
  std::size_t at_ = 0;
  TimeOrder<Volley> order_;
  std::vector<PlasticRows*> plastic_;  // of the tables that have a rule
  std::vector<Local> fired_;
  std::vector<Spiked> streamed_;
  Time pass_due_ = 0;  // when the kernel wants its next pass; never while it sleeps
  Time until_ = 0;
  Time next_ = never;  // nothing happens before
};

}  // namespace volley
