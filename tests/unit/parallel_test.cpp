// SPDX-License-Identifier: Apache-2.0
// Loops on as many threads as were asked for, more than the machine has cores too.
#include <network/parallel.h>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

namespace volley {
namespace {

class OnWorkers : public testing::TestWithParam<int> {
 protected:
  Workers workers{GetParam()};
};

// Each body waits for all others, so that only as many threads as bodies come through.
TEST_P(OnWorkers, AreAllAtWorkAtOnce) {
  ASSERT_EQ(workers.count(), GetParam());
  std::atomic<int> here = 0;
  const auto patience = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  workers.run([&] {
    parallel_for(static_cast<std::size_t>(GetParam()), [&](std::size_t) {
      ++here;
      while (here < GetParam() && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
      EXPECT_EQ(here, GetParam());
    });
  });
}

TEST_P(OnWorkers, EveryIndexOnce) {
  for (const std::size_t n : {0, 1, 2, 7, 1000}) {
    for (const std::size_t grain : {1, 3, 5000}) {
      std::vector<std::atomic<int>> count(n);
      workers.run([&] {
        parallel_ranges(n, grain, [&](std::size_t begin, std::size_t end) {
          EXPECT_LT(begin, end);
          for (std::size_t k = begin; k < end; ++k) ++count[k];
        });
      });
      for (const auto& c : count) EXPECT_EQ(c, 1);
    }
  }
}

TEST_P(OnWorkers, RunBothParts) {
  int f = 0, g = 0;
  workers.run([&] { parallel_invoke([&] { f = 1; }, [&] { g = 2; }); });
  EXPECT_EQ(f + g, 3);
}

TEST_P(OnWorkers, PassAnErrorOn) {
  const auto loop = [&] {
    parallel_for(100, [](std::size_t k) {
      if (k == 42) throw std::runtime_error("at 42");
    });
  };
  EXPECT_THROW(workers.run(loop), std::runtime_error);
}

INSTANTIATE_TEST_SUITE_P(Parallel, OnWorkers, testing::Values(1, 2, 8));

TEST(Parallel, ThreadsEndAndBeginAgain) {
  for (int round = 0; round < 3; ++round) {
    std::vector<std::atomic<int>> count(100);
    Workers(4).run([&] { parallel_for(count.size(), [&](std::size_t k) { ++count[k]; }); });
    for (const auto& c : count) EXPECT_EQ(c, 1);
    end_idle_threads();
    end_idle_threads();  // none are left
  }
}

TEST(Parallel, WorkersAreThoseOfTheRun) {
  const int of_the_machine = worker_count();
  Workers three(3);
  three.run([] { EXPECT_EQ(worker_count(), 3); });
  EXPECT_EQ(worker_count(), of_the_machine);
  EXPECT_GE(Workers().count(), 1);
}

}  // namespace
}  // namespace volley
