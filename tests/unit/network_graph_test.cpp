// SPDX-License-Identifier: Apache-2.0
// The window, loops of zero delays, and the order of clocked populations.
#include <network/graph.h>

#include <unit/network_fixture.h>

#include <gmock/gmock.h>

namespace volley::test {
namespace {

using Rule = Connect::Rule;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<Rows> all_rows(const Experiment& e) {
  std::vector<Rows> all;
  for (std::size_t p = 0; p < e.projections.size(); ++p)
    for (Rows& r : build_rows(e, p, place(e))) all.push_back(std::move(r));
  return all;
}
Lookahead lookahead_of(const Experiment& e) { return lookahead(e, all_rows(e)); }

TEST(Graph, TheWindowIsTheSmallestTotalDelayBetweenNeurons) {
  Net net;
  net.population("A", 10);
  net.population("B", 10);
  net.population("drive", 10, true);
  EXPECT_EQ(lookahead_of(net).window, never);
  net.connect(2, 0, Rule::one_to_one).delay.a = 0.0;  // a stimulator's does not count
  EXPECT_EQ(lookahead_of(net).window, never);
  net.connect(0, 1, Rule::all_to_all).delay.a = 2.0;
  auto& p = net.connect(1, 0, Rule::all_to_all);
  p.delay.a = 0.5;
  p.dendritic_delay = 0.25;
  const Lookahead l = lookahead_of(net);
  EXPECT_EQ(l.window, 750'000'000);
  EXPECT_EQ(l.projection, 2u);
}

TEST(Graph, TheWindowIsTheSmallestDrawnDelay) {
  for (const double quantum : {0.0, 0.1}) {
    Net net;
    net.population("A", 100);
    net.connect(0, 0, Rule::fixed_indegree, 10).delay = {
        .kind = Distribution::Kind::uniform, .a = 1.0, .b = 2.0, .quantise = quantum};
    const auto all = expand(net);
    EXPECT_EQ(lookahead_of(net).window,
              std::min_element(all.begin(), all.end(), [](auto& x, auto& y) { return x.delay < y.delay; })->delay);
  }
}

TEST(Graph, AZeroDelayBetweenNeuronsIsRefusedWithItsLoop) {
  Net net;
  for (const char* name : {"A", "B", "C"}) net.population(name, 2);
  net.connect(0, 1, Rule::all_to_all).delay.a = 0.0;
  EXPECT_THAT(refusal([&] { lookahead_of(net); }),
              AllOf(HasSubstr("net.yaml:1:5"), HasSubstr("'A->B'"), HasSubstr("shortest is 1 ps"),
                    Not(HasSubstr("loop"))));
  net.connect(1, 2, Rule::all_to_all).delay.a = 0.0;
  net.connect(2, 0, Rule::all_to_all);
  EXPECT_THAT(refusal([&] { lookahead_of(net); }), Not(HasSubstr("loop")));
  net.projections[2].delay.a = 0.0;
  EXPECT_THAT(refusal([&] { lookahead_of(net); }), HasSubstr("A -> B -> C -> A"));
}

TEST(Graph, AZeroDelayToItselfIsALoop) {
  Net net;
  net.population("A", 2);
  net.connect(0, 0, Rule::all_to_all).delay.a = 0.0;
  EXPECT_THAT(refusal([&] { lookahead_of(net); }), HasSubstr("A -> A;"));
}

TEST(Graph, ClockedPopulationsMayPassZeroDelaysOn) {
  Net net;
  for (const char* name : {"out", "in", "hidden"}) net.population(name, 2, false, true);
  net.population("events", 2);
  net.connect(2, 0, Rule::all_to_all).delay.a = 0.0;
  net.connect(1, 2, Rule::all_to_all).delay.a = 0.0;
  net.connect(1, 0, Rule::all_to_all).delay.a = 0.0;
  net.connect(0, 3, Rule::all_to_all);
  const Lookahead l = lookahead_of(net);
  EXPECT_EQ(l.window, net.tick);
  EXPECT_TRUE(l.within_ticks);
  EXPECT_THAT(l.turn, ElementsAre(2, 0, 1, 0));
  net.projections[2].rule = ModelChoice{};
  EXPECT_THAT(refusal([&] { lookahead_of(net); }), AllOf(HasSubstr("'in->out'"), HasSubstr("the shortest is 1 tick")));
}

TEST(Graph, BetweenClockedPopulationsTheWindowIsATickLessThanTheDelay) {
  Net net;
  for (const char* name : {"A", "B"}) net.population(name, 2, false, true);
  net.connect(1, 0, Rule::all_to_all).delay.a = to_ms(net.tick) * 5.0;
  EXPECT_EQ(lookahead_of(net).window, 4 * net.tick);
  EXPECT_FALSE(lookahead_of(net).within_ticks);
  EXPECT_THAT(lookahead_of(net).turn, ElementsAre(0, 0));
  net.projections[0].delay.a = to_ms(net.tick);
  EXPECT_EQ(lookahead_of(net).window, net.tick);
  EXPECT_TRUE(lookahead_of(net).within_ticks);
}

TEST(Graph, ALoopOfClockedZeroDelaysIsRefused) {
  Net net;
  for (const char* name : {"A", "B", "C"}) net.population(name, 2, false, true);
  net.connect(0, 1, Rule::all_to_all).delay.a = 0.0;
  net.connect(1, 2, Rule::all_to_all).delay.a = 0.0;
  net.connect(2, 1, Rule::all_to_all).delay.a = 0.0;
  EXPECT_THAT(refusal([&] { lookahead_of(net); }), AllOf(HasSubstr("net.yaml:2:5"), HasSubstr("B -> C -> B;")));
}

}  // namespace
}  // namespace volley::test
