// SPDX-License-Identifier: Apache-2.0
// The writer thread and its buffer alone: bounded, in order, consistent at every flush, honest about failures.
#include <output/writer.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <numeric>
#include <stdexcept>

namespace {

using volley::Writer;
using namespace std::chrono_literals;

// Keeps what is written; notes the columns' lengths at each flush.
struct Memory : Writer::Sink {
  std::vector<std::vector<std::byte>> columns;
  std::vector<std::vector<std::size_t>> flushed;
  std::chrono::microseconds delay{};
  std::size_t fail_after = static_cast<std::size_t>(-1), largest = 0;
  std::atomic<std::size_t> written{0};

  explicit Memory(std::size_t n) : columns(n) {}
  void write(std::size_t c, std::span<const std::byte> bytes) override {
    std::this_thread::sleep_for(delay);
    largest = std::max(largest, bytes.size());
    columns[c].insert(columns[c].end(), bytes.begin(), bytes.end());
    written += bytes.size();
    if (written > fail_after) throw std::runtime_error("disk full");
  }
  void flush() override {
    auto& lengths = flushed.emplace_back();
    for (const auto& c : columns) lengths.push_back(c.size());
  }
};

std::vector<std::uint64_t> counting(std::size_t n, std::uint64_t from = 0) {
  std::vector<std::uint64_t> v(n);
  std::iota(v.begin(), v.end(), from);
  return v;
}

TEST(Writer, FullBufferMakesTheEngineWait) {
  constexpr std::size_t limit = 1 << 16, batch = 1 << 9, batches = 400;
  Memory sink(1);
  sink.delay = 2ms;
  std::size_t ahead = 0;
  {
    Writer writer(sink, 1, limit, 10.0);
    for (std::size_t k = 0; k < batches; ++k) {
      const auto values = counting(batch, k * batch);
      writer.append({Writer::part<std::uint64_t>(0, values)}, batch);
      ahead = std::max(ahead, (k + 1) * batch * 8 - std::min((k + 1) * batch * 8, sink.written.load()));
    }
    writer.finish();
  }
  EXPECT_LE(ahead, limit);
  EXPECT_GT(ahead, limit / 2) << "the engine was never ahead: the test measured nothing";
  EXPECT_LE(sink.largest, limit);
  const auto expected = counting(batch * batches);
  ASSERT_EQ(sink.columns[0].size(), expected.size() * 8);
  EXPECT_TRUE(std::ranges::equal(sink.columns[0], std::as_bytes(std::span(expected))));
}

TEST(Writer, RowsLargerThanTheBufferAreCutButNeverFlushedInParts) {
  constexpr std::size_t limit = 1 << 13, width = 5000, rows = 20;
  Memory sink(2);
  sink.delay = 300us;
  Writer writer(sink, 2, limit, 0.001);
  for (std::uint64_t k = 0; k < rows; ++k) {
    const auto values = counting(width, k * width);
    writer.append({Writer::part<std::uint64_t>(0, values), Writer::part<std::uint64_t>(1, {&k, 1})}, 1);
  }
  writer.finish();
  EXPECT_GT(sink.flushed.size(), 1u);
  for (const auto& lengths : sink.flushed) EXPECT_EQ(lengths[0], lengths[1] * width);
  EXPECT_EQ(sink.flushed.back()[1], rows * 8);
  const auto expected = counting(width * rows);
  EXPECT_TRUE(std::ranges::equal(sink.columns[0], std::as_bytes(std::span(expected))));
}

TEST(Writer, ManyRowsAreCutBetweenRows) {
  constexpr std::size_t rows = 100'003;
  Memory sink(2);
  Writer writer(sink, 2, 1 << 13, 0.001);
  const auto a = counting(rows);
  const std::vector<std::uint32_t> b(rows, 7);
  writer.append({Writer::part<std::uint64_t>(0, a), Writer::part<std::uint32_t>(1, b)}, rows);
  writer.finish();
  for (const auto& lengths : sink.flushed) EXPECT_EQ(lengths[0], lengths[1] * 2);
  EXPECT_TRUE(std::ranges::equal(sink.columns[0], std::as_bytes(std::span(a))));
  EXPECT_EQ(sink.columns[1].size(), rows * 4);
}

TEST(Writer, FlushesByTheClockWithoutFurtherCalls) {
  Memory sink(1);
  Writer writer(sink, 1, 1 << 20, 0.01);
  const std::uint64_t one = 1;
  writer.append({Writer::part<std::uint64_t>(0, {&one, 1})}, 1);
  for (int k = 0; k < 500 && sink.written == 0; ++k) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(sink.written, 8u);
  writer.finish();
}

TEST(Writer, ErrorSurfacesInTheEnginesNextCall) {
  Memory sink(1);
  sink.fail_after = 1 << 14;
  Writer writer(sink, 1, 1 << 13, 10.0);
  const auto values = counting(128);
  EXPECT_THROW(
      {
        for (int k = 0; k < 1000; ++k) writer.append({Writer::part<std::uint64_t>(0, values)}, values.size());
      },
      std::runtime_error);
  EXPECT_THROW(writer.finish(), std::runtime_error);
}

}  // namespace
