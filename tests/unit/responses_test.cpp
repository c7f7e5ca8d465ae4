// SPDX-License-Identifier: Apache-2.0
#include <engine/layout.h>
#include <engine/responses.h>

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace volley {
namespace {

using Long = long double;

Long E_of(Long s, Long delta) { return delta == 0 ? s : std::expm1(delta * s) / delta; }
// int_0^s u exp(delta u) du as a series, whose terms are all of one sign for delta > 0 and fall fast.
Long moment_of(Long s, Long delta) {
  Long sum = 0, term = 1;
  for (int k = 0; k < 200; ++k, term *= delta * s / k) sum += term / (k + 2);
  return s * s * sum;
}

TEST(Responses, AgreeWithLongDoubleAtAnyTime) {
  const double tau[] = {20.0, 2.0, 20.0, 19.99, 50.0};
  double delta[5];
  for (int c = 0; c < 5; ++c) delta[c] = 1.0 / tau[0] - 1.0 / tau[c];
  const Time reach = from_ms(40.0);
  const Responses responses(tau, delta, reach);
  std::mt19937_64 random(1);
  for (int k = 0; k < 20'000; ++k) {
    const Time t = k == 0 ? 0 : k == 1 ? reach : static_cast<Time>(random() % static_cast<std::uint64_t>(reach));
    const Long s = static_cast<Long>(t) / 1e9L;
    ASSERT_TRUE(responses.cover(t));
    for (std::size_t c = 0; c < 5; ++c) {
      const Responses::Value v = responses.at(t, c);
      const Long up = std::exp(s / tau[c]);
      const Long E = E_of(s, delta[c]), E2 = moment_of(s, delta[c]);
      EXPECT_LT(std::abs(v.up / up - 1), 4e-15L) << t << " " << c;
      EXPECT_LT(std::abs(v.down * up - 1), 4e-15L) << t << " " << c;
      EXPECT_LE(std::abs(v.E - E), 4e-15L * E) << t << " " << c;
      if (std::abs(delta[c]) > 0.1) continue;
      EXPECT_LE(std::abs(responses.moment(t, c) - E2), 1e-14L * E2) << t << " " << c;
    }
  }
}

// Streams of arrivals and single ones must have the same bits, whether their times share cells or not.
TEST(Responses, LoopsOverTimesHaveTheBitsOfSingleTimes) {
  Membrane m{.tau_m = 20.0, .R = 0.08};
  m.current_port("I", "I_syn", 2.0).voltage_port("V");
  Layout layout(m);
  layout.tabulate();
  std::mt19937_64 random(2);
  for (const Time gap : {Time{1}, Time{4'000}, from_ms(0.01), from_ms(0.2)}) {
    std::vector<Time> t{gap};
    while (t.size() < 31) t.push_back(t.back() + 1 + static_cast<Time>(random() % static_cast<std::uint64_t>(gap)));
    StreamRoom room;
    for (int port = 0; port < 2; ++port) {
      layout.stream_jump(port, 1.7, 0.3, t.data(), t.size(), 0, room);
      for (std::size_t k = 0; k < t.size(); ++k) {
        const loops::Jump one = layout.port_jump(port, 1.7, 0.3, layout.at(t[k], 0));
        ASSERT_EQ(one.count, room.jump.count);
        for (int j = 0; j < one.count; ++j)
          EXPECT_EQ(one.coefficient[j], room.jump.coefficient[j][k]) << gap << " " << k;
      }
    }
  }
}

}  // namespace
}  // namespace volley
