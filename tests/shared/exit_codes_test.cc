#include "harness/base/shared/exit_codes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace walsoak {
namespace {

TEST(ExitCodeTable, HasTheRowsThatWereAskedForInTheOrderOfPrecedence) {
  EXPECT_EQ(exit_code_table({Ending::done, Ending::usage, Ending::not_carried_out}),
            "Exit codes, the first that applies:\n"
            "  4    the work could not be carried out, or its output not be written\n"
            "  3    usage or scenario error; nothing was started\n"
            "  0    done\n");
}

TEST(ExitCodeTable, OfACommandThatJudgesIsWhole) {
  const std::string table = exit_code_table(kJudges);
  for (const char* const code : {"\n  130 ", " 143 ", "\n  4 ", "\n  3 ", "\n  2 ", "\n  1 ", "\n  0 "}) {
    EXPECT_THAT(table, testing::HasSubstr(code));
  }
}

}  // namespace
}  // namespace walsoak
