// SPDX-License-Identifier: Apache-2.0
// Field tables: one row per parameter or state variable (member, name, default, unit, doc, bounds).
// YAML checking, `volley describe`, the JSON Schema, recording and the manual all derive from them.
//
//   static constexpr auto parameters = fields(
//       Field{&Parameters::tau_m, "tau_m", 20.0, "ms", "membrane time constant", positive});
//
// A member may be double, bool, std::int64_t, an enum (with `one_of`), std::string (text, or `file_name`),
// std::vector<double>, std::vector<std::vector<double>> or std::vector<std::string>.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

namespace volley {

struct Bounds {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = false;  // low itself is out of bounds

  constexpr bool contain(double x) const { return (low_open ? x > low : x >= low) && x <= high; }
};

inline constexpr Bounds any{};
inline constexpr Bounds positive{0.0, std::numeric_limits<double>::infinity(), true};
inline constexpr Bounds non_negative{0.0, std::numeric_limits<double>::infinity(), false};
inline constexpr Bounds fraction{0.0, 1.0, false};  // a probability or a share
constexpr Bounds between(double low, double high) { return {low, high, false}; }
constexpr Bounds at_least(double low) {
  return {low, std::numeric_limits<double>::infinity(), false};
}

enum class FieldKind : std::uint8_t {
  number,    // double; in `unit`
  flag,      // bool
  integer,   // std::int64_t
  choice,    // an enum whose values are 0, 1, ... in the order of `choices`
  text,      // std::string
  path,      // std::string; resolved relative to the experiment file before the model sees it
  numbers,   // std::vector<double>; each in `unit`
  lists,     // std::vector<std::vector<double>>; each in `unit`
  texts,     // std::vector<std::string>
};

// The unit "weight" stands for the unit of the port that a projection reaches.
inline constexpr std::string_view weight_unit = "weight";

// What the host knows of a field. `offset` and `size` (bytes) are the member's place in its struct.
struct FieldInfo {
  std::string_view name, unit, doc;
  FieldKind kind = FieldKind::number;
  Bounds bounds{};
  bool required = false;
  double number = 0.0;  // default of number (NaN: none), integer, flag and choice (as an index)
  std::string_view text;  // default of text
  std::span<const std::string_view> choices;
  std::size_t offset = 0, size = 0;
};
using FieldTable = std::span<const FieldInfo>;

struct Required {};
inline constexpr Required required{};  // in place of a default: the user must write the field
struct Empty {};
inline constexpr Empty empty{};  // in place of a default: an empty text or list; a number: none (NaN)
struct FileName {};
inline constexpr FileName file_name{};  // in place of a default: the text is a file's name; empty unless written
struct RequiredFile {};
inline constexpr RequiredFile required_file{};  // the same, and the user must write it

// one_of<Pairing>("all_to_all", "nearest"): names of an enum's values in order; the first is the default.
template <std::size_t N>
struct Choices {
  std::array<std::string_view, N> names;
};
template <class... S>
constexpr auto one_of(S... names) {
  return Choices<sizeof...(S)>{{std::string_view(names)...}};
}

template <class P, class T, class D>
struct Field {
  T P::*member;
  std::string_view name;
  D value;  // default
  std::string_view unit;
  std::string_view doc;
  Bounds bounds = any;
};
template <class P, class T, class D>
Field(T P::*, std::string_view, D, std::string_view, std::string_view) -> Field<P, T, D>;
template <class P, class T, class D>
Field(T P::*, std::string_view, D, std::string_view, std::string_view, Bounds) -> Field<P, T, D>;

template <class... F>
constexpr std::tuple<F...> fields(F... f) {
  return {f...};
}

namespace detail {

template <class T>
constexpr FieldKind kind_of() {
  if constexpr (std::is_same_v<T, double>) return FieldKind::number;
  else if constexpr (std::is_same_v<T, bool>) return FieldKind::flag;
  else if constexpr (std::is_same_v<T, std::int64_t>) return FieldKind::integer;
  else if constexpr (std::is_enum_v<T>) return FieldKind::choice;
  else if constexpr (std::is_same_v<T, std::string>) return FieldKind::text;
  else if constexpr (std::is_same_v<T, std::vector<double>>) return FieldKind::numbers;
  else if constexpr (std::is_same_v<T, std::vector<std::vector<double>>>) return FieldKind::lists;
  else {
    static_assert(std::is_same_v<T, std::vector<std::string>>, "a field of an unsupported type");
    return FieldKind::texts;
  }
}

template <class P, class T>
std::size_t offset_of(T P::*member) {
  alignas(P) static unsigned char storage[sizeof(P)];
  auto* object = reinterpret_cast<P*>(storage);
  return static_cast<std::size_t>(reinterpret_cast<unsigned char*>(&(object->*member)) - storage);
}

template <class P, class T, class D>
FieldInfo info_of(const Field<P, T, D>& f) {
  FieldInfo i{.name = f.name, .unit = f.unit, .doc = f.doc, .kind = kind_of<T>(), .bounds = f.bounds};
  if constexpr (std::is_same_v<D, Required>) i.required = true;
  else if constexpr (std::is_same_v<D, FileName>) i.kind = FieldKind::path;
  else if constexpr (std::is_same_v<D, RequiredFile>) i.kind = FieldKind::path, i.required = true;
  else if constexpr (std::is_same_v<D, Empty>) i.number = std::numeric_limits<double>::quiet_NaN();
  else if constexpr (requires { f.value.names; }) i.choices = f.value.names;
  else if constexpr (std::is_convertible_v<D, std::string_view>) i.text = f.value;
  else i.number = static_cast<double>(f.value);
  i.offset = offset_of(f.member);
  i.size = sizeof(T);
  return i;
}

// The rows of a table, made once. `F` is the address of the table, so that equal types never share rows.
template <const auto& F>
FieldTable table_of() {
  static const auto rows = std::apply(
      [](const auto&... x) { return std::array<FieldInfo, sizeof...(x)>{info_of(x)...}; }, F);
  return rows;
}

}  // namespace detail
}  // namespace volley
