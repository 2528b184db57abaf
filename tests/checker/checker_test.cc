// The checker's end of the protocol: seed, outside, final, stop.
#include "harness/subject/checker/checker.h"

#include <sys/socket.h>

#include <fstream>
#include <future>

#include "tests/checker/holders.h"

namespace walsoak::checker {
namespace {

using protocol::Channel;
using protocol::Message;

class CheckerTest : public testing::Test {
 protected:
  CheckerTest() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
      throw std::runtime_error("socketpair");
    observer_.emplace(os::Descriptor(ends[0]), os::Descriptor());
    exit_code_ = std::async(std::launch::async, [end = ends[1]] {
      Channel channel{os::Descriptor(end), os::Descriptor()};
      return converse(channel);
    });
    hello_ = observer_->receive().value();
  }

  Message step(const std::string& name) {
    Message message = protocol::make("step");
    message["id"] = ++id_;
    message["step"] = name;
    message["boards"] = Message::array();
    for (const board::Board& board : {boards_.named("b01"), boards_.named("b02")}) {
      message["boards"].push_back({{"name", board.name}, {"path", board.path}});
    }
    message["copy_dir"] = (boards_.run().path() / "copies" / name).string();
    return message;
  }
  Message ask(const Message& message) {
    observer_->send(message);
    Message answer = observer_->receive().value();
    EXPECT_EQ(answer.at("type"), "done");
    EXPECT_EQ(answer.at("id"), message.at("id"));
    return answer;
  }
  Message seed() {
    Message message = step("seed");
    message["settings"] = default_settings();
    message["time_s"] = tests::kNow;
    return ask(message);
  }

  tests::Boards boards_;
  std::future<int> exit_code_;  // waits for its thread, which ends when observer_ is gone
  std::optional<Channel> observer_;
  Message hello_;
  int id_ = 0;
};

TEST_F(CheckerTest, SaysHelloServesAndSaysBye) {
  EXPECT_EQ(hello_.at("role"), "checker");
  EXPECT_EQ(hello_.at("sqlite").at("version"), sqlite3_libversion());
  observer_->send(protocol::make("stop"));
  EXPECT_EQ(observer_->receive().value().at("type"), "bye");
  EXPECT_EQ(exit_code_.get(), 0);
}

TEST_F(CheckerTest, SeedsEveryBoard) {
  const Message done = seed();
  EXPECT_EQ(done.at("ok"), true);
  EXPECT_EQ(done.at("boards"), Message::parse(R"([{"board":"b01","ok":true},{"board":"b02","ok":true}])"));
  EXPECT_EQ(tests::Look(boards_.named("b02")).value("SELECT count(*) FROM tasks"), "20");
}

TEST_F(CheckerTest, MakesEveryBoardOfTheCopyOfATemplate) {
  boards_.seeded("b01", {{"tasks_per_board", 7}});
  tests::Look(boards_.named("b01")).execute("INSERT INTO acknowledgements VALUES ('w0001', 1)");
  Message message = step("seed");
  message["settings"] = default_settings();
  message["time_s"] = tests::kNow;
  message["template"] = "/theirs/kanban.db";
  EXPECT_EQ(ask(message).at("ok"), true);
  for (const char* name : {"b01", "b02"}) {
    tests::Look look(boards_.named(name));
    EXPECT_EQ(look.value("SELECT count(*) FROM tasks WHERE id LIKE 'b01-%'"), "7") << name;
    EXPECT_EQ(look.value("SELECT count(*) FROM acknowledgements"), "0") << name;
  }
}

TEST_F(CheckerTest, ATemplateThatDoesNotFitIsToldApart) {
  tests::Look(boards_.seeded("b01")).execute("DROP TABLE runs");
  Message message = step("seed");
  message["settings"] = default_settings();
  message["time_s"] = tests::kNow;
  message["template"] = "/theirs/kanban.db";
  const Message done = ask(message);
  EXPECT_EQ(done.at("ok"), false);
  EXPECT_EQ(done.at("boards")[0].at("error").at("app"), "template");
  EXPECT_THAT(done.at("boards")[0].at("error").at("message").get<std::string>(),
              testing::HasSubstr("no table runs"));
  EXPECT_FALSE(std::filesystem::exists(boards_.named("b02").path));
}

TEST_F(CheckerTest, LooksOutsideAndFinally) {
  seed();
  tests::Look(boards_.named("b02")).execute("INSERT INTO acknowledgements VALUES ('w0001', 1), ('w0001', 2)");
  const Message outside = ask(step("outside"));
  EXPECT_EQ(outside.at("boards"), Message::parse(R"([{"board":"b01","ok":true,"rows":{},"how":"byte copy"},
      {"board":"b02","ok":true,"rows":{"w0001":[[1,2]]},"how":"byte copy"}])"));
  const Message last = ask(step("final"));
  EXPECT_EQ(last.at("boards"), Message::parse(R"([{"board":"b01","ok":true,"integrity":"ok","rows":{}},
      {"board":"b02","ok":true,"integrity":"ok","rows":{"w0001":[[1,2]]}}])"));
}

TEST_F(CheckerTest, AnUnreadableBoardIsAnAnswerAndTheNextIsLookedAt) {
  seed();
  std::ofstream(boards_.named("b01").path) << std::string(8192, 'x');
  for (const char* name : {"outside", "final"}) {
    const Message done = ask(step(name));
    EXPECT_EQ(done.at("ok"), false) << name;
    EXPECT_EQ(done.at("boards")[0].at("ok"), false) << name;
    EXPECT_EQ(done.at("boards")[0].at("error").at("code"), SQLITE_NOTADB) << name;
    EXPECT_FALSE(done.at("boards")[0].contains("rows")) << name;
    EXPECT_EQ(done.at("boards")[1].at("ok"), true) << name;
  }
}

TEST_F(CheckerTest, WhereTheCopyCannotBeReadItsIntegrityIsNull) {
  seed();
  std::filesystem::remove(boards_.named("b02").path);
  const Message board = ask(step("final")).at("boards")[1];
  EXPECT_EQ(board.at("ok"), false);
  EXPECT_TRUE(board.at("integrity").is_null());
}

// A table of rows that cannot be read does not hide what integrity_check has said.
TEST_F(CheckerTest, IntegrityIsKnownEvenWhereTheRowsAreNot) {
  seed();
  tests::Look(boards_.named("b01")).execute("DROP TABLE acknowledgements");
  const Message board = ask(step("final")).at("boards")[0];
  EXPECT_EQ(board.at("ok"), false);
  EXPECT_EQ(board.at("integrity"), "ok");
  EXPECT_FALSE(board.contains("rows"));
}

TEST_F(CheckerTest, AnObserverThatIsGoneEndsItWithFour) {
  observer_.reset();
  EXPECT_EQ(exit_code_.get(), 4);
}

TEST_F(CheckerTest, AnUnknownStepOrMessageIsABrokenConversation) {
  observer_->send(step("dispatch"));
  EXPECT_THROW(exit_code_.get(), std::invalid_argument);
}

TEST_F(CheckerTest, SeedingTwiceIsRefused) {
  seed();
  Message again = step("seed");
  again["settings"] = default_settings();
  again["time_s"] = tests::kNow;
  observer_->send(again);
  EXPECT_THROW(exit_code_.get(), std::runtime_error);
}

}  // namespace
}  // namespace walsoak::checker
