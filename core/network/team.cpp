// SPDX-License-Identifier: Apache-2.0
#include <network/team.h>

#include <system_error>
#include <utility>

namespace volley {
namespace {

inline void breathe() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

Team::Team(int members) : keen_(static_cast<unsigned>(members) <= std::thread::hardware_concurrency()) {
  try {
    for (int m = 1; m < members; ++m) threads_.emplace_back([this, m] { work(static_cast<std::size_t>(m)); });
  } catch (const std::system_error&) {  // the system has no more threads: fewer members do the same
  }
}

Team::~Team() {
  over_ = true;
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  for (std::thread& t : threads_) t.join();
}

// Until value is no longer old: a few ten microseconds awake, then asleep.
void Team::await(const std::atomic<std::uint32_t>& value, std::uint32_t old) const {
  for (int k = 0; keen_ && k < 2000; ++k) {
    if (value.load(std::memory_order_acquire) != old) return;
    breathe();
  }
  value.wait(old, std::memory_order_acquire);
}

void Team::take_share(std::size_t member) {
  try {
    for (std::size_t k = member; k < n_; k += threads_.size() + 1) (*f_)(k);
  } catch (...) {
    const std::lock_guard lock(error_mutex_);
    if (!error_) error_ = std::current_exception();
  }
}

void Team::work(std::size_t member) {
  for (std::uint32_t round = 0;;) {
    await(round_, round++);
    if (over_) return;
    take_share(member);
    if (working_.fetch_sub(1, std::memory_order_acq_rel) == 1) working_.notify_one();
  }
}

void Team::run(std::size_t n, const std::function<void(std::size_t)>& f) {
  if (n <= 1 || threads_.empty()) {
    for (std::size_t k = 0; k < n; ++k) f(k);
    return;
  }
  n_ = n;
  f_ = &f;
  working_.store(static_cast<std::uint32_t>(threads_.size()), std::memory_order_relaxed);
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  take_share(0);
  for (std::uint32_t left; (left = working_.load(std::memory_order_acquire)) != 0;) await(working_, left);
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

}  // namespace volley
