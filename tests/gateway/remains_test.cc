// What a gateway leaves behind where a setting says so: connections whose initialisation failed, statements
// that nobody finalizes, and guards.
#include <gmock/gmock.h>
#include <unistd.h>

#include "harness/base/proc/descriptor_table.h"
#include "harness/evidence/observer/kernel_ledger.h"
#include "harness/subject/gateway/gateway.h"
#include "tests/board/boards.h"

namespace walsoak::subject {
namespace {

using nlohmann::json;
using sqlite::Actor;

class Remains : public testing::Test {
 protected:
  Gateway& make(const json& changes) {
    gateway_ = std::make_unique<Gateway>(tests::settings_with(changes), boards_, api_);
    return *gateway_;
  }
  void fail_to_connect() {
    gateway_->connector().fail_initialisation(1, board_.path, 1);
    EXPECT_THROW(gateway_->use(board_, Actor::dispatcher, [](sqlite::Connection&) {}), board::AppError);
  }
  std::int64_t open() const { return api_.counts(board_.path).open(); }
  int main_descriptors() const {
    return observer::KernelLedger({{"b01", board_.path}})
        .look(os::read_descriptor_table(::getpid()))
        .at("b01")
        .counts.value()
        .main;
  }

  tests::Boards folder_;
  board::Board board_ = folder_.seeded();
  std::vector<board::Board> boards_{board_};
  sqlite::ApiLedger api_;
  std::unique_ptr<Gateway> gateway_;
};

TEST_F(Remains, AConnectThatFailsClosesWhatSqliteOpened) {
  make({});
  fail_to_connect();
  EXPECT_EQ(open(), 0);
}

TEST_F(Remains, OrLeavesItToTheCollector) {
  Gateway& gateway = make({{"on_init_failure", "leak"}});
  fail_to_connect();
  fail_to_connect();
  EXPECT_EQ(open(), 2);
  EXPECT_EQ(main_descriptors(), 2);
  EXPECT_EQ(gateway.collect(), 2u);
  EXPECT_EQ(open(), 0);
}

TEST_F(Remains, AKeptStatementMakesAZombieOfAClosedConnection) {
  Gateway& gateway = make({});
  gateway.use(board_, Actor::dispatcher,
              [&](sqlite::Connection& connection) { gateway.keep_statement(connection); });
  EXPECT_EQ(open(), 0) << "closed, as far as the API goes";
  EXPECT_EQ(main_descriptors(), 1);
  gateway.close_everything(0);
  EXPECT_EQ(main_descriptors(), 0);
}

TEST_F(Remains, WithoutItAClosedConnectionIsGone) {
  make({}).use(board_, Actor::dispatcher, [](sqlite::Connection& connection) {
    EXPECT_EQ(connection.value("tasks", "SELECT count(*) FROM tasks"), "20");
  });
  EXPECT_EQ(main_descriptors(), 0);
}

TEST_F(Remains, ThreadsOfThePoolThatEndLeaveTheirConnectionsToTheCollector) {
  Gateway& gateway = make({{"strategy", "thread-local"}, {"pool_thread_life", 1}});
  for (int uses = 0; uses < 3; ++uses) {
    gateway.thread_for(Actor::dispatcher, 0).run([&] {
      gateway.use(board_, Actor::dispatcher, [](sqlite::Connection&) {});
    });
  }
  EXPECT_EQ(open(), 3);
  EXPECT_EQ(gateway.collect(), 2u) << "of the two that have ended";
}

}  // namespace
}  // namespace walsoak::subject
