#include "harness/cli/usage_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "harness/cli/pid_option.h"

namespace walsoak::cli {
namespace {

using testing::ElementsAre;

// A program with one command of each kind of argument.
class UsageErrorTest : public testing::Test {
 protected:
  UsageErrorTest() {
    app_.require_subcommand(1);
    CLI::App* const run = app_.add_subcommand("run");
    run->add_option("file", files_)->required();
    run->add_option("--ticks", text_);
    run->add_flag("--dry-run", flag_);
    CLI::App* const watch = app_.add_subcommand("watch");
    add_pid_option(*watch, pid_, "the process");
    CLI::App* const trace = app_.add_subcommand("trace");
    trace->add_option("command", files_)->type_name("-- COMMAND...");
    trace->add_option("--out", text_);
  }

  // The arguments in order; "" where they are good.
  std::string error_of(const std::vector<std::string>& typed) {
    std::vector<std::string> arguments(typed.rbegin(), typed.rend());
    try {
      app_.parse(arguments);
      return {};
    } catch (const CLI::ParseError& error) {
      return usage_error(app_, error, "tool", typed);
    }
  }
  std::string pid_error(const std::string& text) { return error_of({"watch", "--pid", text}); }

  CLI::App app_;
  std::vector<std::string> files_;
  std::string text_;
  bool flag_ = false;
  pid_t pid_ = 0;
};

TEST_F(UsageErrorTest, SuggestsTheOptionThatWasMeant) {
  EXPECT_EQ(error_of({"run", "--tick", "5"}),
            "tool run: unknown option --tick; did you mean --ticks? (tool run --help)");
  EXPECT_EQ(error_of({"run", "x.json", "--tick=5"}),
            "tool run: unknown option --tick; did you mean --ticks? (tool run --help)");
  EXPECT_EQ(error_of({"run", "--dryrun"}),
            "tool run: unknown option --dryrun; did you mean --dry-run? (tool run --help)")
      << "and not that the file is missing";
  EXPECT_EQ(error_of({"--hepl"}), "tool: unknown option --hepl; did you mean --help? (tool --help)");
}

TEST_F(UsageErrorTest, SuggestsNothingWhereNothingIsNear) {
  EXPECT_EQ(error_of({"run", "x.json", "--frobnicate"}),
            "tool run: unknown option --frobnicate (tool run --help)");
}

TEST_F(UsageErrorTest, NamesAnArgumentTooMany) {
  EXPECT_EQ(error_of({"watch", "4711"}), "tool watch: unexpected argument \"4711\" (tool watch --help)");
}

TEST_F(UsageErrorTest, SaysWhoseHelpToRead) {
  EXPECT_EQ(error_of({"run"}), "tool run: file is required (tool run --help)");
}

TEST_F(UsageErrorTest, HintsAtTheSeparatorInFrontOfAProgram) {
  EXPECT_EQ(error_of({"trace", "python3", "x.py", "--port", "80"}),
            "tool trace: unknown option --port; a program and its arguments stand behind --: tool trace -- "
            "python3 ... (tool trace --help)");
  EXPECT_EQ(error_of({"trace", "--outt", "x", "--", "python3", "x.py"}),
            "tool trace: unknown option --outt; did you mean --out? (tool trace --help)");
  EXPECT_EQ(error_of({"trace", "--", "python3", "x.py", "--port", "80"}), "");
  EXPECT_THAT(files_, ElementsAre("python3", "x.py", "--port", "80"));
}

TEST_F(UsageErrorTest, APidIsAWholeNumberThatTheKernelGives) {
  for (const char* const wrong : {"0", "-1", "word", "1.5", "4711x", "4194305", "99999999999999999999"}) {
    EXPECT_EQ(pid_error(wrong),
              std::string("tool watch: --pid ") + wrong +
                  ": not a process id (expected a whole number from 1 to 4194304) (tool watch --help)");
  }
  EXPECT_EQ(pid_error("4194304"), "");
  EXPECT_EQ(pid_, 4194304);
}

}  // namespace
}  // namespace walsoak::cli
