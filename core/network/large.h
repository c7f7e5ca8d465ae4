// SPDX-License-Identifier: Apache-2.0
// Arrays that are entered at random places. Large ones ask for pages of 2 MB where the system has them on request: one
// entry of the processor's table of addresses then serves 512 times as much.
#pragma once

#if __has_include(<sys/mman.h>)
#include <sys/mman.h>
#endif

#include <cstddef>
#include <new>
#include <utility>
#include <vector>

namespace volley {

template <class T>
struct LargeAllocator {
  using value_type = T;
  static constexpr std::size_t page = std::size_t{2} << 20, large = 2 * page;

  LargeAllocator() = default;
  template <class U>
  LargeAllocator(const LargeAllocator<U>&) {}

  T* allocate(std::size_t n) {
    const std::size_t bytes = n * sizeof(T);
    void* p = ::operator new(bytes, alignment(bytes));
#ifdef MADV_HUGEPAGE
    if (bytes >= large) static_cast<void>(madvise(p, bytes, MADV_HUGEPAGE));  // refused: ordinary pages serve
#endif
    return static_cast<T*>(p);
  }
  // Elements of a new size are left as they are: whoever fills an array touches its pages first, and once.
  template <class U>
  void construct(U* p) {
    ::new (static_cast<void*>(p)) U;
  }
  template <class U, class... Args>
  void construct(U* p, Args&&... args) {
    ::new (static_cast<void*>(p)) U(std::forward<Args>(args)...);
  }
  void deallocate(T* p, std::size_t n) { ::operator delete(p, alignment(n * sizeof(T))); }

  friend bool operator==(const LargeAllocator&, const LargeAllocator&) { return true; }

 private:
  static std::align_val_t alignment(std::size_t bytes) { return std::align_val_t{bytes >= large ? page : 64}; }
};

template <class T>
using Large = std::vector<T, LargeAllocator<T>>;

}  // namespace volley
