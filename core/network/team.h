// SPDX-License-Identifier: Apache-2.0
// Threads that step through many short loops together. Waking a thread costs more than such a loop, so they wait for
// the next one with open eyes for a while; and what an index touches stays in the caches of one thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace volley {

class Team {
 public:
  explicit Team(int members);  // the caller of run() is one of them
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  // f(k) for k = 0 .. n - 1, each k always by the same member. Rethrows the first error when all have come to rest.
  void run(std::size_t n, const std::function<void(std::size_t)>& f);

 private:
  void work(std::size_t member);
  void take_share(std::size_t member);
  void await(const std::atomic<std::uint32_t>& value, std::uint32_t old) const;

  bool keen_;  // a core for each member: waiting takes nothing from anybody
  std::size_t n_ = 0;
  const std::function<void(std::size_t)>* f_ = nullptr;
  bool over_ = false;
  std::exception_ptr error_;
  std::mutex error_mutex_;
  alignas(64) std::atomic<std::uint32_t> round_{0};    // one more with each loop
  alignas(64) std::atomic<std::uint32_t> working_{0};  // members that have not come to rest
  std::vector<std::thread> threads_;
};

}  // namespace volley
