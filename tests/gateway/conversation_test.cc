// The subject's end of the protocol, in process: hello, cell, steps, stop, and what breaks it.
#include "harness/subject/gateway/conversation.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/gateway/conversed_cell.h"

namespace walsoak::subject {
namespace {

using protocol::Message;
using testing::ElementsAre;

class Conversation : public ConversedCell {};

TEST_F(Conversation, BeginsWithAHello) {
  const Message hello = receive();
  EXPECT_EQ(hello.at("walsoak"), 1);
  EXPECT_EQ(hello.at("type"), "hello");
  EXPECT_EQ(hello.at("role"), "subject");
  EXPECT_EQ(hello.at("program"), "walsoak-subject");
  EXPECT_EQ(hello.at("pid"), ::getpid());
  EXPECT_GT(hello.at("start_ticks").get<std::int64_t>(), 0);
  EXPECT_EQ(hello.at("sqlite").at("version"), sqlite3_libversion());
  EXPECT_THAT(hello.at("capabilities"), ElementsAre("lockstep", "free", "spawn", "vfs-ledger",
                                                    "collector-every-n", "close-checkpoint"));
}

TEST_F(Conversation, FromCellToBye) {
  receive();
  const Message begun = ask(cell({{"strategy", "persistent"}, {"workers", 0}, {"held_connection", "on"}}));
  EXPECT_EQ(begun.at("type"), "done");
  EXPECT_EQ(begun.at("id"), 0);
  EXPECT_EQ(begun.at("ok"), true);
  EXPECT_EQ(begun.at("strategy").at("name"), "persistent");
  EXPECT_EQ(begun.at("strategy").at("executor"), "dedicated");
  EXPECT_EQ(begun.at("strategy").at("affinity"), "owner-thread");
  EXPECT_EQ(begun.at("strategy").at("holds_connections"), true);
  EXPECT_EQ(ask(step("ledger")).at("api").at("b01").at("opened"), (Message{{"held", 1}}));
  const Message done = ask(step("dispatch"));
  EXPECT_EQ(done.at("id"), 7);
  EXPECT_EQ(done.at("ok"), true);
  const Message bye = ask(protocol::make("stop"));
  EXPECT_EQ(bye.at("type"), "bye");
  EXPECT_EQ(bye.at("api").at("b01"),
            Message::parse(R"({"opened":{"dispatcher":1,"held":1},"closed":{"dispatcher":1,"held":1}})"));
  EXPECT_EQ(bye.at("vfs").at("b01").at("main"), 0);
  EXPECT_EQ(exit_code_.get(), 0);
}

TEST_F(Conversation, AStopBeforeAnyCellIsFine) {
  receive();
  EXPECT_EQ(ask(protocol::make("stop")).at("type"), "bye");
  EXPECT_EQ(exit_code_.get(), 0);
}

TEST_F(Conversation, AnObserverThatIsGoneEndsItWithFour) {
  receive();
  observer_.reset();
  EXPECT_EQ(exit_code_.get(), 4);
}

TEST_F(Conversation, AStepBeforeItsCellIsBroken) {
  receive();
  observer_->send(step("dispatch"));
  EXPECT_THROW(exit_code_.get(), std::runtime_error);
}

TEST_F(Conversation, ACellOfUnknownSettingsIsBroken) {
  receive();
  observer_->send(cell({{"strategy", "no-such-strategy"}}));
  EXPECT_THROW(exit_code_.get(), std::invalid_argument);
}

TEST(Describe, NamesStrategiesCapabilitiesAndSqlite) {
  const Message description = describe();
  std::vector<std::string> names;
  for (const Message& strategy : description.at("strategies")) names.push_back(strategy.at("name"));
  EXPECT_THAT(names, ElementsAre("breathing-pool", "noop", "per-tick", "persistent", "planted-leak", "pool",
                                 "shared", "thread-local", "unclosed", "wal-safe-close"));
  EXPECT_EQ(description.at("sqlite").at("version"), sqlite3_libversion());
  EXPECT_TRUE(description.at("sqlite_built_in").is_boolean());
  EXPECT_EQ(description.at("capabilities").size(), 6u);
}

}  // namespace
}  // namespace walsoak::subject
