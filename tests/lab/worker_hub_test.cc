// The observer's side of the workers: who is admitted, in whatever order they come, and how each may end.
#include "harness/lab/launch/worker_hub.h"
#include "harness/lab/launch/peer_ended.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "harness/base/os/process.h"
#include "tests/lab/peers.h"
#include "tests/os/forked_child.h"

namespace walsoak::lab {
namespace {

using protocol::Channel;
using protocol::Message;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Message hello(const std::string& writer) {
  Message said = protocol::make("hello");
  said["writer"] = writer;
  return said;
}

class WorkerHubTest : public testing::Test {
 protected:
  static Message cell() {
    Message message = protocol::make("cell");
    message["cell"] = "c01";
    return message;
  }
  // Nobody may be left when the hub goes: these workers are this process.
  ~WorkerHubTest() override {
    for (const std::string& writer : hub_.alive()) hub_.forget(writer);
  }
  Channel connect() { return protocol::connect_to(hub_.socket_path()); }
  Channel connect_as(const std::string& writer) {
    Channel channel = connect();
    channel.send(hello(writer));
    return channel;
  }
  Channel admitted(const std::string& writer) {
    Channel channel = connect_as(writer);
    hub_.admit(writer, ::getpid());
    channel.receive();
    return channel;
  }

  WorkerHub hub_{cell()};
};

TEST_F(WorkerHubTest, AWorkerIsGreetedWithItsCell) {
  Channel worker = connect_as("w0001");
  EXPECT_EQ(hub_.admit("w0001", ::getpid()).at("writer"), "w0001");
  EXPECT_EQ(worker.receive(), cell());
  EXPECT_THAT(hub_.alive(), ElementsAre("w0001"));
}

TEST_F(WorkerHubTest, WorkersMayConnectInAnyOrder) {
  Channel third = connect_as("w0003");
  Channel second = connect_as("w0002");
  Channel first = connect_as("w0001");
  for (const char* writer : {"w0001", "w0002", "w0003"}) {
    EXPECT_EQ(hub_.admit(writer, ::getpid()).at("writer"), writer);
  }
  EXPECT_THAT(hub_.alive(), ElementsAre("w0001", "w0002", "w0003"));
  Message ordered = message("step", 5);
  second.send(message("done", 5));
  EXPECT_EQ(hub_.call("w0002", ordered, kPatienceMs).at("id"), 5);
  EXPECT_EQ(second.receive(), cell());
  EXPECT_EQ(second.receive(), ordered);
}

TEST_F(WorkerHubTest, AProcessThatEndedWithoutConnectingIsNoWorker) {
  tests::ForkedChild process([] {});
  process.end();
  EXPECT_TRUE(hub_.admit("w0001", process.pid()).is_null());
  EXPECT_THAT(hub_.alive(), IsEmpty());
}

TEST_F(WorkerHubTest, AProcessThatConnectedAndEndedWithoutAHelloIsNoWorker) {
  tests::ForkedChild process([] {});
  process.end();
  connect();  // and gone
  EXPECT_TRUE(hub_.admit("w0001", process.pid()).is_null());
  EXPECT_THAT(hub_.alive(), IsEmpty());
  Channel next = connect_as("w0002");
  EXPECT_EQ(hub_.admit("w0002", ::getpid()).at("writer"), "w0002") << "the next one is not harmed";
}

TEST_F(WorkerHubTest, AWorkerThatEndedRightAfterItsHelloIsSeenAtItsFirstVisit) {
  connect_as("w0001");
  EXPECT_EQ(hub_.admit("w0001", ::getpid()).at("writer"), "w0001");
  EXPECT_THROW(hub_.call("w0001", message("step", 1), kPatienceMs), PeerEnded);
  EXPECT_EQ(hub_.forget("w0001"), ::getpid());
}

TEST_F(WorkerHubTest, WhoBeginsWithoutAHelloIsAnError) {
  Channel rude = connect();
  rude.send(message("done", 1));
  EXPECT_THAT(thrown<Failed>([&] { hub_.admit("w0001", ::getpid()); }), HasSubstr("began without a hello"));
  Channel nameless = connect();
  nameless.send(protocol::make("hello"));
  EXPECT_THAT(thrown<Failed>([&] { hub_.admit("w0001", ::getpid()); }), HasSubstr("began without a hello"));
}

TEST_F(WorkerHubTest, AWorkersDeathIsToldByItsName) {
  { const Channel worker = admitted("w0001"); }
  EXPECT_THAT(thrown<PeerEnded>([&] { hub_.call("w0001", message("step", 1), kPatienceMs); }),
              HasSubstr("worker w0001"));
  EXPECT_EQ(hub_.forget("w0001"), ::getpid());
  EXPECT_THAT(hub_.alive(), IsEmpty());
}

TEST_F(WorkerHubTest, ABycomesLast) {
  Channel worker = admitted("w0001");
  hub_.send_stop("w0001");
  EXPECT_EQ(worker.receive().value().at("type"), "stop");
  worker.send(protocol::make("bye"));
  { const Channel gone = std::move(worker); }
  EXPECT_EQ(hub_.await_bye("w0001", kPatienceMs).at("type"), "bye");
}

TEST_F(WorkerHubTest, SpeakingAfterTheByeIsAnError) {
  Channel worker = admitted("w0001");
  worker.send(protocol::make("bye"));
  worker.send(message("done", 9));
  EXPECT_THAT(thrown<Failed>([&] { hub_.await_bye("w0001", kPatienceMs); }),
              HasSubstr("spoke after its bye"));
}

TEST(WorkerHubLife, TheSocketIsOursAloneAndGoesWithTheHub) {
  std::filesystem::path folder;
  {
    const WorkerHub hub(protocol::make("cell"));
    folder = std::filesystem::path(hub.socket_path()).parent_path();
    EXPECT_LT(hub.socket_path().size(), 108u);
    EXPECT_TRUE(std::filesystem::is_socket(hub.socket_path()));
    EXPECT_EQ(std::filesystem::status(folder).permissions(), std::filesystem::perms::owner_all);
    EXPECT_NE(WorkerHub(protocol::make("cell")).socket_path(), hub.socket_path());
  }
  EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST(WorkerHubLife, NobodyIsLeftBehind) {
  pid_t pid = -1;
  {
    WorkerHub hub(protocol::make("cell"));
    const tests::ForkedChild worker([] {});
    Channel channel = protocol::connect_to(hub.socket_path());
    channel.send(hello("w0001"));
    hub.admit("w0001", worker.pid());
    pid = worker.pid();
    EXPECT_FALSE(os::ended(pid));
  }
  EXPECT_TRUE(os::ended(pid));
}

}  // namespace
}  // namespace walsoak::lab
