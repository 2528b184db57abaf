// The byte copy of a user's board: whole or not at all, however its writer behaves, and nothing done to it.
#include "harness/lab/launch/board_template.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "harness/base/shared/errors.h"
#include "tests/os/temporary_folder.h"

namespace walsoak::lab {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const std::string kHeader("SQLite format 3\0", 16);

template <typename Error>
std::string error_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::Not(HasSubstr("\n")));
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return "";
}

class BoardTemplate : public testing::Test {
 protected:
  BoardTemplate() {
    fs::create_directory(temporary_.path() / "theirs");
    write("", kHeader + "main");
  }

  fs::path file(const std::string& suffix = "") const { return source_.string() + suffix; }
  void write(const std::string& suffix, const std::string& content) const {
    std::ofstream(file(suffix), std::ios::binary) << content;
  }
  std::string copied(const std::string& suffix = "") const {
    return os::read_file(run_.path() / (target_.string() + suffix));
  }
  bool was_copied(const std::string& suffix) const {
    return fs::exists(run_.path() / (target_.string() + suffix));
  }

  // How many attempts it took with a writer that does something in each, after the bytes were read.
  int attempts_with(const std::function<void(int)>& writer) {
    int attempts = 0;
    snapshot_template(source_, run_, target_, {[&](int attempt) { attempts = attempt; }, writer});
    return attempts;
  }

  tests::TemporaryFolder temporary_;
  fs::path source_ = temporary_.path() / "theirs" / "kanban.db";
  os::RunFolder run_ = os::RunFolder::create(temporary_.path() / "run");
  fs::path target_ = template_snapshot(source_.string());
};

TEST_F(BoardTemplate, IsCopiedWithItsWalAndJournalButNotItsShm) {
  write("-wal", std::string("wal\0bytes", 9));
  write("-journal", "journal");
  write("-shm", "index");
  EXPECT_EQ(attempts_with({}), 1);
  EXPECT_EQ(copied(), kHeader + "main");
  EXPECT_EQ(copied("-wal"), std::string("wal\0bytes", 9));
  EXPECT_EQ(copied("-journal"), "journal");
  EXPECT_FALSE(was_copied("-shm"));
}

TEST_F(BoardTemplate, AFileOfManyBuffersIsCopiedWhole) {
  std::string large = kHeader;
  while (large.size() < (3u << 20) + 5) large += std::to_string(large.size());
  write("", large);
  attempts_with({});
  EXPECT_TRUE(copied() == large);
}

TEST_F(BoardTemplate, IsCopiedAnewWhereItsSizeMoved) {
  EXPECT_EQ(attempts_with([&](int attempt) {
              if (attempt <= 2) write("", kHeader + std::string(static_cast<std::size_t>(attempt), 'x'));
            }),
            3);
  EXPECT_EQ(copied(), kHeader + "xx");
}

TEST_F(BoardTemplate, IsCopiedAnewWhereItsTimeAloneMoved) {
  const auto seen = fs::last_write_time(source_);
  EXPECT_EQ(attempts_with([&](int attempt) {
              if (attempt > 1) return;
              write("", kHeader + "MAIN");
              fs::last_write_time(source_, seen + std::chrono::milliseconds(1));
            }),
            2);
  EXPECT_EQ(copied(), kHeader + "MAIN");
}

TEST_F(BoardTemplate, IsCopiedAnewWhereAnotherFileTookItsPlace) {
  const auto seen = fs::last_write_time(source_);
  EXPECT_EQ(attempts_with([&](int attempt) {
              if (attempt > 1) return;
              std::ofstream(file(".new"), std::ios::binary) << kHeader << "MAIN";
              fs::last_write_time(file(".new"), seen);
              fs::rename(file(".new"), source_);
            }),
            2);
  EXPECT_EQ(copied(), kHeader + "MAIN");
}

TEST_F(BoardTemplate, IsCopiedAnewWhereItsWalAppearsGrowsOrGoes) {
  EXPECT_EQ(attempts_with([&](int attempt) {
              if (attempt == 1) write("-wal", "one");
              if (attempt == 2) write("-wal", "three");
              if (attempt == 3) fs::remove(file("-wal"));
            }),
            4);
  EXPECT_FALSE(was_copied("-wal")) << "what an earlier attempt copied is no part of it";
}

