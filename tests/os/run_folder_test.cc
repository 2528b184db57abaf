#include "harness/base/os/run_folder.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include "tests/os/own_root.h"
#include "tests/os/temporary_folder.h"

namespace walsoak::os {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::ThrowsMessage;

// A run folder `run`, and beside it somebody's database that nothing here may touch. The calls that delete
// and overwrite get paths in `base_` alone, so that a guard that fails costs nothing else. The working folder
// lies there too, for a guard that would leave a relative path to it.
class RunFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(base_ / "elsewhere/here");
    fs::current_path(base_ / "elsewhere/here");
  }
  void TearDown() override {
    fs::current_path(before_);
    EXPECT_EQ(read_file(database_), "precious");
  }

  bool is_own(const fs::path& path) const {
    const auto lies_in_base = [&](const fs::path& whole) {
      const fs::path relative = fs::weakly_canonical(whole).lexically_relative(base_.path());
      return !relative.empty() && *relative.begin() != "..";
    };
    return lies_in_base(run_.path() / path) && lies_in_base(fs::current_path() / path);
  }

  void expect_refused(const fs::path& path, const std::string& reason = "outside the run folder") const {
    EXPECT_THAT([&] { run_.inside(path); }, ThrowsMessage<std::runtime_error>(HasSubstr(reason))) << path;
    ASSERT_TRUE(is_own(path)) << path << " is not the test's own: try it in an own root";
    EXPECT_THROW(run_.make_folder(path), std::runtime_error) << path;
    EXPECT_THROW(run_.open_for_append(path), std::runtime_error) << path;
    EXPECT_THROW(run_.replace_file(path, "overwritten"), std::runtime_error) << path;
    EXPECT_THROW(run_.open_for_update(path, /*truncate=*/true), std::runtime_error) << path;
    EXPECT_THROW(run_.remove_tree(path), std::runtime_error) << path;
  }

  fs::path before_ = fs::current_path();
  tests::TemporaryFolder base_;
  std::string database_ = base_.write("kanban.db", "precious");
  RunFolder run_ = RunFolder::create(base_ / "run");
};

TEST_F(RunFolderTest, CreatesTheFolderWithItsMarker) {
  EXPECT_TRUE(fs::exists(run_.path() / kRunMarker));
  EXPECT_EQ(run_.path(), base_.path() / "run");
}

