// A worker's death in mid-transaction: by SIGKILL, before the statement that was named, with nothing of it on
// the board.
#include <signal.h>

#include "harness/base/os/clock.h"
#include "harness/boards/board/visits.h"
#include "tests/worker/worker_process.h"

namespace walsoak::worker {
namespace {

using testing::ElementsAre;
using testing::Pair;

class WorkerKill : public WorkerTest, public testing::WithParamInterface<std::string> {};

TEST_P(WorkerKill, BeforeAnyStatementOfAVisitLeavesNothingOfIt) {
  for (int statement = 1; statement <= kVisitStatements; ++statement) {
    SCOPED_TRACE(statement);
    const std::string writer = "w000" + std::to_string(statement);
    WorkerProcess worker({board_, "t1", writer});
    begin(worker, {{"worker_connection", GetParam()}});
    EXPECT_EQ(worker.visit("claim").at("ok"), true);
    worker.order("heartbeat", statement);
    EXPECT_FALSE(worker.receive()) << "it died on the way";
    EXPECT_EQ(worker.wait().signal, SIGKILL);
    EXPECT_EQ(boards_.read_log(writer), "b01 " + writer + " 1\n");
    EXPECT_THAT(rows()[writer], ElementsAre(Pair(1, 1)));
    EXPECT_EQ(comments(), std::to_string(statement)) << "one of each claim, none of a heartbeat";
  }
  EXPECT_EQ(tests::Look(board_).value("PRAGMA integrity_check"), "ok");
}

TEST_P(WorkerKill, BehindTheLastStatementThereIsNone) {
  WorkerProcess worker(assignment_);
  begin(worker, {{"worker_connection", GetParam()}});
  EXPECT_EQ(worker.visit("claim", kVisitStatements + 1).at("ok"), true);
  EXPECT_EQ(worker.visit("heartbeat").at("ok"), true) << "an order is for its own visit";
  EXPECT_EQ(comments(), "2");
}

TEST_P(WorkerKill, OpeningTheConnectionIsNoStatementOfAVisit) {
  WorkerProcess worker(assignment_);
  begin(worker, {{"worker_connection", GetParam()}});
  worker.order("claim", 1);  // the pragmas and the schema come before it
  EXPECT_FALSE(worker.receive());
  EXPECT_EQ(worker.wait().signal, SIGKILL);
  EXPECT_TRUE(std::filesystem::exists(board_.path + "-wal")) << "the connection was open";
  EXPECT_TRUE(rows().empty());
}

// A fault: the clock is the worker's own, so the order is for whichever visit comes next.
TEST_P(WorkerKill, ToldWhileItRunsItDiesInItsNextVisit) {
  for (const int statement : {1, kVisitStatements}) {
    SCOPED_TRACE(statement);
    const std::string writer = "w100" + std::to_string(statement);
    WorkerProcess worker({board_, "t1", writer});
    begin(worker, {{"worker_connection", GetParam()}});
    protocol::Message run = protocol::make("run");
    run.update({{"t0_us", os::system_clock().monotonic_us()},
                {"epoch_s", tests::kNow},
                {"time_scale", 1},
                {"visits", 1000000},
                {"interval_us", 1000},
                {"kill", nullptr}});
    worker.send(run);
    ASSERT_TRUE(worker.receive()) << "its claim";
    protocol::Message kill = protocol::make("kill");
    kill["at"] = statement;
    worker.send(kill);
    std::int64_t visits = 1;
    while (worker.receive()) ++visits;
    EXPECT_EQ(worker.wait().signal, SIGKILL);
    EXPECT_THAT(rows()[writer], ElementsAre(Pair(1, visits))) << "nothing of the visit that it died in";
  }
  EXPECT_EQ(tests::Look(board_).value("PRAGMA integrity_check"), "ok");
}

INSTANTIATE_TEST_SUITE_P(Connection, WorkerKill, testing::Values("per-op", "held"), [](const auto& instance) {
  return instance.param == "held" ? "Held" : "PerOperation";
});

}  // namespace
}  // namespace walsoak::worker
