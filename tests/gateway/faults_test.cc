// Step `fault`: what fails while it is at work, what is told, and that everything is as before when it has
// ended.
#include "harness/subject/gateway/subject_faults.h"

#include "harness/base/proc/descriptor_table.h"
#include "harness/evidence/observer/kernel_ledger.h"
#include "tests/gateway/subject_cell.h"

namespace walsoak::subject {
namespace {

using protocol::Message;

class FaultStep : public SubjectCell {
 protected:
  ~FaultStep() override {
    for (int number = 1; number <= 3; ++number)
      end("io-error", number);  // those of the VFS are the process's
  }

  Message fault(const std::string& name, const char* phase, int number,
                const Message& more = Message::object()) {
    Message message = {{"fault", name},        {"phase", phase}, {"number", number}, {"board", ""},
                       {"operation", "write"}, {"file", "any"},  {"after", 1},       {"count", 1}};
    message.update(more);
    return step("fault", message);
  }
  Message begin_fault(const std::string& name, const Message& more = Message::object(), int number = 1) {
    return fault(name, "begin", number, more);
  }
  Message end(const std::string& name, int number = 1) { return fault(name, "end", number); }
  Message on(std::size_t board) const {
    return {{"board", boards_[board].name}, {"path", boards_[board].path}};
  }
  Message on(std::size_t board, const Message& more) const {
    Message message = on(board);
    message.update(more);
    return message;
  }
  // The error of each board, 0 where there is none: SQLite's code, or our own word.
  static Message errors(const Message& done) {
    Message codes = Message::array();
    for (const Message& board : done.at("boards")) {
      if (board.at("ok") == true) {
        codes.push_back(0);
      } else {
        const Message& error = board.at("error");
        codes.push_back(error.at("app").is_null() ? error.at("code") : error.at("app"));
      }
    }
    return codes;
  }
  observer::DescriptorCounts kernel(std::size_t board) const {
    return observer::KernelLedger({{"b", boards_[board].path}})
        .look(os::read_descriptor_table(::getpid()))
        .at("b")
        .counts.value();
  }
};

TEST_F(FaultStep, AFullDiskIsOneOfAllBoardsOrOfOne) {
  begin();
  EXPECT_EQ(begin_fault("disk-full", {{"count", 0}}).at("ok"), true);
  EXPECT_EQ(errors(step("dispatch")), Message({SQLITE_FULL, SQLITE_FULL}));
  end("disk-full");
  EXPECT_EQ(errors(step("dispatch")), Message({0, 0}));
  // Before: this test's own connections are of the same process.
  for (const board::Board& board : boards_) {
    tests::Look(board).execute("UPDATE tasks SET status = 'todo' WHERE status = 'ready'");
  }
  begin_fault("disk-full", on(1, {{"count", 0}}));
  EXPECT_EQ(errors(step("dispatch")), Message({0, SQLITE_FULL}));
  end("disk-full");
}

TEST_F(FaultStep, EachOperationFailsWithTheCodeOfTheUnixVfs) {
  const std::vector<std::pair<std::string, int>> operations = {{"open", SQLITE_CANTOPEN},
                                                               {"read", SQLITE_IOERR_READ},
                                                               {"lock", SQLITE_IOERR_LOCK},
                                                               {"shm-map", SQLITE_IOERR_SHMMAP}};
  begin();
  for (const auto& [operation, code] : operations) {
    begin_fault("io-error", on(1, {{"operation", operation}, {"count", 0}}));
    EXPECT_EQ(errors(step("notifier")), Message({0, code})) << operation;
    EXPECT_EQ(end("io-error").at("ok"), true);
    EXPECT_EQ(kernel(1), observer::DescriptorCounts{}) << operation;
    EXPECT_EQ(step("notifier").at("ok"), true) << operation;
  }
  begin_fault("io-error", on(0, {{"operation", "write"}, {"file", "wal"}}));
  EXPECT_EQ(errors(step("dispatch")), Message({SQLITE_IOERR_WRITE, 0}));
}

TEST_F(FaultStep, FaultsOfOneNameEndEachForItself) {
  begin();
  begin_fault("io-error", on(0, {{"operation", "read"}, {"count", 0}}), 1);
  begin_fault("io-error", on(1, {{"operation", "open"}, {"count", 0}}), 2);
  EXPECT_EQ(errors(step("notifier")), Message({SQLITE_IOERR_READ, SQLITE_CANTOPEN}));
  end("io-error", 1);
  EXPECT_EQ(errors(step("notifier")), Message({0, SQLITE_CANTOPEN}));
  end("io-error", 2);
  EXPECT_EQ(step("notifier").at("ok"), true);
}

TEST_F(FaultStep, InitialisationFailsAndLeavesNothingInAnyLedger) {
  begin();
  begin_fault("init-failure", {{"count", 3}});
  EXPECT_EQ(errors(step("notifier")), Message({"init", "init"}));
  EXPECT_EQ(errors(step("notifier")), Message({"init", 0}));
  for (const std::size_t board : {0u, 1u}) {
    EXPECT_EQ(api_.counts(boards_[board].path).open(), 0);
    EXPECT_EQ(kernel(board), observer::DescriptorCounts{});
  }
  begin_fault("init-failure", on(1, {{"count", 0}}));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(errors(step("triage")), Message({0, "init"}));
  EXPECT_EQ(end("init-failure").at("ok"), true);
  EXPECT_EQ(errors(step("triage")), Message({0, 0}));
}

TEST_F(FaultStep, ALongReaderHoldsBackTheCheckpointUntilItsEnd) {
  const auto held_back = [this](std::size_t board) {
    tests::Look look(boards_[board]);
    look.execute("PRAGMA busy_timeout=0; UPDATE tasks SET title = title || 'x'");
    return look.value("PRAGMA wal_checkpoint(TRUNCATE)") == "1";
  };
  begin();
  EXPECT_EQ(begin_fault("long-reader", on(1)).at("ok"), true);
  EXPECT_EQ(api_.counts(boards_[1].path).opened[static_cast<std::size_t>(sqlite::Actor::held)], 1);
  EXPECT_TRUE(held_back(1));
  EXPECT_FALSE(held_back(0));
  begin_fault("long-reader", on(1), 2);
  end("long-reader", 1);
  EXPECT_TRUE(held_back(1)) << "there is another";
  end("long-reader", 2);
  EXPECT_FALSE(held_back(1));
  EXPECT_EQ(api_.counts(boards_[1].path).open(), 0);
}

TEST_F(FaultStep, AReaderThatCannotReadIsToldAndLeavesNothingOpen) {
  begin();
  begin_fault("init-failure");
  const Message done = begin_fault("long-reader", on(0), 2);
  EXPECT_EQ(done.at("ok"), false);
  EXPECT_EQ(errors(done), Message({"init"}));
  EXPECT_EQ(done.at("boards")[0].at("board"), "b01");
  EXPECT_EQ(end("long-reader", 2).at("ok"), true) << "an end of what never began is none";
  EXPECT_EQ(kernel(0), observer::DescriptorCounts{});
}

TEST_F(FaultStep, ReadersAreClosedWithEverythingElse) {
  begin();
  begin_fault("long-reader", on(0));
  gateway_->close_everything(0);
  EXPECT_EQ(api_.counts(boards_[0].path).open(), 0);
  EXPECT_EQ(kernel(0), observer::DescriptorCounts{});
}

TEST_F(FaultStep, OneThatIsNoProcesssOwnIsABrokenMessage) {
  begin();
  EXPECT_THROW(begin_fault("worker-kill"), std::invalid_argument);
  EXPECT_EQ(step("dispatch").at("ok"), true);
}

constexpr const char* kChildsRows = "SELECT count(*) FROM acknowledgements WHERE writer = 'child'";

TEST_F(FaultStep, AForkedChildCommitsThroughTheConnectionThatItsParentHasClosed) {
  begin();
  const Message child = on(0, {{"how", "inherited"}});
  EXPECT_EQ(begin_fault("fork", child).at("ok"), true);
  EXPECT_EQ(kernel(0).main, 0) << "the parent keeps nothing of it";
  EXPECT_EQ(children_.size(), 1u);
  EXPECT_EQ(end("fork").at("ok"), true);
  EXPECT_TRUE(children_.empty());
  EXPECT_EQ(os::read_file(folder_.acknowledgements() + "/child.log"), "b01 child 1\n");
  EXPECT_EQ(tests::Look(boards_[0]).value(kChildsRows), "0") << "it went into a -wal without a name";
}

TEST_F(FaultStep, AForkedChildThatOpensItsOwnConnectionLosesNothing) {
  begin();
  EXPECT_EQ(begin_fault("fork", on(0, {{"how", "opened"}})).at("ok"), true);
  EXPECT_EQ(end("fork").at("ok"), true);
  EXPECT_EQ(tests::Look(boards_[0]).value(kChildsRows), "1");
}

TEST_F(FaultStep, WhatKeepsAForkedChildFromWritingIsTold) {
  begin();
  begin_fault("fork", on(0, {{"how", "opened"}}));
  std::filesystem::rename(boards_[0].path, boards_[0].path + ".away");
  std::filesystem::create_directory(boards_[0].path);
  const Message done = end("fork");
  EXPECT_EQ(done.at("ok"), false);
  EXPECT_EQ(errors(done), Message({"child"}));
}

}  // namespace
}  // namespace walsoak::subject
