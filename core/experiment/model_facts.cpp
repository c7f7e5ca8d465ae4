// SPDX-License-Identifier: Apache-2.0
// What a chosen model is asked before anything is built: its constants as a struct, its ports, its variables.
#include <experiment/model_fields.h>

#include <cstring>

namespace volley {

ParameterSet constant_parameters(const ModelChoice& m) {
  ParameterSet p(*m.model->type, 1);
  std::byte* base = static_cast<std::byte*>(p.at(0));
  const auto integer = [&](const FieldInfo& f, std::int64_t x) {
    std::memcpy(base + f.offset, &x, f.size);  // enums of any underlying type: the low bytes (little-endian)
  };
  for (const FieldInfo& f : m.model->parameters) {
    if (f.kind == FieldKind::number) std::memcpy(base + f.offset, &f.number, sizeof f.number);
    if (f.kind == FieldKind::flag || f.kind == FieldKind::integer || f.kind == FieldKind::choice)
      integer(f, static_cast<std::int64_t>(f.number));
    if (f.kind == FieldKind::text) *reinterpret_cast<std::string*>(base + f.offset) = f.text;
  }
  for (const FieldValue& v : m.values) {
    std::byte* at = base + v.field->offset;
    std::visit([&]<class T>(const T& x) {
      if constexpr (std::is_same_v<T, Distribution>) {
        if (x.constant()) std::memcpy(at, &x.a, sizeof x.a);
      } else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::int64_t>) {
        integer(*v.field, static_cast<std::int64_t>(x));
      } else {
        *reinterpret_cast<T*>(at) = x;
      }
    }, v.value);
  }
  return p;
}

std::vector<PortInfo> ports_of(const ModelChoice& m) {
  const auto& neuron = static_cast<const NeuronModel&>(*m.model);
  std::vector<PortInfo> out;
  if (neuron.membrane) {
    for (const auto& p : neuron.membrane(constant_parameters(m).at(0)).ports)
      out.push_back({std::string(p.name), std::string(p.unit), false});
  } else {
    for (const Port& p : neuron.ports) out.push_back({std::string(p.name), std::string(p.unit), p.non_negative});
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> variables_of(const ModelChoice& m) {
  const auto& neuron = static_cast<const NeuronModel&>(*m.model);
  std::vector<std::pair<std::string, std::string>> out;
  if (neuron.membrane) {
    out.emplace_back("V", "mV");
    for (const auto& c : neuron.membrane(constant_parameters(m).at(0)).components) out.emplace_back(c.name, c.unit);
  } else {
    for (const FieldInfo& f : m.model->state) out.emplace_back(f.name, f.unit);
  }
  return out;
}

}  // namespace volley
