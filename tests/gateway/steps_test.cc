// The steps of the subject: each answer as docs/protocol.md has it.
#include "harness/subject/gateway/steps.h"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

#include "harness/base/os/descriptor.h"
#include "tests/gateway/subject_cell.h"

namespace walsoak::subject {
namespace {

using protocol::Message;
using testing::ElementsAre;

class Steps : public SubjectCell {
 protected:
  static Message entry(const Message& done, std::size_t index) { return done.at("boards").at(index); }
  static std::vector<std::string> boards_of(const Message& done) {
    std::vector<std::string> names;
    for (const Message& board : done.at("boards")) names.push_back(board.at("board"));
    return names;
  }
};

TEST_F(Steps, DispatchPassesOverEveryBoardAndSpawns) {
  begin({{"workers", 3}});
  const Message done = step("dispatch");
  EXPECT_EQ(done.at("ok"), true);
  EXPECT_THAT(boards_of(done), ElementsAre("b01", "b02"));
  for (const Message& board : done.at("boards")) {
    EXPECT_EQ(board.at("ok"), true);
    EXPECT_EQ(board.at("spawned"), 1);
    EXPECT_EQ(board.at("released"), 0);
    EXPECT_EQ(board.at("promoted"), 0);
  }
  ASSERT_EQ(done.at("spawned").size(), 2u);
  EXPECT_EQ(done.at("spawned")[0].at("writer"), "w0001");
  EXPECT_EQ(done.at("spawned")[0].at("board"), "b01");
  EXPECT_EQ(done.at("spawned")[1].at("writer"), "w0002");
  EXPECT_EQ(done.at("spawned")[1].at("board"), "b02");
  const std::string task = done.at("spawned")[0].at("task");
  tests::Look look(boards_[0]);
  EXPECT_EQ(look.value("SELECT worker_pid FROM tasks WHERE id = '" + task + "'"),
            done.at("spawned")[0].at("pid").dump());
  EXPECT_EQ(step("dispatch").at("spawned").size(), 1u) << "three workers at most";
  EXPECT_EQ(step("dispatch").at("spawned").size(), 0u);
}

TEST_F(Steps, AWorkerThatWasReapedHasCrashedForTheNextPass) {
  begin({{"workers", 1}});
  const Message spawned = step("dispatch").at("spawned")[0];
  const auto pid = spawned.at("pid").get<pid_t>();
  ::kill(pid, SIGKILL);
  const Message reaped = step("reap", {{"pid", pid}});
  workers_.erase(pid);
  EXPECT_EQ(reaped.at("signal"), SIGKILL);
  EXPECT_EQ(reaped.at("exit_code"), 0);
  const Message next = step("dispatch");
  EXPECT_EQ(entry(next, 0).at("released"), 1);
  EXPECT_EQ(next.at("spawned")[0].at("writer"), "w0002");
}

TEST_F(Steps, ProbeStopsAtTheFirstBoardThatHasWork) {
  begin();
  EXPECT_THAT(boards_of(step("probe")), ElementsAre("b01"));
  tests::Look(boards_[0]).execute("UPDATE tasks SET status = 'done'");
  EXPECT_THAT(boards_of(step("probe")), ElementsAre("b01", "b02"));
}

TEST_F(Steps, TriageListsAndNotifierPolls) {
  begin();
  tests::Look(boards_[1])
      .execute(
          "DELETE FROM notify_subscriptions; INSERT INTO notify_subscriptions (task_id, channel) VALUES "
          "('b02-t0001', 'g');"
          "INSERT INTO events (task_id, kind, created_at) VALUES ('b02-t0001', 'a', 1), ('b02-t0001', 'b', "
          "1)");
  const Message triage = step("triage");
  EXPECT_THAT(boards_of(triage), ElementsAre("b01", "b02"));
  EXPECT_EQ(entry(triage, 0).at("tasks"), 2);
  const Message notifier = step("notifier");
  EXPECT_EQ(entry(notifier, 0).at("events"), 0);
  EXPECT_EQ(entry(notifier, 1).at("events"), 2);
  EXPECT_EQ(notifier.contains("spawned"), false);
}

TEST_F(Steps, InsideTellsTheRowsThatTheDispatcherSees) {
  begin({{"workers", 0}});
  tests::Look(boards_[0])
      .execute("INSERT INTO acknowledgements VALUES ('w0001', 1), ('w0001', 2), ('w0001', 4)");
  const Message done = step("inside");
  EXPECT_EQ(entry(done, 0).at("rows"), Message::parse(R"({"w0001":[[1,2],[4,4]]})"));
  EXPECT_EQ(entry(done, 1).at("rows"), Message::object());
}

TEST_F(Steps, NoopLooksNowhere) {
  begin({{"strategy", "noop"}});
  for (const char* name : {"dispatch", "probe", "inside"}) {
    const Message done = step(name);
    EXPECT_EQ(done.at("ok"), true) << name;
    EXPECT_THAT(boards_of(done), ElementsAre("b01", "b02")) << name;
    for (const Message& board : done.at("boards")) EXPECT_EQ(board.at("looked"), false) << name;
    EXPECT_FALSE(entry(done, 0).contains("rows")) << name;
  }
}

TEST_F(Steps, CollectFreesWhatWasDropped) {
  begin({{"strategy", "unclosed"}, {"workers", 0}});
  step("dispatch", {{"thread", 1}});
  step("probe", {{"thread", 2}});
  EXPECT_EQ(step("collect", {{"thread", 3}}).at("freed"), 3);
  EXPECT_EQ(step("collect").at("freed"), 0);
}

TEST_F(Steps, LedgerTellsBothLedgersByBoardAndActorAndTouchesNoBoard) {
  begin({{"strategy", "persistent"}, {"workers", 0}});
  step("dispatch");
  step("notifier");
  const Message done = step("ledger");
  EXPECT_EQ(done.at("api").at("b01"),
            Message::parse(R"({"opened":{"dispatcher":1,"notifier":1},"closed":{"notifier":1}})"));
  EXPECT_EQ(done.at("vfs").at("b01").at("main"), 1);
  EXPECT_EQ(done.at("vfs").at("b01").at("wal"), 1);
  EXPECT_EQ(done.at("vfs").at("b01").at("shm"), 1);
  EXPECT_EQ(done.at("vfs").at("b01").at("main_peak"), 2);
  Message again = step("ledger");
  EXPECT_EQ(again.at("api"), done.at("api"));
  EXPECT_EQ(again.at("vfs"), done.at("vfs"));
}

TEST_F(Steps, ALastCloseStandsUnderItsActorInTheLedger) {
  begin({{"workers", 0}, {"auto_decompose", "closed"}});
  for (const char* name : {"triage", "dispatch", "probe", "notifier", "notifier"}) step(name);
  const Message vfs = step("ledger").at("vfs").at("b01");
  EXPECT_EQ(vfs.at("wal_unlinks").at("triage"), 1);
  EXPECT_EQ(vfs.at("wal_unlinks").at("dispatcher"), 1);
  EXPECT_EQ(vfs.at("wal_unlinks").at("probe"), 1);
  EXPECT_EQ(vfs.at("wal_unlinks").at("notifier"), 2);
}

TEST_F(Steps, OneBoardsErrorIsItsOwn) {
  begin({{"workers", 0}, {"header_check", "raw"}});
  std::ofstream(boards_[0].path) << std::string(8192, 'x');
  const Message done = step("dispatch");
  EXPECT_EQ(done.at("ok"), false);
  EXPECT_EQ(entry(done, 0).at("ok"), false);
  EXPECT_EQ(entry(done, 0).at("error").at("app"), board::kNotADatabase);
  EXPECT_EQ(entry(done, 0).at("error").at("where"), "header check");
  EXPECT_EQ(entry(done, 1).at("ok"), true);
}

TEST_F(Steps, ABoardThatIsNotThereIsLookedAtByNobody) {
  boards_ = {folder_.named("b01", 0), folder_.seeded("b02", {}, 1)};
  begin({{"workers", 0}});
  for (const char* name : {"triage", "dispatch", "probe", "notifier", "dashboard", "inside"}) {
    EXPECT_THAT(boards_of(step(name)), ElementsAre("b02")) << name;
  }
  EXPECT_THAT(boards_of(step("slash", {{"slot", 0}})), ElementsAre("b02"));
  EXPECT_FALSE(std::filesystem::exists(boards_[0].path));
}

TEST_F(Steps, SlashCommandsGoToOneBoardAfterTheOther) {
  begin({{"workers", 0}});
  for (const int slot : {0, 1, 2}) {
    const Message done = step("slash", {{"slot", slot}});
    EXPECT_EQ(done.at("ok"), true) << done.dump();
    EXPECT_THAT(boards_of(done), ElementsAre(slot == 1 ? "b02" : "b01"));
  }
  const std::string added = "SELECT group_concat(id) FROM tasks WHERE id LIKE '%-s%' AND status = 'ready'";
  EXPECT_EQ(tests::Look(boards_[0]).value(added), "b01-s000000,b01-s000002");
  EXPECT_EQ(tests::Look(boards_[1]).value(added), "b02-s000001");
  EXPECT_EQ(folder_.read_log("slash"), "b01 slash 1\nb02 slash 1\nb01 slash 2\n");
  EXPECT_EQ(step("ledger").at("api").at("b01"),
            Message::parse(R"({"opened":{"slash":2},"closed":{"slash":2}})"));
}

TEST_F(Steps, ADashboardIsNeverInScope) {
  begin({{"workers", 0}, {"strategy", "persistent"}, {"scope", "process"}});
  for (const char* name : {"dispatch", "dashboard", "dashboard"}) EXPECT_EQ(step(name).at("ok"), true);
  step("slash", {{"slot", 0}});
  EXPECT_EQ(step("ledger").at("api").at("b01"),
            Message::parse(R"({"opened":{"dispatcher":1,"dashboard":2},"closed":{"dashboard":2}})"))
      << "a slash command is, where the scope is the process";
}

TEST_F(Steps, AWorkerThatCannotBeStartedIsAnErrorOfTheBoard) {
  begin({{"workers", 1}}, {"/no/such/worker"});
  const Message done = step("dispatch");
  EXPECT_EQ(entry(done, 0).at("error").at("app"), "system");
  EXPECT_THAT(entry(done, 0).at("error").at("message").get<std::string>(),
              testing::HasSubstr("/no/such/worker"));
  EXPECT_EQ(done.at("spawned").size(), 0u);
}

TEST_F(Steps, RunningOutOfDescriptorsIsToldAsEmfile) {
  begin({{"workers", 0}, {"header_check", "raw"}});
  step("dispatch");
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = static_cast<rlim_t>(os::Descriptor(::dup(0)).get());
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const Message done = step("dispatch");
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(entry(done, 0).at("error").at("app"), "EMFILE");
  EXPECT_EQ(entry(done, 0).at("error").at("code"), 0);
  EXPECT_EQ(step("dispatch").at("ok"), true) << "it recovers";
}

TEST_F(Steps, AnUnknownStepIsABrokenConversation) {
  begin();
  EXPECT_THROW(step("vacuum"), std::invalid_argument);
  EXPECT_THROW(step("seed"), std::invalid_argument) << "the checker's";
}

}  // namespace
}  // namespace walsoak::subject