TEST_F(RunFolderTest, CreatesInAnEmptyFolderAndInNoOther) {
  fs::create_directory(base_ / "empty");
  EXPECT_NO_THROW(RunFolder::create(base_ / "empty"));
  EXPECT_THAT([&] { RunFolder::create(base_ / "empty"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("exists and is not empty")));
  EXPECT_THROW(RunFolder::create(database_), std::runtime_error);
  EXPECT_THROW(RunFolder::create(base_.path()), std::runtime_error);
}

// A umask that takes nothing away, so that modes are those asked for.
class ModesOfARunFolder : public RunFolderTest {
 protected:
  ModesOfARunFolder() : before_(::umask(0)) {}
  ~ModesOfARunFolder() override { ::umask(before_); }
  static mode_t mode_of(const fs::path& path) {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777U;
  }
  Descriptor with_mode(mode_t mode) {
    ::chmod(database_.c_str(), mode);
    return Descriptor(::open(database_.c_str(), O_RDONLY | O_CLOEXEC));
  }

 private:
  mode_t before_;
};

TEST_F(ModesOfARunFolder, WhatIsRecordedIsItsOwnersAndWhatIsShownIsNot) {
  run_.open_for_append("cells.jsonl");
  EXPECT_EQ(mode_of(run_.path() / "cells.jsonl"), 0600u);
  ::close(::open((run_.path() / "run.json.tmp").c_str(), O_CREAT | O_WRONLY,
                 0666));  // left by one that was killed
  run_.replace_file("run.json", "{}");
  EXPECT_EQ(mode_of(run_.path() / "run.json"), 0600u);
  run_.replace_file("report.md", "", kSharedFile);
  EXPECT_EQ(mode_of(run_.path() / "report.md"), 0644u);
  run_.replace_file("report.md", "with names");
  EXPECT_EQ(mode_of(run_.path() / "report.md"), 0600u);
}

TEST_F(ModesOfARunFolder, ACopyIsNoMoreOpenThanItsOriginal) {
  for (const auto& [theirs, ours] : {std::pair<mode_t, mode_t>{0600, 0600},
                                     {0640, 0640},
                                     {0664, 0664},
                                     {04755, 0644},
                                     {0400, 0600},
                                     {0444, 0644}}) {
    const Descriptor original = with_mode(theirs);
    run_.create_for_copy("copy.db", original);
    EXPECT_EQ(mode_of(run_.path() / "copy.db"), ours) << theirs;
    EXPECT_THROW(run_.create_for_copy("copy.db", original), std::system_error) << "it is there";
    run_.remove_tree("copy.db");
  }
}

TEST_F(ModesOfARunFolder, WithCopiesOfABoardItIsItsOwnersAlone) {
  EXPECT_EQ(mode_of(RunFolder::create(base_ / "a").path()), 0777u);
  EXPECT_EQ(mode_of(RunFolder::create(base_ / "b", Entry::owner).path()), 0700u);
  fs::create_directory(base_ / "empty");
  EXPECT_EQ(mode_of(RunFolder::create(base_ / "empty", Entry::owner).path()), 0700u);
}

TEST_F(RunFolderTest, OpensOnlyWhatCarriesTheMarker) {
  EXPECT_EQ(RunFolder::open(base_ / "run").path(), run_.path());
  EXPECT_THAT([&] { RunFolder::open(base_.path()); },
              ThrowsMessage<std::runtime_error>(HasSubstr(".walsoak-run")));
  EXPECT_THROW(RunFolder::open(base_ / "missing"), std::runtime_error);
}

TEST_F(RunFolderTest, FindsTheFolderThatAPathLiesIn) {
  EXPECT_EQ(RunFolder::containing(run_.path() / "cells/c01/boards/b01/kanban.db").path(), run_.path());
  EXPECT_EQ(RunFolder::containing(run_.path()).path(), run_.path());
  EXPECT_THAT([&] { RunFolder::containing(database_); },
              ThrowsMessage<std::runtime_error>(HasSubstr("refused")));
}

TEST_F(RunFolderTest, FindsNoFolderForALinkThatLeadsOutOfIt) {
  fs::create_symlink(database_, run_.path() / "link.db");
  EXPECT_THROW(RunFolder::containing(run_.path() / "link.db"), std::runtime_error);
}

TEST_F(RunFolderTest, AllowsWhatLiesInside) {
  EXPECT_EQ(run_.inside("cells/c01"), run_.path() / "cells/c01");
  EXPECT_EQ(run_.inside(run_.path() / "run.json"), run_.path() / "run.json");
  EXPECT_EQ(run_.inside("cells/../run.json"), run_.path() / "run.json");
  EXPECT_EQ(run_.inside("..name-with-dots"), run_.path() / "..name-with-dots");
}

TEST_F(RunFolderTest, RefusesWhatLiesOutsideHoweverItIsSpelled) {
  expect_refused(database_);
  expect_refused("../kanban.db");
  expect_refused("cells/../../kanban.db");
  expect_refused("missing/../../kanban.db");
  expect_refused(run_.path() / "../kanban.db");
  expect_refused(base_ / "run-beside");
  expect_refused("..");
}

TEST_F(RunFolderTest, WhatIsTheWholeMachinesLiesOutside) {
  for (const char* const path : {"/", "/etc", "/tmp", "/dev/null"}) {
    EXPECT_THAT([&] { run_.inside(path); },
                ThrowsMessage<std::runtime_error>(HasSubstr("outside the run folder")))
        << path;
  }
}

bool refused(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::runtime_error& error) {
    return std::string_view(error.what()).find("outside the run folder") != std::string_view::npos;
  }
  return false;
}

