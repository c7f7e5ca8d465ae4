// SPDX-License-Identifier: Apache-2.0
// Spikes under way along packed rows. Nearly every window meets a slice of each, so that none is queued: a walk knows
// its next slice, which lies behind the last one.
#pragma once

#include <engine/volley_queue.h>
#include <network/rows.h>

#include <cstdint>
#include <vector>

namespace volley {

class Walks {
 public:
  // Along the packed row of v, from its beginning; the spike sets out at time `spike`.
  void begin(const Rows&, Volley v, Time spike);
  // Appends all that arrive before `until`, in no order.
  void take(Time until, std::vector<Volley>& out);
  Time next() const { return next_; }
  std::uint64_t synapses() const;  // still to be reached

 private:
  struct Walk {
    Volley slice;  // the next one
    const Rows* rows;
    Time spike;
    std::uint64_t end;  // of the row's bytes

    void meet();
    bool advance();  // false at the row's end
  };

  std::vector<Walk> walks_;
  Time next_ = never;
};

}  // namespace volley
