#include "harness/field/preload/sqlite/argument_path.h"

#include <gtest/gtest.h>

#include <climits>
#include <filesystem>
#include <string>

namespace walsoak::trace {
namespace {

std::string path(const char* argument) {
  char text[PATH_MAX];
  return path_of_argument(argument, text, sizeof text) ? text : "none";
}

TEST(ArgumentPath, IsAbsoluteAndWithoutAUrisRest) {
  const std::string here = std::filesystem::current_path().string();
  EXPECT_EQ(path("/d/a.db"), "/d/a.db");
  EXPECT_EQ(path("a.db"), here + "/a.db");
  EXPECT_EQ(path("file:/d/a.db?mode=ro&vfs=unix-excl#x"), "/d/a.db");
  EXPECT_EQ(path("file:///d/a.db"), "/d/a.db");
  EXPECT_EQ(path("file://localhost/d/a.db"), "/d/a.db");
  EXPECT_EQ(path("file:a.db?cache=shared"), here + "/a.db");
}

TEST(ArgumentPath, OfADatabaseInMemoryThereIsNone) {
  for (const char* const argument : {"", ":memory:", "file::memory:?cache=shared", "file:x?mode=memory"}) {
    EXPECT_EQ(path(argument), "none") << argument;
  }
  EXPECT_EQ(path(nullptr), "none");
}

TEST(ArgumentPath, OneThatDoesNotFitIsNone) {
  char text[8];
  EXPECT_TRUE(path_of_argument("/d/a.db", text, sizeof text));
  EXPECT_FALSE(path_of_argument("/d/ab.db", text, sizeof text));
}

TEST(ArgumentPath, Utf16BecomesUtf8) {
  char text[64];
  utf8_of_utf16(u"/d/\u00fc\u65e5.db", text, sizeof text);
  EXPECT_EQ(std::string(text), "/d/\xc3\xbc\xe6\x97\xa5.db");
  utf8_of_utf16(u"abcdefgh", text, 6);
  EXPECT_EQ(std::string(text), "ab");
  utf8_of_utf16(nullptr, text, sizeof text);
  EXPECT_EQ(std::string(text), "");
}

}  // namespace
}  // namespace walsoak::trace
