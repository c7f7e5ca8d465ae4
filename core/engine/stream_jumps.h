// SPDX-License-Identifier: Apache-2.0
// What each arrival of a block's streams adds, computed once for all that a stream has at hand, and again when the
// frame moves: streams are taken in stretches that may be a few arrivals long.
#pragma once

#include <engine/layout.h>
#include <volley/kernel.h>

#include <memory>
#include <vector>

namespace volley {

class StreamJumps {
 public:
  // From the stream's next arrival on: coefficients, and exp(s/tau) of the port's element.
  struct View {
    loops::StreamJump jump;
    const double* growth;
  };
  // port, factor and gain are always the same for one stream.
  View of(const Layout&, int port, double factor, double gain, Time frame, const Stream&);

 private:
  struct Drawn {
    std::uint64_t draw = 0;
    Time frame = -1;
    std::size_t at_hand = 0;  // when the room was filled
    StreamRoom room;
  };
  std::vector<std::unique_ptr<Drawn>> drawn_;  // by stream
};

}  // namespace volley
