// SPDX-License-Identifier: Apache-2.0
// The parameters of a population, rule or synapse as the host keeps them: one struct, or one per element
// where the user gave a distribution. Type-erased, so that the host can fill a plugin's struct by field table.
#pragma once

#include <volley/field.h>

#include <cstddef>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

namespace volley {

// Thrown by a model's `check` and by `membrane`: names the field at fault; the host adds file, line and column.
struct BadParameter : std::runtime_error {
  BadParameter(std::string field_name, const std::string& what)
      : std::runtime_error(what), field(std::move(field_name)) {}
  std::string field;
};

// How to make, copy and destroy a `Parameters` struct whose type the host does not know.
struct ParametersType {
  std::size_t size = 0;
  void (*construct)(void*) = nullptr;
  void (*copy)(void* to, const void* from) = nullptr;  // copy-assignment
  void (*destroy)(void*) = nullptr;
};

class ParameterSet {
 public:
  ParameterSet() = default;
  // `count` structs, value-initialised. count == 1: the same for every element.
  ParameterSet(const ParametersType& type, std::size_t count) : type_(&type), count_(count) {
    bytes_.reset(static_cast<std::byte*>(::operator new(type.size * count, alignment)));
    for (std::size_t i = 0; i < count; ++i) type.construct(at(i));
  }
  ParameterSet(ParameterSet&& o) noexcept
      : type_(o.type_), count_(std::exchange(o.count_, 0)), bytes_(std::move(o.bytes_)) {}
  ParameterSet& operator=(ParameterSet&& o) noexcept {
    std::swap(type_, o.type_);
    std::swap(count_, o.count_);
    std::swap(bytes_, o.bytes_);
    return *this;
  }
  ~ParameterSet() {
    for (std::size_t i = 0; i < count_; ++i) type_->destroy(at(i));
  }

  bool uniform() const { return count_ == 1; }
  std::size_t count() const { return count_; }
  // The struct of element i (the one struct when uniform).
  void* at(std::size_t i) { return bytes_.get() + type_->size * (count_ == 1 ? 0 : i); }
  const void* at(std::size_t i) const { return bytes_.get() + type_->size * (count_ == 1 ? 0 : i); }
  template <class P>
  const P& get(std::size_t i = 0) const {
    return *static_cast<const P*>(at(i));
  }

 private:
  static constexpr std::align_val_t alignment{64};
  struct Free {
    void operator()(std::byte* p) const { ::operator delete(p, alignment); }
  };
  const ParametersType* type_ = nullptr;
  std::size_t count_ = 0;
  std::unique_ptr<std::byte, Free> bytes_;
};

namespace detail {
template <class P>
inline constexpr ParametersType parameters_type{
    sizeof(P), [](void* p) { new (p) P{}; },
    [](void* to, const void* from) { *static_cast<P*>(to) = *static_cast<const P*>(from); },
    [](void* p) { static_cast<P*>(p)->~P(); }};
}  // namespace detail
}  // namespace volley
