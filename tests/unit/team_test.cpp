// SPDX-License-Identifier: Apache-2.0
// Threads in step: every index once and always by the same thread, errors, teams larger than the machine, long waits.
#include <network/team.h>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <thread>
#include <vector>

namespace volley {
namespace {

class OfMembers : public testing::TestWithParam<int> {};

TEST_P(OfMembers, EveryIndexOnceALoopByTheSameThread) {
  Team team(GetParam());
  for (const std::size_t n : {0u, 1u, 2u, 7u, 64u}) {
    std::vector<int> count(n);
    std::vector<std::thread::id> by(n);
    for (int round = 1; round <= 300; ++round)
      team.run(n, [&](std::size_t k) {
        if (round == 1) by[k] = std::this_thread::get_id();
        EXPECT_EQ(by[k], std::this_thread::get_id());
        ++count[k];
      });
    EXPECT_EQ(count, std::vector<int>(n, 300));
  }
}

// What one loop writes the next one reads, whoever wrote it.
TEST_P(OfMembers, SeeWhatTheLoopBeforeDid) {
  Team team(GetParam());
  constexpr std::size_t n = 16;
  std::vector<std::uint64_t> now(n, 1), before(n);
  for (int round = 0; round < 50; ++round) {
    before = now;
    team.run(n, [&](std::size_t k) { now[k] = before[k] + before[(k + 1) % n]; });
  }
  EXPECT_EQ(now, std::vector<std::uint64_t>(n, std::uint64_t{1} << 50));
}

TEST_P(OfMembers, RethrowAnErrorAndGoOn) {
  Team team(GetParam());
  for (std::size_t bad = 0; bad < 10; ++bad) {
    std::vector<int> done(10);
    const auto f = [&](std::size_t k) {
      if (k == bad) throw std::runtime_error("no");
      done[k] = 1;
    };
    EXPECT_THROW(team.run(10, f), std::runtime_error);
    EXPECT_EQ(done[bad], 0);
  }
  std::vector<int> done(10);
  team.run(10, [&](std::size_t k) { done[k] = 1; });
  EXPECT_EQ(done, std::vector<int>(10, 1));
}

// Members that have gone to sleep wake up, and so does the caller while a member takes long.
TEST_P(OfMembers, SleepAndWake) {
  Team team(GetParam());
  for (int round = 0; round < 3; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    std::vector<int> done(8);
    team.run(8, [&](std::size_t k) {
      if (k == 7) std::this_thread::sleep_for(std::chrono::milliseconds(20));
      done[k] = 1;
    });
    EXPECT_EQ(done, std::vector<int>(8, 1));
  }
}

INSTANTIATE_TEST_SUITE_P(Team, OfMembers, testing::Values(1, 2, 3, 8));

}  // namespace
}  // namespace volley
