#include "harness/protocol/channel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "harness/base/os/process.h"
#include "tests/os/temporary_folder.h"

namespace walsoak::protocol {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A channel to read from whose far end the test writes to.
struct Line {
  os::Pipe pipe = os::make_pipe();
  std::vector<std::string> stray;
  Channel channel{std::move(pipe.read_end), os::Descriptor(),
                  [this](std::string_view text) { stray.emplace_back(text); }};

  void write(std::string_view text) { os::write_all(pipe.write_end.get(), text.data(), text.size()); }
  void end() { pipe.write_end.reset(); }
};

TEST(Channel, ReceivesMessagesInOrderAndThenTheEnd) {
  Line line;
  line.write("{\"walsoak\":1,\"id\":1}\n{\"walsoak\":1,\"id\":2}\n");
  line.end();
  EXPECT_EQ((*line.channel.receive())["id"], 1);
  EXPECT_EQ((*line.channel.receive())["id"], 2);
  EXPECT_FALSE(line.channel.receive());
  EXPECT_FALSE(line.channel.receive());
}

TEST(Channel, AMessageMayArriveInPieces) {
  Line line;
  line.write("{\"walsoak\":1,");
  EXPECT_TRUE(line.channel.fill());
  EXPECT_FALSE(line.channel.take_buffered());
  line.write("\"id\":7}\n{\"walsoak\"");
  EXPECT_TRUE(line.channel.fill());
  EXPECT_EQ((*line.channel.take_buffered())["id"], 7);
  EXPECT_FALSE(line.channel.take_buffered());
}

TEST(Channel, LongMessagesArriveWhole) {
  Line line;
  Message sent = make("done");
  sent["text"] = std::string(300000, 'x');
  std::thread writer([&] { line.write(to_line(sent)); });
  const auto received = line.channel.receive();
  writer.join();
  ASSERT_TRUE(received);
  EXPECT_EQ(*received, sent);
}

TEST(Channel, StrayLinesAreHandedOverAndSkipped) {
  Line line;
  line.write("hello from a library\n{\"walsoak\":1,\"id\":1}\n{\"other\":1}\n");
  line.end();
  EXPECT_EQ((*line.channel.receive())["id"], 1);
  EXPECT_FALSE(line.channel.receive());
  EXPECT_THAT(line.stray, ElementsAre("hello from a library", "{\"other\":1}"));
}

TEST(Channel, TheLastWordsOfACrashAreStrayThoughTheirLineNeverEnded) {
  Line line;
  line.write("{\"walsoak\":1,\"id\":1}\nterminate called after");
  line.end();
  EXPECT_TRUE(line.channel.receive());
  EXPECT_FALSE(line.channel.receive());
  EXPECT_THAT(line.stray, ElementsAre("terminate called after"));
}

TEST(Channel, WithoutAReceiverStrayLinesAreDropped) {
  os::Pipe pipe = os::make_pipe();
  Channel channel(std::move(pipe.read_end), os::Descriptor());
  const std::string_view text = "stray\n{\"walsoak\":1,\"id\":3}\nrest";
  os::write_all(pipe.write_end.get(), text.data(), text.size());
  pipe.write_end.reset();
  EXPECT_EQ((*channel.receive())["id"], 3);
  EXPECT_FALSE(channel.receive());
}

TEST(Channel, AnotherVersionIsAnErrorAndTheNextMessageStillArrives) {
  Line line;
  line.write("{\"walsoak\":2}\n{\"walsoak\":1,\"id\":1}\n");
  EXPECT_THROW(line.channel.receive(), std::runtime_error);
  EXPECT_EQ((*line.channel.receive())["id"], 1);
}

TEST(Channel, OneSocketServesBothWays) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  Channel one{os::Descriptor(ends[0]), os::Descriptor()};
  Channel other{os::Descriptor(ends[1]), os::Descriptor()};
  one.send(make("step"));
  EXPECT_EQ((*other.receive())["type"], "step");
  other.send(make("done"));
  EXPECT_EQ((*one.receive())["type"], "done");
}

