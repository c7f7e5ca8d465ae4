// SPDX-License-Identifier: Apache-2.0
// YAML documents as trees, large ones too. What is refused with its text is in tests/errors.
#include <experiment/document.h>
#include <network/error.h>

#include <gtest/gtest.h>

#include <string>

namespace volley::test {
namespace {

TEST(Document, AliasesThatExplodeAreRefused) {
  std::string bomb = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
  for (int k = 1; k < 12; ++k) {
    const std::string last = "*a" + std::to_string(k - 1);
    bomb += "a" + std::to_string(k) + ": &a" + std::to_string(k) + " [" + last;
    for (int i = 1; i < 10; ++i) bomb += ", " + last;
    bomb += "]\n";
  }
  EXPECT_THROW(parse_document(bomb, "bomb.yaml"), InputError);
}

// Asked of each key against all before it, this takes minutes.
TEST(Document, ManyKeysAreReadAndAKeyGivenTwiceIsFound) {
  std::string map = "a:\n";
  constexpr int keys = 600'000;
  for (int k = 0; k < keys; ++k) map += "  k" + std::to_string(k) + ": 1\n";
  EXPECT_EQ(parse_document(map, "").entries[0].value.entries.size(), keys);
  try {
    parse_document(map + "  k7: 2\n", "many.yaml");
    FAIL();
  } catch (const InputError& e) {
    EXPECT_STREQ(e.what(), "many.yaml:600002:3: the key 'k7' is given twice; the first is in line 9");
  }
}

TEST(Document, MergedKeysGiveWayToOwnOnes) {
  std::string text = "a: &a\n";
  constexpr int keys = 90'000;  // of both maps, half of them common
  for (int k = 0; k < keys; ++k) text += "  k" + std::to_string(k) + ": 1\n";
  text += "b:\n  <<: *a\n";
  for (int k = keys / 2; k < keys + keys / 2; ++k) text += "  k" + std::to_string(k) + ": 2\n";
  const Node root = parse_document(text, "");
  const Node& b = *root.find("b");
  ASSERT_EQ(b.entries.size(), keys + keys / 2);
  EXPECT_EQ(b.find("k0")->text, "1");
  EXPECT_EQ(b.find("k" + std::to_string(keys - 1))->text, "2");
}

}  // namespace
}  // namespace volley::test
