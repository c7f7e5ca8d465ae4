// SPDX-License-Identifier: Apache-2.0
// What every model tells of itself, and how it is enrolled: one static node per model on a list that is private to
// its executable or shared library. The host walks the list after the ABI tag has been checked.
#pragma once

#include <volley/field.h>
#include <volley/parameters.h>

#include <span>
#include <string_view>

namespace volley {

enum class ModelKind : std::uint8_t { neuron, synapse, rule, stimulator, loss, optimiser, modulator, learning_rule };

// How far a claim can be trusted (docs/design.md, "Honest labels").
enum class Origin : std::uint8_t { published, authors_code, reconstruction, from_memory, ours };

struct Fidelity {
  Origin equations;
  Origin defaults;
  std::string_view note;
};

// A field that means something only while a choice has one value. Writing it under another value is the user's error,
// found where the experiment file is read; a default is no error. A model declares
//   static constexpr auto only_with = std::array{OnlyWith{"mu", "dependence", "power_law"}};
struct OnlyWith {
  std::string_view field, choice, value;
};

// Common to all kinds. A kind's own struct derives from it and adds its verbs.
struct Model {
  ModelKind kind;
  std::string_view name;
  std::string_view file;  // source file, for error messages and the manual
  std::string_view comment;  // its top comment (equations, source); filled by the build, may be empty
  Fidelity fidelity;
  FieldTable parameters;
  FieldTable state;
  std::span<const OnlyWith> only_with;
  const ParametersType* type = nullptr;
  void (*check)(const void* parameters) = nullptr;  // throws BadParameter; may be null
};

struct Enrolment {
  Model* model;
  Enrolment* next;
};

// Hidden: each executable or shared library has its own list.
[[gnu::visibility("hidden")]] inline Enrolment* enrolled = nullptr;

namespace detail {

struct Enrol {
  Enrolment node;
  explicit Enrol(Model& m) : node{&m, enrolled} { enrolled = &node; }
};

template <class M>
constexpr bool describes_itself = requires {
  { std::string_view(M::name) };
  { M::fidelity.note } -> std::convertible_to<std::string_view>;
  typename M::Parameters;
  M::parameters;
};

// Fills the common part of a model's description.
template <class M>
void describe(Model& d, ModelKind kind, std::string_view file) {
  static_assert(describes_itself<M>,
                "a model needs: name, fidelity, struct Parameters and its table `parameters`");
  d.kind = kind;
  d.name = M::name;
  d.file = file;
  d.fidelity = M::fidelity;
  d.parameters = table_of<M::parameters>();
  if constexpr (requires { M::state; }) d.state = table_of<M::state>();
  if constexpr (requires { M::only_with; }) d.only_with = M::only_with;
  d.type = &parameters_type<typename M::Parameters>;
  if constexpr (requires(const typename M::Parameters& p) { M::check(p); })
    d.check = [](const void* p) { M::check(*static_cast<const typename M::Parameters*>(p)); };
}

}  // namespace detail
}  // namespace volley

#define VOLLEY_ENROL_(description, M)                                                     \
  namespace {                                                                               \
  ::volley::detail::Enrol volley_enrolment_##M{description<M>(__FILE__)};                   \
  }