TEST(Channel, APeerKilledWithUnreadMessagesIsTheSameEndAsACleanOne) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  Channel channel{os::Descriptor(ends[0]), os::Descriptor()};
  channel.send(make("step"));
  ::close(ends[1]);
  EXPECT_FALSE(channel.receive());
}

TEST(Channel, SendingToAPeerThatIsGoneIsAnErrorNotASignal) {
  ::signal(SIGPIPE, SIG_IGN);
  os::Pipe pipe = os::make_pipe();
  pipe.read_end.reset();
  Channel channel(os::Descriptor(), std::move(pipe.write_end));
  EXPECT_THROW(channel.send(make("step")), std::system_error);
}

TEST(Channel, MessagesOfSeveralThreadsDoNotMix) {
  Line line;
  os::Pipe pipe = os::make_pipe();
  Channel writer(os::Descriptor(), std::move(pipe.write_end));
  Channel reader(std::move(pipe.read_end), os::Descriptor());
  // Longer than what a pipe takes in one piece, so that only the lock keeps them apart.
  Message message = make("event");
  message["text"] = std::string(20000, 'y');
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int count = 0; count < 10; ++count) writer.send(message);
    });
  }
  for (int count = 0; count < 40; ++count) EXPECT_EQ(reader.receive(), message);
  for (std::thread& thread : threads) thread.join();
}

TEST(StandardStreams, AStrayPrintCannotBreakTheStream) {
  ::signal(SIGPIPE, SIG_IGN);
  os::Pipe to = os::make_pipe(), from = os::make_pipe(), log = os::make_pipe();
  const pid_t pid =
      os::spawn({{PROTOCOL_PEER, "echo"},
                 {},
                 {{0, to.read_end.get()}, {1, from.write_end.get()}, {2, log.write_end.get()}}});
  to.read_end.reset();
  from.write_end.reset();
  log.write_end.reset();
  std::vector<std::string> stray;
  {
    Channel channel(std::move(from.read_end), std::move(to.write_end),
                    [&](std::string_view text) { stray.emplace_back(text); });
    Message step = make("step");
    step["id"] = 12;
    channel.send(step);
    const auto done = channel.receive();
    ASSERT_TRUE(done);
    EXPECT_EQ((*done)["id"], 12);
    EXPECT_EQ((*done)["stdin_is_empty"], true);
    EXPECT_EQ((*done)["stream_closes_on_exec"], true);
  }
  EXPECT_TRUE(os::wait_for(pid).clean());
  EXPECT_THAT(stray, testing::IsEmpty());
  char text[64];
  const ssize_t got = ::read(log.read_end.get(), text, sizeof text);
  ASSERT_GT(got, 0);
  EXPECT_EQ(std::string_view(text, static_cast<std::size_t>(got)), "a stray print\n");
}

TEST(ConnectTo, SpeaksOverAUnixSocket) {
  const tests::TemporaryFolder folder;
  const std::string path = folder / "socket";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path.size(), sizeof address.sun_path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const os::Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  const pid_t pid = os::spawn({{PROTOCOL_PEER, "connect", path}, {}, {}});
  Channel channel(os::Descriptor(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)),
                  os::Descriptor());
  EXPECT_EQ((*channel.receive())["type"], "hello");
  EXPECT_FALSE(channel.receive());
  EXPECT_TRUE(os::wait_for(pid).clean());
}

TEST(ConnectTo, NamesTheSocketThatIsNotThereOrTooLong) {
  for (const std::string& path : {std::string("/nonexistent/socket"), "/" + std::string(200, 'x')}) {
    try {
      connect_to(path);
      FAIL() << "nothing was thrown for " << path;
    } catch (const std::system_error& error) {
      EXPECT_THAT(error.what(), HasSubstr(path));
    }
  }
}

}  // namespace
}  // namespace walsoak::protocol
