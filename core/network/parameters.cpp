// SPDX-License-Identifier: Apache-2.0
// A model's Parameters from its field table, the user's values and its own check.
#include <network/error.h>
#include <network/random_streams.h>
#include <network/sample.h>

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstring>

namespace volley {
namespace {

static_assert(std::endian::native == std::endian::little, "enums of any size are written by their low bytes");

template <class T>
T& member(void* parameters, const FieldInfo& f) {
  return *reinterpret_cast<T*>(static_cast<std::byte*>(parameters) + f.offset);
}

void set_choice(void* parameters, const FieldInfo& f, std::int64_t index) {
  std::memcpy(static_cast<std::byte*>(parameters) + f.offset, &index, f.size);
}

void set_default(void* parameters, const FieldInfo& f) {
  switch (f.kind) {
    case FieldKind::number: member<double>(parameters, f) = f.number; break;
    case FieldKind::flag: member<bool>(parameters, f) = f.number != 0.0; break;
    case FieldKind::integer: member<std::int64_t>(parameters, f) = static_cast<std::int64_t>(f.number); break;
    case FieldKind::choice: set_choice(parameters, f, static_cast<std::int64_t>(f.number)); break;
    case FieldKind::text:
    case FieldKind::path: member<std::string>(parameters, f) = f.text; break;
    case FieldKind::numbers:
    case FieldKind::lists:
    case FieldKind::texts: break;  // empty
  }
}

std::string limits(const Bounds& b, std::string_view unit) {
  const std::string u = unit.empty() ? "" : fmt::format(" {}", unit);
  if (std::isinf(b.high)) return fmt::format("{} {}{}", b.low_open ? "more than" : "at least", b.low, u);
  if (std::isinf(b.low)) return fmt::format("at most {}{}", b.high, u);
  return b.low_open ? fmt::format("more than {} and at most {}{}", b.low, b.high, u)
                    : fmt::format("from {} to {}{}", b.low, b.high, u);
}

const Where& place(const FieldValue& v) {
  const auto* d = std::get_if<Distribution>(&v.value);
  return d && d->where.line > 0 ? d->where : v.where;
}

void check_bounds(const FieldValue& v, double x, bool drawn) {
  const FieldInfo& f = *v.field;
  if (f.bounds.contain(x)) return;
  const std::string unit = f.unit.empty() ? "" : fmt::format(" {}", f.unit);
  throw InputError(place(v), fmt::format("{} {} {}{}; it must be {}", f.name, drawn ? "was drawn as" : "is", x, unit,
                                         limits(f.bounds, f.unit)));
}

void check_bounds(const FieldValue& v, const std::vector<double>& numbers) {
  for (const double x : numbers) check_bounds(v, x, false);
}

void set(void* parameters, const FieldValue& v) {
  const FieldInfo& f = *v.field;
  switch (f.kind) {
    case FieldKind::number: throw InternalError("numbers are drawn");
    case FieldKind::flag: member<bool>(parameters, f) = std::get<bool>(v.value); break;
    case FieldKind::integer: {
      const auto x = std::get<std::int64_t>(v.value);
      check_bounds(v, static_cast<double>(x), false);
      member<std::int64_t>(parameters, f) = x;
      break;
    }
    case FieldKind::choice: set_choice(parameters, f, std::get<std::int64_t>(v.value)); break;
    case FieldKind::text:
    case FieldKind::path: member<std::string>(parameters, f) = std::get<std::string>(v.value); break;
    case FieldKind::numbers: {
      const auto& x = std::get<std::vector<double>>(v.value);
      check_bounds(v, x);
      member<std::vector<double>>(parameters, f) = x;
      break;
    }
    case FieldKind::lists: {
      const auto& x = std::get<std::vector<std::vector<double>>>(v.value);
      for (const auto& list : x) check_bounds(v, list);
      member<std::vector<std::vector<double>>>(parameters, f) = x;
      break;
    }
    case FieldKind::texts:
      member<std::vector<std::string>>(parameters, f) = std::get<std::vector<std::string>>(v.value);
      break;
  }
}

// One number field of every struct of the set.
void draw_field(ParameterSet& all, const FieldValue& v, RandomKey key, std::uint32_t first, std::uint32_t size) {
  const auto& d = std::get<Distribution>(v.value);
  if (d.kind == Distribution::Kind::values && d.values.size() != size)
    throw InputError(place(v), fmt::format("{} has {} values; {} are needed, one each", v.field->name,
                                           d.values.size(), size));
  for (std::size_t i = 0; i < all.count(); ++i) {
    const std::size_t element = first + i;
    Random random(&random_source(), key, element);
    const double x = draw(d, random, element);
    check_bounds(v, x, !d.constant());
    member<double>(all.at(i), *v.field) = x;
  }
}

void check_model(const ModelChoice& choice, const ParameterSet& all) {
  if (!choice.model->check) return;
  try {
    for (std::size_t i = 0; i < all.count(); ++i) choice.model->check(all.at(i));
  } catch (const BadParameter& bad) {
    for (const FieldValue& v : choice.values)
      if (v.field->name == bad.field) throw InputError(place(v), bad.what());
    throw InputError(choice.where, fmt::format("{}: {}", bad.field, bad.what()));
  }
}

}  // namespace

ParameterSet make_parameters(const ModelChoice& choice, std::uint64_t seed, const std::string& owner,
                             std::uint32_t first, std::uint32_t count, std::uint32_t size) {
  bool uniform = true;
  for (const FieldValue& v : choice.values) {
    const auto* d = std::get_if<Distribution>(&v.value);
    uniform = uniform && (!d || d->constant());
  }
  ParameterSet all(*choice.model->type, uniform ? 1 : count);
  for (std::size_t i = 0; i < all.count(); ++i) {
    for (const FieldInfo& f : choice.model->parameters) set_default(all.at(i), f);
    for (const FieldValue& v : choice.values)
      if (v.field->kind != FieldKind::number) set(all.at(i), v);
  }
  for (const FieldValue& v : choice.values)
    if (v.field->kind == FieldKind::number)
      draw_field(all, v, random_key(seed, Purpose::parameter, fmt::format("{}.{}", owner, v.field->name)), first, size);
  check_model(choice, all);
  return all;
}

}  // namespace volley
