// SPDX-License-Identifier: Apache-2.0
// The writer thread and its bounded buffer. The engine appends to columns; the thread takes all that has come, writes
// it and flushes every few seconds. A full buffer makes the engine wait: memory never grows without bound.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace volley {

class Writer {
 public:
  // Where the columns go; called from the writer thread only.
  class Sink {
   public:
    virtual ~Sink() = default;
    virtual void write(std::size_t column, std::span<const std::byte> bytes) = 0;
    virtual void flush() = 0;
  };

  struct Part {
    std::size_t column;
    std::span<const std::byte> bytes;
  };
  template <class T>
  static Part part(std::size_t column, std::span<const T> values) {
    return {column, std::as_bytes(values)};
  }

  Writer(Sink&, std::size_t columns, std::size_t limit_bytes, double flush_s);
  ~Writer();  // stops without writing what is left; call finish() first

  // `rows` rows, the same number in each part, cut in pieces when they are many. A flush never falls into a row or
  // between the parts of a piece. Waits while the buffer is full. Rethrows an error of the writer thread.
  void append(std::span<const Part> parts, std::size_t rows);
  void append(std::initializer_list<Part> parts, std::size_t rows) {
    append(std::span(parts.begin(), parts.size()), rows);
  }

  // Writes everything, flushes and ends the thread. Rethrows an error of the writer thread.
  void finish();

 private:
  void put(std::span<const Part> parts, bool row_open);
  void put_row_in_pieces(std::span<const Part> row);
  void work();
  void stop(bool discard);

  Sink& sink_;
  const std::size_t limit_, piece_;  // a piece never cuts a value
  const std::chrono::duration<double> period_;

  std::mutex mutex_;
  std::condition_variable work_, room_;
  std::vector<std::vector<std::byte>> columns_;  // what has come since the thread last took everything
  std::size_t pending_ = 0, writing_ = 0;        // bytes in columns_; bytes that the thread is writing
  bool row_open_ = false;                        // columns_ ends inside a row
  bool flush_owed_ = false;  // a flush fell due inside a row: no further row begins before it
  bool stopping_ = false, discard_ = false;
  std::exception_ptr error_;
  std::thread thread_;
};

}  // namespace volley
