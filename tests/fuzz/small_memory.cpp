// SPDX-License-Identifier: Apache-2.0
// No value of a file may make the loader ask for memory in proportion to it: a request for more than 64 MB fails here.
// In a file of its own, so that the compiler sees no pair of new and free; the sanitizers bring their own.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#include <cstdlib>
#include <new>

void* operator new(std::size_t size) {
  constexpr std::size_t most = std::size_t{64} << 20;
  if (void* p = size <= most ? std::malloc(size ? size : 1) : nullptr) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
#endif
