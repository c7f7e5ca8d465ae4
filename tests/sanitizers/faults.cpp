// SPDX-License-Identifier: Apache-2.0
// One fault, by name, for test_sanitizers.py: what a sanitizer build must report. "none" has loops that hand their work
// over correctly, which must not be reported.
#include <network/parallel.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <numeric>
#include <string_view>
#include <thread>
#include <vector>

namespace {
using namespace volley;

// Two bodies at once on two threads. Relaxed: the meeting itself puts neither before the other.
class Meeting {
 public:
  void wait() {
    here_.fetch_add(1, std::memory_order_relaxed);
    while (here_.load(std::memory_order_relaxed) < 2) std::this_thread::yield();
  }

 private:
  std::atomic<int> here_ = 0;
};

void race_of_two_bodies() {
  int shared = 0;
  Meeting meeting;
  Workers(2).run([&] {
    parallel_for(2, [&](std::size_t) {
      meeting.wait();
      ++shared;
    });
  });
  std::printf("%d\n", shared);
}

void race_of_two_parts() {
  int shared = 0;
  Meeting meeting;
  const auto part = [&] {
    meeting.wait();
    ++shared;
  };
  Workers(2).run([&] { parallel_invoke(part, part); });
  std::printf("%d\n", shared);
}

// Written before a loop, read in its bodies; written there, read after it; a loop in a loop; memory handed on.
int none() {
  Workers workers(4);
  std::vector<int> before(1000), after;
  std::vector<std::unique_ptr<std::vector<int>>> made(1000);
  for (int round = 0; round < 20; ++round) {
    std::iota(before.begin(), before.end(), round);
    after.assign(before.size(), 0);
    workers.run([&] {
      parallel_for(10, [&](std::size_t outer) {
        parallel_ranges(100, 5, [&](std::size_t begin, std::size_t end) {
          for (std::size_t k = outer * 100 + begin; k < outer * 100 + end; ++k) {
            made[k] = std::make_unique<std::vector<int>>(10, before[k]);
            after[k] = (*made[k])[5];
          }
        });
      });
      int sums[2] = {};
      parallel_invoke([&] { sums[0] = std::accumulate(after.begin(), after.end(), 0); },
                      [&] { sums[1] = std::accumulate(before.begin(), before.end(), 0); });
      if (sums[0] != sums[1]) std::abort();
    });
    if (after != before) return 1;
  }
  return 0;
}

void heap_overflow(std::size_t size) {
  const std::unique_ptr<int[]> a(new int[size]());
  std::printf("%d\n", a[size]);
}

void use_after_free(int value) {
  auto a = std::make_unique<int>(value);
  const int* p = a.get();
  a.reset();
  std::printf("%d\n", *p);
}

void leak(int value) {
  int* volatile p = new int(value);
  p = nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view fault = argc == 2 ? argv[1] : "";
  if (fault == "none") return none();
  else if (fault == "race_of_two_bodies") race_of_two_bodies();
  else if (fault == "race_of_two_parts") race_of_two_parts();
  else if (fault == "heap_overflow") heap_overflow(static_cast<std::size_t>(argc) + 1);
  else if (fault == "use_after_free") use_after_free(argc);
  else if (fault == "leak") leak(argc);
  else if (fault == "signed_overflow") std::printf("%d\n", std::numeric_limits<int>::max() - 1 + argc);
  else if (fault == "float_to_int") std::printf("%d\n", static_cast<int>(1e30 * argc));
  else if (fault == "vector_index") std::printf("%d\n", std::vector<int>(4)[static_cast<std::size_t>(argc) + 2]);
  else return 3;
  return 0;
}
