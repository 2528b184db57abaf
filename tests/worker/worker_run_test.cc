// A worker on its own clock: it claims, comes back, completes and says bye; a pause holds it; a seeded kill
// ends it.
#include <signal.h>

#include "harness/base/os/clock.h"
#include "tests/worker/worker_process.h"

namespace walsoak::worker {
namespace {

using protocol::Message;
using testing::ElementsAre;
using testing::Pair;

class WorkerRun : public WorkerTest {
 protected:
  static Message life(std::int64_t visits, std::int64_t interval_us) {
    Message run = protocol::make("run");
    run["t0_us"] = os::system_clock().monotonic_us();
    run["epoch_s"] = tests::kNow;
    run["time_scale"] = 1;
    run["visits"] = visits;
    run["interval_us"] = interval_us;
    run["kill"] = nullptr;
    return run;
  }
  static Message pause() {
    Message message = protocol::make("pause");
    message["id"] = 9;
    return message;
  }
  std::string task(const std::string& column) {
    return tests::Look(board_).value("SELECT " + column + " FROM tasks");
  }

  static constexpr std::int64_t kNever = 3600000000;
};

TEST_F(WorkerRun, ClaimsComesBackCompletesAndSaysBye) {
  WorkerProcess worker(assignment_);
  begin(worker);
  worker.send(life(4, 100));
  std::int64_t visits = 0;
  for (const char* operation : {"claim", "heartbeat", "heartbeat", "complete"}) {
    const Message tick = worker.receive().value();
    EXPECT_EQ(tick.at("type"), "tick") << operation;
    EXPECT_EQ(tick.at("job"), "visit");
    EXPECT_EQ(tick.at("op"), operation);
    EXPECT_EQ(tick.at("ok"), true) << tick.dump();
    EXPECT_EQ(tick.at("boards"), Message::parse(R"([{"board":"b01","ok":true}])"));
    EXPECT_GE(tick.at("latency_us").get<std::int64_t>(), 0);
    EXPECT_EQ(tick.at("vfs").at("wal_unlinks"), (Message{{"worker", ++visits}}));
  }
  const Message bye = worker.receive().value();
  EXPECT_EQ(bye.at("type"), "bye");
  EXPECT_EQ(bye.at("vfs").at("main_opens"), 4);
  EXPECT_EQ(bye.at("vfs").at("main"), 0);
  EXPECT_FALSE(worker.receive()) << "it ends by itself";
  EXPECT_TRUE(worker.wait().clean());
  EXPECT_EQ(status(), "done");
  EXPECT_THAT(rows(), ElementsAre(Pair("w0001", ElementsAre(Pair(1, 4)))));
}

TEST_F(WorkerRun, ItsTimeIsThatOfTheBoards) {
  WorkerProcess worker(assignment_);
  begin(worker);
  Message run = life(2, kNever);
  run["t0_us"] = os::system_clock().monotonic_us() - 10000000;  // the cell began 10 seconds ago
  run["time_scale"] = 360;
  worker.send(run);
  EXPECT_EQ(worker.receive().value().at("op"), "claim");
  EXPECT_GE(std::stoll(task("last_heartbeat_at")), tests::kNow + 3600);
}

TEST_F(WorkerRun, HoldingItKeepsOneConnectionAllItsLife) {
  WorkerProcess worker(assignment_);
  begin(worker, {{"worker_connection", "held"}});
  worker.send(life(3, 100));
  for (int visit = 1; visit <= 3; ++visit) {
    EXPECT_EQ(worker.receive().value().at("vfs").at("main_opens"), 1) << visit;
  }
  EXPECT_EQ(worker.receive().value().at("vfs").at("main"), 0);
}

TEST_F(WorkerRun, APauseHoldsItUntilItIsStopped) {
  WorkerProcess worker(assignment_);
  begin(worker);
  worker.send(life(1000000, 1));
  EXPECT_EQ(worker.receive().value().at("op"), "claim");
  worker.send(pause());
  Message told = worker.receive().value();
  while (told.at("type") == "tick") told = worker.receive().value();
  EXPECT_EQ(told.at("type"), "done");
  EXPECT_EQ(told.at("id"), 9);
  EXPECT_EQ(told.at("ok"), true);
  const std::string then = comments();
  worker.send(protocol::make("stop"));
  EXPECT_EQ(worker.receive().value().at("type"), "bye") << "no visit after the answer to a pause";
  EXPECT_TRUE(worker.wait().clean());
  EXPECT_EQ(comments(), then);
  EXPECT_EQ(status(), "running");
}

TEST_F(WorkerRun, PausedBeforeItsLifeItNeverVisits) {
  WorkerProcess worker(assignment_);
  begin(worker);
  worker.send(pause());
  EXPECT_EQ(worker.receive().value().at("type"), "done");
  worker.send(life(3, 1));
  worker.send(protocol::make("stop"));
  EXPECT_EQ(worker.receive().value().at("type"), "bye");
  EXPECT_TRUE(worker.wait().clean());
  EXPECT_EQ(comments(), "0");
}

TEST_F(WorkerRun, ASeededKillEndsItInThatVisitBeforeThatStatement) {
  WorkerProcess worker(assignment_);
  begin(worker);
  Message run = life(5, 100);
  run["kill"] = {{"visit", 3}, {"at", 4}};
  worker.send(run);
  EXPECT_EQ(worker.receive().value().at("op"), "claim");
  EXPECT_EQ(worker.receive().value().at("op"), "heartbeat");
  EXPECT_FALSE(worker.receive()) << "it died on the way";
  EXPECT_EQ(worker.wait().signal, SIGKILL);
  EXPECT_THAT(rows(), ElementsAre(Pair("w0001", ElementsAre(Pair(1, 2)))));
  EXPECT_EQ(comments(), "2") << "nothing of the visit that it died in";
  EXPECT_EQ(status(), "running");
}

TEST_F(WorkerRun, AVisitThatFailsIsToldAndTheLifeGoesOn) {
  WorkerProcess worker(assignment_);
  begin(worker, {{"busy_timeout_ms", 0}});
  tests::Look other(board_);
  other.execute("BEGIN IMMEDIATE");
  worker.send(life(1000, 100));
  const Message failed = worker.receive().value();
  EXPECT_EQ(failed.at("ok"), false);
  EXPECT_EQ(failed.at("boards").at(0).at("error").at("code"), SQLITE_BUSY);
  other.execute("COMMIT");
  Message told = failed;
  while (told.at("ok") == false) told = worker.receive().value();
  EXPECT_EQ(told.at("op"), "heartbeat");
}

TEST_F(WorkerRun, WithoutItsObserverItEndsWithFour) {
  WorkerProcess worker(assignment_);
  begin(worker);
  worker.send(life(2, kNever));
  EXPECT_EQ(worker.receive().value().at("op"), "claim");
  EXPECT_EQ(worker.wait().exit_code, 4);
}

}  // namespace
}  // namespace walsoak::worker
