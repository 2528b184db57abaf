// persistent while the boards themselves change under a running dispatcher: one appears, one vanishes, one is
// restored over its path.
#include <filesystem>
#include <fstream>

#include "tests/gateway/running_cell.h"

namespace walsoak::subject {
namespace {

namespace fs = std::filesystem;
using protocol::Message;
using sqlite::Actor;

class PersistentBoards : public RunningCell {
 protected:
  void begin_persistent(nlohmann::json changes = nlohmann::json::object()) {
    changes.update({{"strategy", "persistent"}, {"workers", 0}});
    begin(changes);
  }
  std::string path(std::size_t board) const { return boards_[board].path; }
  fs::path folder(std::size_t board) const { return fs::path(path(board)).parent_path(); }
  void expect_all_ok() const {
    for (const Message& tick : told_) EXPECT_EQ(tick.at("ok"), true) << tick.dump();
  }
  // Marks the board's content, in the main file alone.
  void title(const board::Board& board, const std::string& text) const {
    tests::Look look(board);
    look.execute("UPDATE tasks SET title = '" + text + "'");
    look.value("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  // What the dispatcher sees, on its own thread.
  std::string title_inside(std::size_t board) {
    std::string seen;
    gateway_->thread_for(Actor::dispatcher, 0).run([&] {
      gateway_->use(boards_[board], Actor::dispatcher, [&](sqlite::Connection& connection) {
        seen = connection.value("titles", "SELECT group_concat(DISTINCT title) FROM tasks");
      });
    });
    return seen;
  }
};

const std::vector<std::string> kEveryStep = {"triage", "dispatch", "probe", "notifier", "slash"};

TEST_F(PersistentBoards, ABoardThatAppearsIsDispatchedFromThenOn) {
  boards_ = {folder_.seeded("b01", {}, 0), folder_.named("b02", 1)};
  begin_persistent();
  run_ticks(6, kEveryStep, [&](int tick) {
    EXPECT_EQ(opened(1), tick <= 3 ? 0 : 1) << tick;
    if (tick > 3) return;
    EXPECT_FALSE(fs::exists(path(1))) << "nobody creates it but its owner";
    if (tick == 3) folder_.seeded("b02", {}, 1);
  });
  expect_all_ok();
  EXPECT_EQ(kernel(1).wal, 1);
  EXPECT_EQ(opened(0), 1) << "the other board's stays";
}

TEST_F(PersistentBoards, ABoardThatVanishesIsClosedAndNothingRecreatesIt) {
  begin_persistent();
  run_ticks(6, kEveryStep, [&](int tick) {
    if (tick == 3) {
      EXPECT_EQ(kernel(1).wal, 1);
      fs::remove_all(folder(1));
      EXPECT_EQ(kernel(1).wal_deleted, 1) << "still held";
    }
    if (tick > 3) {
      expect_nothing_open(1);
      EXPECT_FALSE(fs::exists(folder(1)));
    }
  });
  expect_all_ok();
  EXPECT_EQ(opened(1), 1);
  EXPECT_EQ(kernel(0).wal, 1);
}

TEST_F(PersistentBoards, ABoardWhoseMainFileAloneVanishesIsNotRecreatedEither) {
  begin_persistent();
  run_ticks(6, kEveryStep, [&](int tick) {
    if (tick == 3) fs::remove(path(1));
    if (tick <= 3) return;
    expect_nothing_open(1);
    EXPECT_FALSE(fs::exists(path(1)));
  });
  expect_all_ok();
}

TEST_F(PersistentBoards, ABoardMayVanishAndComeBackMoreThanOnce) {
  begin_persistent();
  run_ticks(9, kEveryStep, [&](int tick) {
    if (tick == 2 || tick == 6) fs::remove_all(folder(1));
    if (tick == 3 || tick == 7) expect_nothing_open(1);
    if (tick == 4 || tick == 7) folder_.seeded("b02", {}, 1);
  });
  expect_all_ok();
  EXPECT_EQ(opened(1), 3);
  EXPECT_EQ(api(1).open(), 1);
}

TEST_F(PersistentBoards, ARestoreByRenameIsSeenAndNothingOfTheOldFileIsHeld) {
  for (const char* fingerprint : {"inode", "mtime-size"}) {
    SCOPED_TRACE(fingerprint);
    begin_persistent({{"fingerprint", fingerprint}});
    title(boards_[0], "before");
    const std::string backup = path(0) + ".backup";
    fs::copy_file(path(0), backup);
    step("dispatch");
    title(boards_[0], "after");
    EXPECT_EQ(title_inside(0), "after");
    const std::int64_t opens = opened(0);
    fs::rename(backup, path(0));
    EXPECT_GT(kernel(0).main_deleted, 0) << "held until the next pass";
    EXPECT_EQ(step("dispatch").at("ok"), true);
    EXPECT_EQ(kernel(0).main_deleted + kernel(0).main_replaced, 0);
    EXPECT_EQ(kernel(0).main, 1);
    EXPECT_EQ(opened(0), opens + 1);
    EXPECT_EQ(title_inside(0), "before");
    gateway_->close_everything(0);
    expect_nothing_open(0);
    EXPECT_EQ(tests::Look(boards_[0]).value("PRAGMA integrity_check"), "ok");
  }
}

// In place the inode stays: the fingerprint of the proposal sees it, that of the inode cannot.
class PersistentInPlace : public PersistentBoards {
 protected:
  // How often the dispatcher opened the board anew for a restore in place.
  std::int64_t reopened(const char* fingerprint) {
    begin_persistent({{"fingerprint", fingerprint}});
    title(boards_[0], "before");
    const std::string good = os::read_file(path(0));
    title(boards_[0], "after");
    step("dispatch");
    tests::Look(boards_[0]).value("PRAGMA wal_checkpoint(TRUNCATE)");
    step("dispatch");
    const std::int64_t opens = opened(0);
    std::ofstream(path(0)) << good;
    fs::last_write_time(path(0), fs::last_write_time(path(0)) + std::chrono::seconds(1));
    EXPECT_EQ(step("dispatch").at("ok"), true);
    return opened(0) - opens;
  }
};

TEST_F(PersistentInPlace, ARestoreInPlaceIsSeenByMtimeAndSize) {
  EXPECT_EQ(reopened("mtime-size"), 1);
  EXPECT_EQ(title_inside(0), "before");
  gateway_->close_everything(0);
  expect_nothing_open(0);
  EXPECT_EQ(tests::Look(boards_[0]).value("PRAGMA integrity_check"), "ok");
}

TEST_F(PersistentInPlace, ARestoreInPlaceIsNotSeenByTheInode) {
  EXPECT_EQ(reopened("inode"), 0);
  EXPECT_EQ(kernel(0).wal, 1);
}

}  // namespace
}  // namespace walsoak::subject
