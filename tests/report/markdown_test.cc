// Tables, lists and folded parts of a Markdown report.
#include "harness/report/text/markdown.h"

#include <gtest/gtest.h>

namespace walsoak::report {
namespace {

TEST(MarkdownTest, ATableIsCutWithANote) {
  Table table({"a", "b"});
  table.add({"1", "2"});
  table.add({"4", "5"});
  EXPECT_EQ(table.text(9), "| a | b |\n|---|---|\n| 1 | 2 |\n| 4 | 5 |\n");
  EXPECT_EQ(table.text(1),
            "| a | b |\n|---|---|\n| 1 | 2 |\n\n1 of 2 rows are shown; all stand in `summary.json`.\n");
}

TEST(MarkdownTest, AColumnOfOneValueBecomesASentence) {
  Table table({"a", "b", "c", "d"});
  table.add({"1", "x", "2", "y"});
  table.add({"1", "x", "3", "y"});
  EXPECT_EQ(folded(table, 9),
            "The same in every row: b x, d y.\n\n| a | c |\n|---|---|\n| 1 | 2 |\n| 1 | 3 |\n");
}

TEST(MarkdownTest, ARowAloneIsNotFolded) {
  Table table({"a", "b"});
  table.add({"1", "2"});
  EXPECT_EQ(folded(table, 9), "| a | b |\n|---|---|\n| 1 | 2 |\n");
}

TEST(MarkdownTest, TextIsClippedBetweenCharacters) {
  EXPECT_EQ(clipped("abc", 3), "abc");
  EXPECT_EQ(clipped("abcd", 3), "abc...");
  EXPECT_EQ(clipped("a\u00e4b", 2), "a...");
  EXPECT_EQ(clipped("ab&#8203;c", 5), "ab...") << "not within a reference";
  EXPECT_EQ(clipped("a&amp;bc", 7), "a&amp;b...");
}

TEST(MarkdownTest, APartThatUnfoldsHasAnEmptyLineAfterItsTitle) {
  EXPECT_EQ(details("a<b", "- c\n"), "<details><summary>a&lt;b</summary>\n\n- c\n\n</details>\n");
  EXPECT_EQ(details("a", ""), "");
}

TEST(MarkdownTest, AListIsCutWithANote) {
  EXPECT_EQ(bullets({"a", "b", "c"}, 3), "- a\n- b\n- c\n");
  EXPECT_EQ(bullets({"a", "b", "c"}, 1), "- a\n- and 2 more, in `summary.json`\n");
}

}  // namespace
}  // namespace walsoak::report
