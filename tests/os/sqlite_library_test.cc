#include "harness/base/proc/sqlite_library.h"

#include <gmock/gmock.h>
#include <sqlite3.h>
#include <unistd.h>

namespace walsoak::os {
namespace {

TEST(LoadedSqlite, IsTheLibraryThatAProcessHasMapped) {
  if (WALSOAK_SQLITE_BUILT_IN) GTEST_SKIP() << "no library is mapped";
  EXPECT_STRNE(sqlite3_libversion(), nullptr);  // so that the linker keeps the library
  const auto found = loaded_sqlite(::getpid());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found.front().file, testing::StartsWith("libsqlite3.so"));
  EXPECT_EQ(found.front().version, sqlite3_libversion());
}

TEST(LoadedSqlite, IsNothingWhereThereIsNoProcess) {
  EXPECT_TRUE(loaded_sqlite(1 << 22).empty());  // above the largest pid that Linux gives
}

}  // namespace
}  // namespace walsoak::os
