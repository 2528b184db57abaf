#include "harness/model/scenario/shape.h"

#include <gtest/gtest.h>

#include <limits>

namespace walsoak::scenario {
namespace {

TEST(Shown, IsOneShortLineOfAscii) {
  EXPECT_EQ(shown("a\nb"), "\"a\\nb\"");
  EXPECT_EQ(shown("\xc3\xa9"), "\"\\u00e9\"");
  EXPECT_EQ(shown("\xff"), "\"\\ufffd\"") << "bytes that are no UTF-8 are no error";
  EXPECT_EQ(shown(std::string(100, 'x')), "\"" + std::string(59, 'x') + "...");
  EXPECT_EQ(shown({{"a", {1, 2}}}), "{\"a\":[1,2]}");
}

TEST(IsSlug, TakesLowerCaseDigitsAndHyphens) {
  EXPECT_TRUE(is_slug("quick-may2026"));
  for (const char* text : {"", "Quick", "a b", "a_b", "a/b", "a.b"}) EXPECT_FALSE(is_slug(text)) << text;
}

TEST(IsIdentifier, StartsWithALetter) {
  EXPECT_TRUE(is_identifier("dispatch_p50_us"));
  for (const char* text : {"", "1a", "_a", "A", "a-b", "a b"}) EXPECT_FALSE(is_identifier(text)) << text;
}

TEST(IsSqliteVersion, IsSystemOrThreeNumbers) {
  for (const char* text : {"system", "3.40.1", "3.8.11"}) EXPECT_TRUE(is_sqlite_version(text)) << text;
  for (const char* text :
       {"", "System", "3", "3.40", "3.40.", "3..1", ".40.1", "3.40.1.2", "3.40.1a", "v3.40.1", " 3.40.1"}) {
    EXPECT_FALSE(is_sqlite_version(text)) << text;
  }
}

TEST(Place, EscapesThePointer) {
  const Place place{"f.json", ""};
  EXPECT_EQ(place.at("a/b~c").at(std::size_t{2}).pointer, "/a~1b~0c/2");
}

TEST(ScenarioError, IsOneLineWhateverIsInIt) {
  EXPECT_STREQ(ScenarioError("a\nb\tc\x7f").what(), "a\\nb\\tc\\x7f");
}

}  // namespace
}  // namespace walsoak::scenario
