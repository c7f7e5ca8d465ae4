// SPDX-License-Identifier: Apache-2.0
// The writer thread: takes whole buffers by swapping, so that the engine never waits for a disk while there is room.
#include <output/writer.h>

#include <algorithm>
#include <utility>

namespace volley {

using Clock = std::chrono::steady_clock;

Writer::Writer(Sink& sink, std::size_t columns, std::size_t limit_bytes, double flush_s)
    : sink_(sink), limit_(std::max<std::size_t>(limit_bytes, 1 << 12)), piece_(limit_ / 32 * 8), period_(flush_s),
      columns_(columns), thread_([this] { work(); }) {}

Writer::~Writer() { stop(true); }

void Writer::stop(bool discard) {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    discard_ = discard;
  }
  work_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Writer::finish() {
  stop(false);
  if (error_) std::rethrow_exception(error_);
}

void Writer::append(std::span<const Part> parts, std::size_t rows) {
  if (rows == 0) return;
  std::size_t row_bytes = 0;
  for (const Part& p : parts) row_bytes += p.bytes.size() / rows;
  const std::size_t step = std::max<std::size_t>(1, piece_ / std::max<std::size_t>(1, row_bytes));
  if (rows <= step && row_bytes <= piece_) return put(parts, false);

  std::vector<Part> some(parts.size());
  for (std::size_t first = 0; first < rows; first += step) {
    const std::size_t count = std::min(step, rows - first);
    for (std::size_t k = 0; k < parts.size(); ++k) {
      const std::size_t size = parts[k].bytes.size() / rows;
      some[k] = {parts[k].column, parts[k].bytes.subspan(first * size, count * size)};
    }
    if (row_bytes <= piece_) put(some, false);
    else put_row_in_pieces(some);
  }
}

void Writer::put_row_in_pieces(std::span<const Part> row) {
  for (std::size_t k = 0; k < row.size(); ++k) {
    auto rest = row[k].bytes;
    do {
      const Part p{row[k].column, rest.first(std::min(piece_, rest.size()))};
      rest = rest.subspan(p.bytes.size());
      put({&p, 1}, k + 1 < row.size() || !rest.empty());
    } while (!rest.empty());
  }
}

void Writer::put(std::span<const Part> parts, bool row_open) {
  std::size_t bytes = 0;
  for (const Part& p : parts) bytes += p.bytes.size();
  std::unique_lock lock(mutex_);
  room_.wait(lock, [&] {
    const bool flush_first = flush_owed_ && !row_open_;
    return error_ || (!flush_first && pending_ + writing_ + bytes <= limit_);
  });
  if (error_) std::rethrow_exception(error_);
  for (const Part& p : parts) {
    auto& column = columns_[p.column];
    column.insert(column.end(), p.bytes.begin(), p.bytes.end());
  }
  const bool much = pending_ < piece_ && pending_ + bytes >= piece_;
  const bool wake = much || (flush_owed_ && !row_open);
  pending_ += bytes;
  row_open_ = row_open;
  lock.unlock();
  if (wake) work_.notify_one();
}

void Writer::work() {
  std::vector<std::vector<std::byte>> taken(columns_.size());
  const auto period = std::chrono::duration_cast<Clock::duration>(period_);
  auto due = Clock::now() + period;
  bool dirty = false;
  std::unique_lock lock(mutex_);
  for (;;) {
    work_.wait_until(lock, due, [&] { return stopping_ || pending_ >= piece_ || (flush_owed_ && !row_open_); });
    const bool last = stopping_, open = row_open_;
    bool owed = flush_owed_ || last;
    if (last && discard_) return;
    std::swap(columns_, taken);
    writing_ = std::exchange(pending_, 0);
    lock.unlock();
    std::exception_ptr error;
    std::size_t kept = 0;  // memory that taken columns hold for the next round; bounded over all columns
    try {
      for (std::size_t c = 0; c < taken.size(); ++c) {
        if (taken[c].empty()) continue;
        sink_.write(c, taken[c]);
        taken[c].clear();
        if ((kept += taken[c].capacity()) > limit_ / 2) taken[c].shrink_to_fit();
        dirty = true;
      }
      owed = owed || Clock::now() >= due;
      if (owed && dirty && !open) {
        sink_.flush();
        dirty = false;
      }
    } catch (...) {
      error = std::current_exception();
    }
    if (owed) due = Clock::now() + period;
    lock.lock();
    flush_owed_ = owed && open;
    writing_ = 0;
    error_ = error;
    room_.notify_all();
    if (last || error) return;
  }
}

}  // namespace volley
