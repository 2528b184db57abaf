// Markdown that cannot be broken by what stands in it.
#include "harness/report/markdown.h"

#include <gtest/gtest.h>

namespace walsoak::report {
namespace {

TEST(MarkdownTest, ACellCannotBreakItsTable) {
  EXPECT_EQ(escaped("a|b\nc<img>"), "a\\|b c&lt;img>");
}

TEST(MarkdownTest, ATableIsCutWithANote) {
  Table table({"a|x", "b"});
  table.add({"1", "2|3"});
  table.add({"4", "5"});
  EXPECT_EQ(table.text(9), "| a\\|x | b |\n|---|---|\n| 1 | 2\\|3 |\n| 4 | 5 |\n");
  EXPECT_EQ(
      table.text(1),
      "| a\\|x | b |\n|---|---|\n| 1 | 2\\|3 |\n\n1 of 2 rows are shown; all stand in `summary.json`.\n");
}

TEST(MarkdownTest, AListIsCutWithANote) {
  EXPECT_EQ(bullets({"a", "b", "c"}, 3), "- a\n- b\n- c\n");
  EXPECT_EQ(bullets({"a", "b", "c"}, 1), "- a\n- and 2 more, in `summary.json`\n");
}

}  // namespace
}  // namespace walsoak::report
