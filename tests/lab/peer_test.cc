// The observer's end of a conversation: answers by id, events on the way, and everything that can come
// instead.
#include "harness/lab/launch/peer.h"
#include "harness/lab/launch/peer_ended.h"

#include "harness/base/os/signals.h"
#include "tests/lab/peers.h"

namespace walsoak::lab {
namespace {

using protocol::Message;
using protocol::to_line;
using testing::ElementsAre;
using testing::HasSubstr;

class PeerTest : public testing::Test {
 protected:
  Message step(int id) { return message("step", id); }

  SocketPair pair_;
  std::vector<std::string> stray_, events_;
  std::function<void()> on_event_;
  Peer peer_{"subject",
             protocol::Channel(std::move(pair_.ours), os::Descriptor(),
                               [this](std::string_view line) { stray_.emplace_back(line); }),
             [this](const Message& event) {
               events_.push_back(event.at("event").get<std::string>());
               if (on_event_) on_event_();
             }};
};

TEST_F(PeerTest, AStepHasItsAnswer) {
  pair_.say(to_line(message("done", 7)));
  EXPECT_EQ(peer_.call(step(7), kPatienceMs).at("id"), 7);
  protocol::Channel theirs(std::move(pair_.theirs), os::Descriptor());
  EXPECT_EQ(theirs.receive(), step(7));
}

TEST_F(PeerTest, EventsOnTheWayAreHandedOnInOrder) {
  for (const char* name : {"first", "second"}) {
    Message event = protocol::make("event");
    event["event"] = name;
    pair_.say(to_line(event));
  }
  pair_.say(to_line(message("done", 1)));
  EXPECT_EQ(peer_.call(step(1), kPatienceMs).at("type"), "done");
  EXPECT_THAT(events_, ElementsAre("first", "second"));
}

TEST_F(PeerTest, EventsNeedNobodyWhoListens) {
  SocketPair pair;
  Peer deaf("subject", protocol::Channel(std::move(pair.ours), os::Descriptor()));
  pair.say(to_line(protocol::make("event")) + to_line(message("bye", 0)));
  EXPECT_EQ(deaf.await(kPatienceMs).at("type"), "bye");
}

TEST_F(PeerTest, LinesThatAreNoMessagesGoToTheLog) {
  pair_.say("a stray print\n{\"type\":\"done\"}\n\n" + to_line(message("done", 1)));
  EXPECT_EQ(peer_.call(step(1), kPatienceMs).at("id"), 1);
  EXPECT_THAT(stray_, ElementsAre("a stray print", "{\"type\":\"done\"}", ""));
}

TEST_F(PeerTest, AnAnswerMayComeInPieces) {
  const std::string line = to_line(message("done", 1));
  Message event = protocol::make("event");
  event["event"] = "half of it is here";
  on_event_ = [&] { pair_.say(line.substr(5)); };
  pair_.say(to_line(event) + line.substr(0, 5));
  EXPECT_EQ(peer_.call(step(1), kPatienceMs).at("id"), 1);
}

TEST_F(PeerTest, AnAnswerToAnotherStepIsAnError) {
  pair_.say(to_line(message("done", 6)));
  EXPECT_THAT(thrown<Failed>([&] { peer_.call(step(7), kPatienceMs); }), HasSubstr("subject answered"));
}

TEST_F(PeerTest, WhatIsNoAnswerIsAnError) {
  pair_.say(to_line(message("bye", 7)));
  EXPECT_THAT(thrown<Failed>([&] { peer_.call(step(7), kPatienceMs); }), HasSubstr("subject answered"));
  Message nameless = protocol::make("done");
  pair_.say(to_line(nameless));
  EXPECT_THAT(thrown<Failed>([&] { peer_.call(step(8), kPatienceMs); }), HasSubstr("subject answered"));
}

TEST_F(PeerTest, AnotherVersionOfTheProtocolIsAnErrorThatNamesWhoSpeaksIt) {
  pair_.say("{\"walsoak\":2,\"type\":\"done\",\"id\":7}\n");
  EXPECT_THAT(thrown<Failed>([&] { peer_.await(kPatienceMs); }),
              testing::AllOf(HasSubstr("subject"), HasSubstr("version 2")));
}

TEST_F(PeerTest, AMessageWhoseTypeIsNoWordIsAnErrorToo) {
  pair_.say("{\"walsoak\":1,\"type\":7}\n");
  EXPECT_THAT(thrown<Failed>([&] { peer_.await(kPatienceMs); }), HasSubstr("subject"));
}

TEST_F(PeerTest, TheEndOfTheOtherSideIsToldApart) {
  pair_.theirs.reset();
  EXPECT_THAT(thrown<PeerEnded>([&] { peer_.await(kPatienceMs); }),
              HasSubstr("subject ended in mid-conversation"));
  EXPECT_THAT(thrown<PeerEnded>([&] { peer_.send(step(1)); }), HasSubstr("subject no longer reads"));
}

TEST_F(PeerTest, WhatWasSaidBeforeTheEndIsHeard) {
  pair_.say(to_line(message("bye", 0)) + "last words");
  pair_.theirs.reset();
  EXPECT_EQ(peer_.await(kPatienceMs).at("type"), "bye");
  EXPECT_THROW(peer_.await(kPatienceMs), PeerEnded);
  EXPECT_THAT(stray_, ElementsAre("last words"));
}

TEST_F(PeerTest, PatienceEnds) {
  EXPECT_THAT(thrown<Failed>([&] { peer_.await(1); }), HasSubstr("subject has not answered"));
  EXPECT_FALSE(wait_readable(pair_.theirs.get(), 1));
}

TEST_F(PeerTest, ARenamedPeerIsCalledByItsNewName) {
  peer_.rename("worker w0001");
  EXPECT_EQ(peer_.name(), "worker w0001");
  EXPECT_THAT(thrown<Failed>([&] { peer_.await(1); }), HasSubstr("worker w0001"));
}

// In a process of its own: a stop signal is for good. Exit code 0 is "as it should be".
int signal_seen_while_waiting() {
  os::note_stop_signals();
  const SocketPair pair;
  ::raise(SIGTERM);
  try {
    wait_readable(pair.ours.get(), kPatienceMs);
  } catch (const Stopped& stopped) {
    return stopped.signal() == SIGTERM ? 0 : 1;
  }
  return 2;
}

TEST(PeerDeathTest, AStopSignalEndsTheWaiting) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(std::exit(signal_seen_while_waiting()), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace walsoak::lab
