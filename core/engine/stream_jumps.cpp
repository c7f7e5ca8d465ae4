// SPDX-License-Identifier: Apache-2.0
#include <engine/stream_jumps.h>

#include <algorithm>

namespace volley {

StreamJumps::View StreamJumps::of(const Layout& layout, int port, double factor, double gain, Time frame,
                                  const Stream& s) {
  while (drawn_.size() <= s.stream) drawn_.push_back(std::make_unique<Drawn>());
  Drawn& d = *drawn_[s.stream];
  if (d.draw != s.draw || d.frame != frame) {
    d.draw = s.draw;
    d.frame = frame;
    d.at_hand = s.at_hand;
    const auto n = static_cast<std::size_t>(std::lower_bound(s.t, s.t + s.at_hand, frame + layout.H) - s.t);
    layout.stream_jump(port, factor, gain, s.t, n, frame, d.room);
  }
  const std::size_t taken = d.at_hand - s.at_hand;
  View v{d.room.jump, d.room.up + taken};
  for (auto& c : v.jump.coefficient)
    if (c) c += taken;
  return v;
}

}  // namespace volley
