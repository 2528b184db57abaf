// The life of a worker: hello, visits, bye; per operation or holding; and how it ends.
#include "tests/worker/worker_process.h"

namespace walsoak::worker {
namespace {

using protocol::Message;
using testing::ElementsAre;
using testing::Pair;

TEST_F(WorkerTest, SaysWhoItIs) {
  WorkerProcess worker(assignment_);
  const Message hello = worker.receive().value();
  EXPECT_EQ(hello.at("type"), "hello");
  EXPECT_EQ(hello.at("role"), "worker");
  EXPECT_EQ(hello.at("program"), "walsoak-worker");
  EXPECT_EQ(hello.at("pid"), worker.pid());
  EXPECT_EQ(hello.at("writer"), "w0001");
  EXPECT_EQ(hello.at("board"), "b01");
  EXPECT_EQ(hello.at("task"), "t1");
  EXPECT_EQ(hello.at("sqlite").at("version"), sqlite3_libversion());
}

TEST_F(WorkerTest, ClaimsHeartbeatsCompletesAndSaysBye) {
  WorkerProcess worker(assignment_);
  begin(worker);
  std::int64_t visits = 0;
  for (const char* operation : {"claim", "heartbeat", "complete"}) {
    const Message done = worker.visit(operation);
    EXPECT_EQ(done.at("type"), "done") << operation;
    EXPECT_EQ(done.at("id"), ++visits);
    EXPECT_EQ(done.at("ok"), true) << done.dump();
    EXPECT_EQ(done.at("boards"), Message::parse(R"([{"board":"b01","ok":true}])"));
    EXPECT_EQ(done.at("vfs").at("wal_unlinks"), (Message{{"worker", visits}}))
        << "alone, each close is a last one";
  }
  const Message bye = worker.receive().value();
  EXPECT_EQ(bye.at("type"), "bye");
  EXPECT_EQ(bye.at("vfs").at("main_opens"), 3);
  EXPECT_EQ(bye.at("vfs").at("main"), 0);
  EXPECT_FALSE(worker.receive()) << "it ends by itself";
  EXPECT_TRUE(worker.wait().clean());

  EXPECT_EQ(status(), "done");
  EXPECT_EQ(comments(), "3");
  EXPECT_THAT(rows(), ElementsAre(Pair("w0001", ElementsAre(Pair(1, 3)))));
  EXPECT_EQ(boards_.read_log("w0001"), "b01 w0001 1\nb01 w0001 2\nb01 w0001 3\n");
}

TEST_F(WorkerTest, PerOperationItHoldsNothingBetweenVisits) {
  WorkerProcess worker(assignment_);
  begin(worker);
  EXPECT_EQ(worker.visit("claim").at("vfs").at("main"), 0);
  EXPECT_FALSE(std::filesystem::exists(board_.path + "-wal"));
}

TEST_F(WorkerTest, HoldingItKeepsOneConnectionUntilItCompletes) {
  WorkerProcess worker(assignment_);
  begin(worker, {{"worker_connection", "held"}});
  for (const char* operation : {"claim", "heartbeat", "heartbeat"}) {
    const Message vfs = worker.visit(operation).at("vfs");
    EXPECT_EQ(vfs.at("main"), 1);
    EXPECT_EQ(vfs.at("main_opens"), 1);
    EXPECT_TRUE(std::filesystem::exists(board_.path + "-wal"));
  }
  EXPECT_EQ(worker.visit("complete").at("vfs").at("main"), 0);
  EXPECT_EQ(worker.receive().value().at("vfs").at("wal_unlinks"), (Message{{"worker", 1}}));
  EXPECT_FALSE(std::filesystem::exists(board_.path + "-wal"));
}

TEST_F(WorkerTest, StoppedItClosesAndSaysBye) {
  WorkerProcess worker(assignment_);
  begin(worker, {{"worker_connection", "held"}});
  worker.visit("claim");
  worker.send(protocol::make("stop"));
  const Message bye = worker.receive().value();
  EXPECT_EQ(bye.at("type"), "bye");
  EXPECT_EQ(bye.at("vfs").at("main"), 0);
  EXPECT_TRUE(worker.wait().clean());
  EXPECT_FALSE(std::filesystem::exists(board_.path + "-wal"));
}

TEST_F(WorkerTest, WithoutItsObserverItEndsWithFour) {
  WorkerProcess worker(assignment_);
  begin(worker);
  EXPECT_EQ(worker.wait().exit_code, 4);
}

TEST_F(WorkerTest, AnErrorIsAnAnswerAndTheNextVisitStartsAfresh) {
  WorkerProcess worker(assignment_);
  begin(worker, {{"worker_connection", "held"}, {"busy_timeout_ms", 0}});
  worker.visit("claim");
  {
    tests::Look other(board_);
    other.execute("BEGIN IMMEDIATE");
    const Message done = worker.visit("heartbeat");
    EXPECT_EQ(done.at("ok"), false);
    const Message error = done.at("boards")[0].at("error");
    EXPECT_EQ(error.at("code"), SQLITE_BUSY);
    EXPECT_EQ(error.at("where"), "BEGIN IMMEDIATE");
    EXPECT_EQ(done.at("vfs").at("main"), 0) << "the connection that met the error is closed";
    EXPECT_EQ(boards_.read_log("w0001"), "b01 w0001 1\n");
  }
  const Message done = worker.visit("heartbeat");
  EXPECT_EQ(done.at("ok"), true);
  EXPECT_EQ(done.at("vfs").at("main_opens"), 2);
}

TEST_F(WorkerTest, ACompletionThatFailedEndsItTooWithItsAnswerFirst) {
  WorkerProcess worker(assignment_);
  begin(worker, {{"header_check", "stat"}});
  std::filesystem::remove(board_.path);
  const Message done = worker.visit("complete");
  EXPECT_EQ(done.at("ok"), false);
  EXPECT_EQ(done.at("boards")[0].at("error").at("app"), "header");
  EXPECT_EQ(worker.receive().value().at("type"), "bye");
  EXPECT_TRUE(worker.wait().clean());
}

TEST_F(WorkerTest, AMessageThatWasNotExpectedBreaksTheConversation) {
  WorkerProcess early(assignment_);
  early.receive();
  early.order("claim");  // before its cell
  EXPECT_FALSE(early.receive());
  EXPECT_EQ(early.wait().exit_code, WorkerProcess::kThrew);
  WorkerProcess wrong(assignment_);
  begin(wrong);
  wrong.order("procrastinate");
  EXPECT_FALSE(wrong.receive());
  EXPECT_EQ(wrong.wait().exit_code, WorkerProcess::kThrew);
}

}  // namespace
}  // namespace walsoak::worker
