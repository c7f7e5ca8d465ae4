// SPDX-License-Identifier: Apache-2.0
// The thread sanitizer looks neither into Debian's libtbb nor, by its build flags, into this file. What TBB promises of
// a loop, it is told here; the loops' bodies it sees as they run.
#include <network/parallel.h>

#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_invoke.h>
#include <tbb/task_arena.h>

#include <new>
#include <optional>

#if defined(VOLLEY_THREAD_SANITIZER)
#include <sanitizer/tsan_interface.h>

// What libtbb does to its own memory through functions that the sanitizer watches everywhere (memcmp, delete). It
// silences no access of ours.
extern "C" const char* __tsan_default_suppressions() { return "called_from_lib:libtbb.so\n"; }
#endif

namespace volley {
namespace {

#if defined(VOLLEY_THREAD_SANITIZER)
// All before a loop happens before each of its bodies, and each body before all after the loop. Nothing is said of two
// bodies, so that a race between them is found.
class Handoff {
 public:
  Handoff() { __tsan_release(&in_); }
  ~Handoff() { __tsan_acquire(&out_); }
  Handoff(const Handoff&) = delete;
  Handoff& operator=(const Handoff&) = delete;

  class Body {
   public:
    explicit Body(Handoff& h) : handoff_(h) { __tsan_acquire(&h.in_); }
    ~Body() { __tsan_release(&handoff_.out_); }
    Body(const Body&) = delete;
    Body& operator=(const Body&) = delete;

   private:
    Handoff& handoff_;
  };

 private:
  long in_ = 0, out_ = 0;  // only their addresses matter
};
#else
struct Handoff {
  struct Body {
    explicit Body(Handoff&) {}
  };
};
#endif

}  // namespace

struct Workers::Impl {
  explicit Impl(int threads) : arena(threads > 0 ? threads : tbb::task_arena::automatic) {
    if (threads > 0) limit.emplace(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads));
  }
  std::optional<tbb::global_control> limit;  // without it TBB stops at one thread for each core
  tbb::task_arena arena;
};

Workers::Workers(int threads) : impl_(std::make_unique<Impl>(threads)) {}
Workers::~Workers() = default;
int Workers::count() const { return impl_->arena.max_concurrency(); }

void Workers::run(const std::function<void()>& f) {
  Handoff handoff;  // another worker may run f
  impl_->arena.execute([&] {
    const Handoff::Body body(handoff);
    f();
  });
}

void end_idle_threads() {
  tbb::task_scheduler_handle threads{tbb::attach{}};
  static_cast<void>(tbb::finalize(threads, std::nothrow));  // false: somebody still uses them
}

int worker_count() { return tbb::this_task_arena::max_concurrency(); }

void parallel_ranges(std::size_t n, std::size_t grain, const std::function<void(std::size_t, std::size_t)>& f) {
  Handoff handoff;
  tbb::parallel_for(tbb::blocked_range<std::size_t>(0, n, grain), [&](const tbb::blocked_range<std::size_t>& r) {
    const Handoff::Body body(handoff);
    f(r.begin(), r.end());
  });
}

void parallel_invoke(const std::function<void()>& f, const std::function<void()>& g) {
  Handoff handoff;
  const auto body = [&](const std::function<void()>& part) {
    const Handoff::Body b(handoff);
    part();
  };
  tbb::parallel_invoke([&] { body(f); }, [&] { body(g); });
}

}  // namespace volley
