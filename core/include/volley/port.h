// SPDX-License-Identifier: Apache-2.0
// Where arrivals enter a neuron of the verbs or step form.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace volley {

struct Port {
  std::string_view name, unit;
  bool non_negative = false;  // conductances: a negative weight is an error
};

// One arrival, as `receive` sees it.
struct Arrival {
  double w;  // in the port's unit
  int port;
};

namespace detail {
inline constexpr std::array default_ports{Port{"V", "mV"}};

template <class M>
std::span<const Port> ports_of() {
  if constexpr (requires { M::ports; }) return M::ports;
  else return default_ports;
}
template <class M>
inline constexpr std::size_t ports_count = [] {
  if constexpr (requires { M::ports; }) return M::ports.size();
  else return default_ports.size();
}();
}  // namespace detail
}  // namespace volley
