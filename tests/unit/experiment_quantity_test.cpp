// SPDX-License-Identifier: Apache-2.0
// Quantities: units, prefixes, rounding; what is refused is in tests/errors.
#include <experiment/quantity.h>

#include <gtest/gtest.h>

namespace {
using namespace volley;

double value(const char* text, std::string_view unit, double tick_ms = 0.0) {
  return read_quantity(Node::of(text), {unit, tick_ms});
}

TEST(Quantity, ConvertsWithOneRounding) {
  EXPECT_EQ(value("1.5 ms", "ms"), 1.5);
  EXPECT_EQ(value("1 s", "ms"), 1000.0);
  EXPECT_EQ(value("0.1 us", "ms"), 1e-4);
  EXPECT_EQ(value("0.3 us", "ms"), 0.3e-3);  // 0.3 * 1e-3 differs in the last bit
  EXPECT_EQ(value("1 ps", "ms"), 1e-9);
  EXPECT_EQ(value("2 min", "ms"), 120000.0);
  EXPECT_EQ(value("20 kHz", "Hz"), 20000.0);
  EXPECT_EQ(value("-70 mV", "mV"), -70.0);
  EXPECT_EQ(value("-0.07 V", "mV"), -70.0);
  EXPECT_EQ(value("0.25 nF", "pF"), 250.0);
  EXPECT_EQ(value("0.01 uS", "nS"), 10.0);
  EXPECT_EQ(value("+2e-1 nA", "pA"), 200.0);
  EXPECT_EQ(value(".5", ""), 0.5);
}

TEST(Quantity, KnowsProductsAndQuotients) {
  EXPECT_EQ(value("2 1/s", "1/ms"), 0.002);
  EXPECT_EQ(value("3 pA/mV", "nS"), 3.0);
  EXPECT_EQ(value("1 Mohm", "mV/pA"), 1e-3);
  EXPECT_EQ(value("1 mV/ms", "V/s"), 1.0);
  EXPECT_EQ(value("1 mV/ms^2", "V/s^2"), 1000.0);
}

TEST(Quantity, CountsInTicksWhereThereIsAClock) {
  EXPECT_EQ(value("3 ticks", "ms", 0.5), 1.5);
  EXPECT_EQ(value("1 tick", "ms", 0.5), 0.5);
  EXPECT_THROW(value("3 ticks", "ms"), InputError);
  EXPECT_THROW(value("3 ticks", "mV", 0.5), InputError);
}

TEST(Quantity, RefusesWhatIsNoNumber) {
  for (const char* text :
       {"nan ms", "inf ms", "ms", "", "1..5 ms", "1.5 ms ms", "0x10 ms", "1e999 ms", "--1 ms", "1,5 ms", "1.5ms"})
    EXPECT_THROW(value(text, "ms"), InputError) << text;
  EXPECT_EQ(value("1e-999 ms", "ms"), 0.0);
}

TEST(Quantity, ReadsTimesToThePicosecond) {
  EXPECT_EQ(read_time(Node::of("1 ps"), 0.0, 1), 1);
  EXPECT_EQ(read_time(Node::of("1e9 ms"), 0.0, 1), 1'000'000'000'000'000'000);
  EXPECT_EQ(read_time(Node::of("0.1 ms"), 0.0, 1), 100'000'000);
  EXPECT_THROW(read_time(Node::of("0.1 ps"), 0.0, 1), InputError);
  EXPECT_THROW(read_time(Node::of("1e10 ms"), 0.0, 1), InputError);
}

TEST(Quantity, ReadsIntegersWhole) {
  EXPECT_EQ(read_integer(Node::of("-3"), -5, 5), -3);
  for (const char* text : {"1e3", "1.0", "6", "99999999999999999999", "3 ", "0x3"})
    EXPECT_THROW(read_integer(Node::of(text), -5, 5), InputError) << text;
  EXPECT_EQ(read_seed(Node::of("18446744073709551615")), ~std::uint64_t{0});
  EXPECT_EQ(read_megabytes(Node::of("8 GB")), 8000.0);
}

TEST(Quantity, WritesWhatItReads) {
  for (const double x : {0.1, 1.0 / 3.0, -70.0, 1e-12, 12345678.9})
    EXPECT_EQ(value(format_quantity(x, "mV").c_str(), "mV"), x);
}

}  // namespace
