// SPDX-License-Identifier: Apache-2.0
// Ports: by name; else the only one; else exc or inh by the sign of the weight, which every weight must then have.
#include <experiment/sections.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace volley {
namespace {

std::vector<std::string> names_of(const std::vector<PortInfo>& ports) {
  std::vector<std::string> out;
  for (const PortInfo& p : ports) out.push_back(p.name);
  return out;
}

int find_port(const std::vector<PortInfo>& ports, std::string_view name) {
  const auto it = std::find_if(ports.begin(), ports.end(), [&](const PortInfo& p) { return p.name == name; });
  return it == ports.end() ? -1 : static_cast<int>(it - ports.begin());
}

// What chooses exc or inh: the sign of a constant, of all values, or of the middle of a distribution.
int sign_of(const ProjectionSpec& p, const Where& where) {
  const std::vector<double>& values = p.connect.weight.empty() ? p.weight.values : p.connect.weight;
  const bool given = !p.connect.weight.empty() || p.weight.kind == Distribution::Kind::values;
  const auto sign = [](double x) { return x < 0.0 ? -1 : 1; };
  if (!given) {
    if (p.weight.kind == Distribution::Kind::gamma) return sign(p.weight.b);
    return sign(p.weight.kind == Distribution::Kind::uniform ? p.weight.a + p.weight.b : p.weight.a);
  }
  const bool negative = std::any_of(values.begin(), values.end(), [](double w) { return w < 0.0; });
  if (negative && std::any_of(values.begin(), values.end(), [](double w) { return w > 0.0; }))
    throw InputError(where, "weights of both signs; split them over two projections, or name the `port`");
  return negative ? -1 : 1;
}

}  // namespace

std::string port_unit(const PopulationSpec& to, const Node* port, const Where& where) {
  const auto ports = ports_of(to.model);
  if (port) {
    const int k = find_port(ports, read_text(*port, "the name of a port"));
    if (k < 0) unknown(port->where, port->text, fmt::format("a port of {}", to.model.model->name), names_of(ports));
    return ports[static_cast<std::size_t>(k)].unit;
  }
  const bool signs = find_port(ports, "exc") >= 0 && find_port(ports, "inh") >= 0;
  const bool conductance = std::any_of(ports.begin(), ports.end(), [](const PortInfo& p) { return p.non_negative; });
  if (ports.size() > 1 && (!signs || conductance))
    throw InputError(where, fmt::format("{} has several ports; name one with `port`: {}", to.model.model->name,
                                        fmt::join(names_of(ports), ", ")));
  return ports[0].unit;
}

PortChoice choose_port(const PopulationSpec& to, const Node* port, const ProjectionSpec& p, const Where& where) {
  const auto ports = ports_of(to.model);
  const bool flipped = p.gain && *p.gain < 0.0;
  const auto rule = [&](bool negative) {
    return negative != flipped ? SignRule::non_positive : SignRule::non_negative;
  };
  if (port || ports.size() == 1) {
    const int k = port ? find_port(ports, port->text) : 0;
    return {k, ports[static_cast<std::size_t>(k)].non_negative ? rule(false) : SignRule::any};
  }
  const bool negative = (sign_of(p, where) < 0) != flipped;
  return {find_port(ports, negative ? "inh" : "exc"), rule(negative)};
}

}  // namespace volley
