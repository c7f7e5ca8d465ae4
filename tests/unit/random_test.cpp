// SPDX-License-Identifier: Apache-2.0
// Random words are those of Random123 on every instruction set; exponentials and normals have their moments.
#include <network/philox.h>
#include <network/random_streams.h>
#include <network/superposed.h>
#include <network/vector_log.h>

#include <Random123/philox.h>
#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <cmath>
#include <limits>
#include <set>
#include <vector>

namespace volley {
namespace {

// Runs `test` once per instruction set that this machine has.
template <class F>
void on_each_target(F test) {
  for (std::int64_t targets = hwy::SupportedTargets(); targets != 0; targets &= targets - 1) {
    const std::int64_t one = targets & -targets;
    hwy::SetSupportedTargetsForTest(one);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    SCOPED_TRACE(hwy::TargetName(one));
    test();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

TEST(Random, KnownAnswerOfPhilox) {  // from Random123's known-answer file: counter and key all ones
  on_each_target([] {
    std::uint64_t w[2];
    philox_words({0xFFFFFFFF, 0xFFFFFFFF}, ~0ull, ~0ull, w);
    EXPECT_EQ(w[0], 0x41C83B0E'408F276Dull);
    EXPECT_EQ(w[1], 0x6D5451FD'A20BC7C6ull);
  });
}

TEST(Random, WordsAreThoseOfRandom123) {
  on_each_target([] {
    const RandomKey key{0x12345678, 0x9ABCDEF0};
    const std::uint64_t lane = 0xFEDCBA9876543210ull;
    for (const std::uint64_t counter : {0ull, 7ull, 0xFFFFFFFDull, 0xFFFFFFFFFFFFFFFEull}) {
      for (std::size_t blocks = 1; blocks <= 19; ++blocks) {
        std::vector<std::uint64_t> words(2 * blocks);
        philox_words(key, lane, counter, words);
        for (std::size_t b = 0; b < blocks; ++b) {
          const std::uint64_t c = counter + b;
          const auto r = r123::Philox4x32()(
              {{static_cast<std::uint32_t>(c), static_cast<std::uint32_t>(c >> 32),
                static_cast<std::uint32_t>(lane), static_cast<std::uint32_t>(lane >> 32)}},
              {{key[0], key[1]}});
          ASSERT_EQ(words[2 * b], r[0] | static_cast<std::uint64_t>(r[1]) << 32);
          ASSERT_EQ(words[2 * b + 1], r[2] | static_cast<std::uint64_t>(r[3]) << 32);
        }
      }
    }
  });
}

TEST(Random, KeysDependOnSeedPurposeAndName) {
  std::set<RandomKey> keys;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    for (const Purpose p : {Purpose::stimulator, Purpose::shared, Purpose::connect, Purpose::weight, Purpose::delay})
      for (const char* name : {"", "E", "I", "E->E", "E->I", "IE", "EI"}) keys.insert(random_key(seed, p, name));
  EXPECT_EQ(keys.size(), 20u * 5 * 7);
  EXPECT_EQ(random_key(3, Purpose::weight, "E"), random_key(3, Purpose::weight, "E"));
}

TEST(Random, KeysOfNearbySeedsShareNoBits) {
  double flipped = 0.0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const RandomKey a = random_key(seed, Purpose::connect, "E->E"), b = random_key(seed + 1, Purpose::connect, "E->E");
    flipped += __builtin_popcount(a[0] ^ b[0]) + __builtin_popcount(a[1] ^ b[1]);
  }
  EXPECT_NEAR(flipped / 1000.0, 32.0, 5.0 * 4.0 / std::sqrt(1000.0));
}

TEST(Random, ExponentialsAndNormalsAgreeWithTheScalarOnes) {
  on_each_target([] {
    for (const std::size_t n : {1u, 2u, 3u, 7u, 8u, 9u, 64u, 1001u}) {
      std::vector<std::uint64_t> words(2 * n);
      philox_words({1, 2}, n, 0, words);
      words[0] = 0;                // the largest exponential, 53 log 2
      words[n / 2] = ~0ull;        // u = 1: the smallest, 0
      std::vector<double> e(n), z(n);
      minus_log(std::span(words).first(n), e);
      normals(words, z);
      const auto u = [&](std::size_t i, std::uint64_t add) {
        return static_cast<double>((words[i] >> 11) + add) * 0x1p-53;
      };
      for (std::size_t i = 0; i < n; ++i) {
        const double expected = -std::log(u(i, 1));
        ASSERT_NEAR(e[i], expected, 4e-16 * (1.0 + expected));
        ASSERT_GE(e[i], 0.0);
        const double radius = std::sqrt(-2.0 * std::log(u(2 * i, 1)));
        ASSERT_NEAR(z[i], radius * std::cos(6.283185307179586 * u(2 * i + 1, 0)), 2e-14);
      }
    }
  });
}

// Word by word: each gap rounded to whole parts, the sum split into picoseconds and a remainder.
TEST(Random, TimesAreTheSumsOfTheirGaps) {
  struct Case {
    int bits;
    double parts_per_gap;
    bool ties;
  };
  on_each_target([] {
    // A gap of 12 ns, 2^-9 ps and 2^47 ps, in 2^-20 ps each but the last; the largest gap is 37 mean ones.
    for (const Case& c : {Case{20, 12207.03125 * 0x1p20, false}, Case{20, 0x1p11, true}, Case{0, 0x1.8p47, false}}) {
      for (const std::size_t n : {64u, 256u, 320u}) {
        std::vector<std::uint64_t> words(n);
        philox_words({1, 2}, 3, 4, words);
        std::vector<double> gap(n);
        minus_log(words, gap);
        const std::int64_t from = 1'000'000'007;
        std::int64_t part = c.bits > 0 ? (std::int64_t{1} << c.bits) - 1 : 0, last = from;
        GapSum sum{from, part, c.bits, c.parts_per_gap};
        std::vector<std::int64_t> t(n);
        const bool tie = superposed_times({1, 2}, 3, 4, sum, t);
        bool expected = false;
        for (std::size_t i = 0; i < n; ++i) {
          part += static_cast<std::int64_t>(gap[i] * c.parts_per_gap + 0.5);
          ASSERT_EQ(t[i], from + (part >> c.bits)) << i;
          expected |= t[i] == last;
          last = t[i];
        }
        EXPECT_EQ(tie, expected);
        EXPECT_EQ(tie, c.ties);
        EXPECT_EQ(sum.t, last);
        EXPECT_EQ(sum.part, part & ((std::int64_t{1} << c.bits) - 1));
      }
    }
  });
}

TEST(Random, TimesTellATieWhereverItIs) {
  on_each_target([] {
    const std::size_t n = 64;
    std::vector<std::int64_t> t(n);
    std::vector<std::size_t> ties(n);
    for (std::uint64_t counter = 0; counter < 5000; ++counter) {  // one tie in most batches with any
      GapSum sum{0, 0, 20, 0x1.4p8 * 0x1p20};
      const bool tie = superposed_times({5, 6}, 7, counter * n, sum, t);
      bool expected = t[0] == 0;
      ties[0] += t[0] == 0;
      for (std::size_t i = 1; i < n; ++i) expected |= t[i] == t[i - 1], ties[i] += t[i] == t[i - 1];
      ASSERT_EQ(tie, expected);
    }
    for (const std::size_t k : ties) EXPECT_GT(k, 0u);
  });
}

TEST(Random, WordsBelowMultiplyAndShift) {
  on_each_target([] {
    for (const std::uint32_t n : {1u, 2u, 3u, 1808u, 4096u, 0x80000001u, std::numeric_limits<std::uint32_t>::max()}) {
      std::vector<std::uint64_t> words(320);
      std::vector<std::uint32_t> out(320);
      philox_words({1, 2}, 3, 4, words);
      words_below({1, 2}, 3, 4, 17, n, out);
      for (std::size_t i = 0; i < out.size(); ++i)
        ASSERT_EQ(out[i], 17 + static_cast<std::uint32_t>((static_cast<unsigned __int128>(words[i]) * n) >> 64));
    }
  });
}

TEST(Random, MomentsOfBulkDeviates) {
  const std::size_t n = 1'000'000;
  std::vector<std::uint64_t> words(2 * n);
  Random random = random_stream(1, Purpose::model, "moments", 0);
  random.fill(words);
  std::vector<double> e(n), z(n);
  minus_log(std::span(words).first(n), e);
  normals(words, z);
  double e1 = 0, e2 = 0, z1 = 0, z2 = 0, z4 = 0;
  for (std::size_t i = 0; i < n; ++i) {
    e1 += e[i], e2 += e[i] * e[i];
    z1 += z[i], z2 += z[i] * z[i], z4 += z[i] * z[i] * z[i] * z[i];
  }
  const double root = std::sqrt(static_cast<double>(n)), count = static_cast<double>(n);
  EXPECT_NEAR(e1 / count, 1.0, 5.0 / root);
  EXPECT_NEAR(e2 / count, 2.0, 5.0 * std::sqrt(20.0) / root);
  EXPECT_NEAR(z1 / count, 0.0, 5.0 / root);
  EXPECT_NEAR(z2 / count, 1.0, 5.0 * std::sqrt(2.0) / root);
  EXPECT_NEAR(z4 / count, 3.0, 5.0 * std::sqrt(96.0) / root);
}

TEST(Random, AStreamIsItsBlocksInOrder) {
  Random a = random_stream(5, Purpose::model, "x", 9), b = random_stream(5, Purpose::model, "x", 9);
  std::vector<std::uint64_t> words(48);
  b.fill(words);
  for (const std::uint64_t w : words) EXPECT_EQ(a.bits(), w);
}

}  // namespace
}  // namespace volley
