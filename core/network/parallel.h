// SPDX-License-Identifier: Apache-2.0
// Parallel loops: the one door to TBB's scheduler.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace volley {

// Threads that share the loops inside run(): as many as asked for, also where the machine has fewer cores.
class Workers {
 public:
  explicit Workers(int threads = 0);  // 0: one for each core
  ~Workers();
  int count() const;
  void run(const std::function<void()>& f);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Threads outlive their Workers, for the next ones. Waits until they have ended, if nobody uses them.
void end_idle_threads();

// Of the run() that this is called in; outside, of the machine.
int worker_count();

// f(begin, end) for ranges of about `grain` or more that cover 0 .. n - 1.
void parallel_ranges(std::size_t n, std::size_t grain, const std::function<void(std::size_t, std::size_t)>& f);

// f(k) for k = 0 .. n - 1.
template <class F>
void parallel_for(std::size_t n, const F& f) {
  parallel_ranges(n, 1, [&f](std::size_t begin, std::size_t end) {
    for (std::size_t k = begin; k < end; ++k) f(k);
  });
}

void parallel_invoke(const std::function<void()>& f, const std::function<void()>& g);

}  // namespace volley