// What was written before the reading, with whatever time, is in the copy.
TEST_F(BoardTemplate, AWriteWhileTheLooksSettleIsReadWhole) {
  const auto seen = fs::last_write_time(source_);
  const auto settle = [&](int) {
    write("", kHeader + "MAIN");
    fs::last_write_time(source_, seen);
  };
  snapshot_template(source_, run_, target_, {settle, {}});
  EXPECT_EQ(copied(), kHeader + "MAIN");
}

TEST_F(BoardTemplate, AWriterThatNeverRestsIsToldWhatToDo) {
  int attempts = 0;
  const std::string line = error_of<Failed>([&] {
    attempts_with([&](int) { write("-wal", std::string(static_cast<std::size_t>(++attempts), 'w')); });
  });
  EXPECT_EQ(attempts, kSnapshotAttempts);
  EXPECT_THAT(line, HasSubstr(source_.string()));
  EXPECT_THAT(line, HasSubstr("stop the writer"));
  EXPECT_THAT(line, HasSubstr("sqlite3 " + source_.string() + " '.backup copy.db'"));
}

TEST_F(BoardTemplate, ThatVanishesIsAnErrorNotAnEmptyCopy) {
  error_of<Failed>([&] { attempts_with([&](int) { fs::remove(source_); }); });
  error_of<Failed>([&] { attempts_with({}); });
}

TEST_F(BoardTemplate, BehindALinkHasTheWalOfTheRealFile) {
  write("-wal", "real");
  const fs::path link = temporary_.path() / "link.db";
  fs::create_symlink(source_, link);
  std::ofstream(link.string() + "-wal") << "wrong";
  snapshot_template(link, run_, target_, {[](int) {}, {}});
  EXPECT_EQ(copied("-wal"), "real");
}

TEST_F(BoardTemplate, IsOnlyCopiedIntoTheRunFolder) {
  EXPECT_THROW(snapshot_template(source_, run_, temporary_.path() / "elsewhere.db", {[](int) {}, {}}),
               std::runtime_error);
  EXPECT_FALSE(fs::exists(temporary_.path() / "elsewhere.db"));
}

TEST_F(BoardTemplate, ASnapshotIsCopiedToBoards) {
  write("-wal", "wal");
  attempts_with({});
  copy_snapshot(run_, target_, "cells/c01/boards/b01/kanban.db");
  EXPECT_EQ(os::read_file(run_.path() / "cells/c01/boards/b01/kanban.db"), kHeader + "main");
  EXPECT_EQ(os::read_file(run_.path() / "cells/c01/boards/b01/kanban.db-wal"), "wal");
}

TEST_F(BoardTemplate, TwoTemplatesHaveSnapshotsOfTheirOwn) {
  EXPECT_NE(template_snapshot("/a/kanban.db"), template_snapshot("/b/kanban.db"));
  EXPECT_EQ(template_snapshot("/a/kanban.db"), template_snapshot("/a/kanban.db"));
}

TEST_F(BoardTemplate, IsCheckedBeforeAnythingStarts) {
  EXPECT_NO_THROW(check_board_template(source_, "s.json"));
  const auto why = [&](const fs::path& path) {
    std::string line = error_of<Refused>([&] { check_board_template(path, "s.json"); });
    const std::string begin = "s.json: board_template " + path.string() + ": ";
    EXPECT_THAT(line, testing::StartsWith(begin));
    return line.substr(begin.size());
  };
  EXPECT_EQ(why(file(".missing")), "there is no such file; name a kanban.db");
  EXPECT_EQ(why(source_.parent_path()), "is a folder; name the kanban.db in it");
  EXPECT_EQ(why(source_ / "kanban.db"), "cannot be read (Not a directory)");
  ASSERT_EQ(::mkfifo(file(".pipe").c_str(), 0600), 0);
  EXPECT_EQ(why(file(".pipe")), "is no ordinary file; name a kanban.db");
  write("", "");
  EXPECT_EQ(why(source_), "is empty; name a kanban.db that holds a board");
  for (const std::string& content : {std::string("SQLite"), std::string(100, 'x')}) {
    write("", content);
    EXPECT_EQ(why(source_), "is no SQLite file; name a kanban.db");
  }
}

TEST_F(BoardTemplate, ThatMayNotBeReadIsRefused) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  fs::permissions(source_, fs::perms::none);
  EXPECT_THAT(error_of<Refused>([&] { check_board_template(source_, "s.json"); }),
              HasSubstr("cannot be read (Permission denied)"));
}

}  // namespace
}  // namespace walsoak::lab