TEST_F(RunFolderTest, RefusesTheRootFolder) {
  if (!tests::may_have_own_root()) GTEST_SKIP() << "only root may have a root folder of its own";
  EXPECT_TRUE(tests::run_in_own_root(base_.path(), [] {
    const RunFolder run = RunFolder::open("/run");
    int refusals = 0;
    refusals += refused([&] { run.make_folder("/new"); });
    refusals += refused([&] { run.open_for_append("/new"); });
    refusals += refused([&] { run.replace_file("/new", "x"); });
    refusals += refused([&] { run.open_for_update("/kanban.db", /*truncate=*/true); });
    refusals += refused([&] { run.remove_tree("/"); });
    return refusals == 5;
  }));
  EXPECT_FALSE(fs::exists(base_ / "new"));
}

TEST_F(RunFolderTest, RefusesTheFolderItself) {
  expect_refused(run_.path());
  expect_refused(".");
  expect_refused("");
  expect_refused("cells/..");
  EXPECT_TRUE(fs::exists(run_.path() / kRunMarker));
}

TEST_F(RunFolderTest, RefusesLinksThatLeadOut) {
  fs::create_symlink(database_, run_.path() / "file-link");
  fs::create_directory_symlink(base_.path(), run_.path() / "folder-link");
  fs::create_symlink("../kanban.db", run_.path() / "relative-link");
  expect_refused("file-link");
  expect_refused("relative-link");
  expect_refused("folder-link");
  expect_refused("folder-link/kanban.db");
  expect_refused("folder-link/new-file");
}

// Opening such a link for writing would create the file that it names.
TEST_F(RunFolderTest, RefusesALinkThatLeadsNowhereYet) {
  fs::create_symlink(base_ / "not-there", run_.path() / "dangling");
  fs::create_directory_symlink(base_ / "no-folder", run_.path() / "dangling-folder");
  expect_refused("dangling", "leads nowhere");
  expect_refused("dangling-folder/file", "leads nowhere");
  EXPECT_FALSE(fs::exists(base_ / "not-there"));
}

TEST_F(RunFolderTest, ReplacingAFileFollowsNoLinkUnderItsTemporaryName) {
  fs::create_symlink(database_, run_.path() / "summary.json.tmp");
  run_.replace_file("summary.json", "whole");
  EXPECT_FALSE(fs::is_symlink(run_.path() / "summary.json"));
  EXPECT_EQ(read_file(run_.path() / "summary.json"), "whole");
  EXPECT_EQ(read_file(database_), "precious");
}

TEST_F(RunFolderTest, RemovesATreeButNotWhatItsLinksLeadTo) {
  run_.make_folder("cells/c01");
  fs::create_symlink(database_, run_.path() / "cells/c01/link");
  fs::create_directory_symlink(base_.path(), run_.path() / "cells/folder-link");
  run_.remove_tree("cells");
  EXPECT_FALSE(fs::exists(run_.path() / "cells"));
}

TEST_F(RunFolderTest, RemovingWhatIsNotThereIsNoError) {
  EXPECT_NO_THROW(run_.remove_tree("cells/c99"));
}

TEST_F(RunFolderTest, ReplacesAFileAsAWhole) {
  run_.replace_file("summary.json", "a longer first content");
  run_.replace_file("summary.json", "second");
  EXPECT_EQ(read_file(run_.path() / "summary.json"), "second");
  EXPECT_FALSE(fs::exists(run_.path() / "summary.json.tmp"));
}

TEST_F(RunFolderTest, AppendsToAFile) {
  for (const std::string_view line : {"one\n", "two\n"}) {
    const Descriptor file = run_.open_for_append("stream.jsonl");
    write_all(file.get(), line.data(), line.size());
  }
  EXPECT_EQ(read_file(run_.path() / "stream.jsonl"), "one\ntwo\n");
}

TEST_F(RunFolderTest, ReadingNamesTheFileThatIsMissing) {
  EXPECT_THAT([&] { read_file(base_ / "missing"); }, ThrowsMessage<std::system_error>(HasSubstr("missing")));
}

}  // namespace
}  // namespace walsoak::os
