// Spawning and reaping of workers: names, limits, what they are handed, and who is alive.
#include "harness/subject/gateway/spawner.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <system_error>

#include "harness/base/os/descriptor.h"
#include "harness/base/os/run_folder.h"
#include "harness/protocol/message.h"
#include "tests/os/temporary_folder.h"

namespace walsoak::subject {
namespace {

using testing::IsEmpty;

const board::Board kBoard{"b01", "/boards/b01/kanban.db", 0};

// A shell stands in for the worker program; what the spawner appends are its positional parameters.
std::vector<std::string> shell(const std::string& script) {
  return {"/bin/sh", "-c", script, "worker"};
}

class SpawnerTest : public testing::Test {
 protected:
  std::string output() const { return os::read_file(folder_ / "out"); }
  std::string into_file() const { return " > " + (folder_ / "out"); }
  static os::ExitStatus end(Spawner& spawner, pid_t pid) {
    ::kill(pid, SIGKILL);
    return spawner.reap(pid);
  }

  tests::TemporaryFolder folder_;
};

TEST_F(SpawnerTest, AWorkerIsToldItsBoardTaskAndName) {
  Spawner spawner(shell("printf '%s\\n' \"$@\"" + into_file()), {}, 1);
  const pid_t pid = spawner.spawn(kBoard, "b01-t0004", "w0001");
  EXPECT_TRUE(spawner.reap(pid).clean());
  EXPECT_EQ(output(), "--board\nb01\n--path\n/boards/b01/kanban.db\n--task\nb01-t0004\n--writer\nw0001\n");
}

TEST_F(SpawnerTest, AWorkersEnvironmentIsOursWithTheCellsChanges) {
  ::setenv("WALSOAK_TEST_KEPT", "kept", 1);
  ::setenv("WALSOAK_TEST_GONE", "gone", 1);
  Spawner spawner(
      shell("echo \"$WALSOAK_TEST_KEPT,$WALSOAK_TEST_SET,${WALSOAK_TEST_GONE-removed}\"" + into_file()),
      {{"WALSOAK_TEST_SET", "set"}, {"WALSOAK_TEST_GONE", std::nullopt}}, 1);
  spawner.reap(spawner.spawn(kBoard, "t", "w0001"));
  EXPECT_EQ(output(), "kept,set,removed\n");
  ::unsetenv("WALSOAK_TEST_KEPT");
  ::unsetenv("WALSOAK_TEST_GONE");
}

TEST_F(SpawnerTest, NamesAreNumbersInTheOrderOfSpawningAndEndAtTheLimit) {
  Spawner spawner(shell("exec sleep 600"), {}, 2);
  EXPECT_EQ(spawner.free_writer(), "w0001");
  EXPECT_EQ(spawner.free_writer(), "w0001") << "asking takes no name";
  const pid_t first = spawner.spawn(kBoard, "t1", "w0001");
  EXPECT_EQ(spawner.free_writer(), "w0002");
  const pid_t second = spawner.spawn(kBoard, "t2", "w0002");
  EXPECT_EQ(spawner.free_writer(), "") << "two are alive";
  EXPECT_EQ(end(spawner, first).signal, SIGKILL);
  EXPECT_EQ(spawner.free_writer(), "w0003") << "no name is used twice";
  end(spawner, second);
}

TEST_F(SpawnerTest, WithoutWorkersThereIsNoName) {
  EXPECT_EQ(Spawner(shell("exit 0"), {}, 0).free_writer(), "");
}

TEST_F(SpawnerTest, TheEndOfAWorkerIsToldByReaping) {
  Spawner spawner(shell("exit 7"), {}, 1);
  const os::ExitStatus status = spawner.reap(spawner.spawn(kBoard, "t", "w0001"));
  EXPECT_EQ(status.exit_code, 7);
  EXPECT_EQ(status.signal, 0);
}

TEST_F(SpawnerTest, OfOursThoseAreAliveThatWereNotReaped) {
  Spawner spawner(shell("exec sleep 600"), {}, 1);
  const pid_t pid = spawner.spawn(kBoard, "t", "w0001");
  EXPECT_TRUE(spawner.alive(pid, "w0001"));
  EXPECT_FALSE(spawner.alive(::getpid(), "w0002")) << "a process, but no worker of ours";
  EXPECT_FALSE(spawner.alive(-1, "w0002"));
  end(spawner, pid);
  EXPECT_FALSE(spawner.alive(pid, "w0001"));
}

TEST_F(SpawnerTest, ThoseOnABoardAreListedUntilTheyAreReaped) {
  Spawner spawner(shell("exec sleep 600"), {}, 2);
  const pid_t first = spawner.spawn(kBoard, "t1", "w0001");
  const pid_t second = spawner.spawn({"b02", "/boards/b02/kanban.db", 1}, "t2", "w0002");
  ASSERT_EQ(spawner.alive_on("b01").size(), 1u);
  EXPECT_EQ(spawner.alive_on("b01").front().pid, first);
  EXPECT_EQ(spawner.alive_on("b01").front().task, "t1");
  spawner.ask_to_end(first);
  EXPECT_EQ(spawner.reap(first).signal, SIGTERM);
  EXPECT_THAT(spawner.alive_on("b01"), IsEmpty());
  end(spawner, second);
}

TEST_F(SpawnerTest, AProcessThatIsNoWorkerOfOursIsAskedNothing) {
  Spawner spawner(shell("exit 0"), {}, 1);
  spawner.ask_to_end(::getpid());  // would end this test
  const pid_t pid = spawner.spawn(kBoard, "t", "w0001");
  spawner.reap(pid);
  spawner.ask_to_end(pid);
}

TEST_F(SpawnerTest, AnotherDispatchersWorkersAreAliveWhileTheirProcessesAre) {
  Spawner first(shell("exec sleep 600"), {}, 1);
  const Spawner second(shell("exit 0"), {}, 1, "v");
  const pid_t pid = first.spawn(kBoard, "t", "w0001");
  EXPECT_TRUE(second.alive(pid, "w0001"));
  EXPECT_FALSE(second.alive(-1, "w0001"));
  end(first, pid);
  EXPECT_FALSE(second.alive(pid, "w0001"));
}

TEST_F(SpawnerTest, WhatWasSpawnedIsToldOnce) {
  Spawner spawner(shell("exit 0"), {}, 5);
  EXPECT_THAT(spawner.take_spawned(), IsEmpty());
  const pid_t first = spawner.spawn(kBoard, "t1", "w0001");
  const pid_t second = spawner.spawn({"b02", "/p", 1}, "t2", "w0002");
  const std::vector<Spawned> spawned = spawner.take_spawned();
  ASSERT_EQ(spawned.size(), 2u);
  EXPECT_EQ(spawned[0].pid, first);
  EXPECT_EQ(spawned[0].writer + spawned[0].board + spawned[0].task, "w0001b01t1");
  EXPECT_EQ(spawned[1].pid, second);
  EXPECT_EQ(spawned[1].writer + spawned[1].board + spawned[1].task, "w0002b02t2");
  EXPECT_THAT(spawner.take_spawned(), IsEmpty());
  spawner.reap(first);
  spawner.reap(second);
}

TEST_F(SpawnerTest, AProgramThatIsNotThereIsAnErrorAndUsesNoName) {
  Spawner spawner({folder_ / "no-such-program"}, {}, 1);
  EXPECT_THROW(spawner.spawn(kBoard, "t", "w0001"), std::system_error);
  EXPECT_EQ(spawner.free_writer(), "w0001");
  EXPECT_THAT(spawner.take_spawned(), IsEmpty());
}

TEST_F(SpawnerTest, ReapingWhoIsNotOursIsAnError) {
  Spawner spawner(shell("exit 0"), {}, 1);
  EXPECT_THROW(spawner.reap(::getpid()), std::system_error);
}

// Until the process has ended and waits to be reaped.
void await_end(pid_t pid) {
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT);
}

TEST_F(SpawnerTest, ThoseThatHaveEndedAreReapedAndToldOnce) {
  Spawner spawner(shell("exec sleep 600"), {}, 3);
  EXPECT_THAT(spawner.reap_ended(), IsEmpty());
  const pid_t first = spawner.spawn(kBoard, "t1", "w0001");
  const pid_t second = spawner.spawn(kBoard, "t2", "w0002");
  const pid_t third = spawner.spawn(kBoard, "t3", "w0003");
  EXPECT_THAT(spawner.reap_ended(), IsEmpty()) << "it waits for nobody";
  for (const pid_t pid : {first, third}) {
    ::kill(pid, SIGKILL);
    await_end(pid);
  }
  EXPECT_EQ(spawner.free_writer(), "") << "an end that nobody has noted frees no place";
  std::map<std::string, int> ended;
  for (const Ended& worker : spawner.reap_ended()) ended[worker.writer] = worker.status.signal;
  EXPECT_THAT(ended, testing::ElementsAre(testing::Pair("w0001", SIGKILL), testing::Pair("w0003", SIGKILL)));
  EXPECT_THAT(spawner.reap_ended(), IsEmpty());
  EXPECT_FALSE(spawner.alive(first, "w0001"));
  EXPECT_TRUE(spawner.alive(second, "w0002"));
  EXPECT_EQ(spawner.free_writer(), "w0004");
  EXPECT_THROW(spawner.reap(first), std::system_error) << "reaped already";
  end(spawner, second);
}

TEST_F(SpawnerTest, HowAWorkerEndedIsToldWhenItIsReaped) {
  Spawner spawner(shell("exit 7"), {}, 1);
  await_end(spawner.spawn(kBoard, "t", "w0001"));
  const std::vector<Ended> ended = spawner.reap_ended();
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].status.exit_code, 7);
  EXPECT_EQ(ended[0].status.signal, 0);
}

TEST_F(SpawnerTest, AnotherDispatchersWorkersHaveNamesOfTheirOwn) {
  Spawner spawner(shell("exit 0"), {}, 2, "v");
  EXPECT_EQ(spawner.free_writer(), "v0001");
  spawner.reap(spawner.spawn(kBoard, "t", "v0001"));
  EXPECT_EQ(spawner.free_writer(), "v0002");
}

// Puts something on descriptor 3 for a block, and back what was there.
class OnLeash {
 public:
  explicit OnLeash(int fd) : before_(::fcntl(protocol::kLeashDescriptor, F_DUPFD_CLOEXEC, 10)) {
    fd >= 0 ? ::dup2(fd, protocol::kLeashDescriptor) : ::close(protocol::kLeashDescriptor);
  }
  ~OnLeash() {
    before_.valid() ? ::dup2(before_.get(), protocol::kLeashDescriptor) : ::close(protocol::kLeashDescriptor);
  }
  OnLeash(const OnLeash&) = delete;
  OnLeash& operator=(const OnLeash&) = delete;

 private:
  os::Descriptor before_;
};

TEST_F(SpawnerTest, TheLeashIsHandedOn) {
  const std::string out = into_file();  // its descriptors come and go elsewhere
  const os::Pipe leash = os::make_pipe();
  const OnLeash held(::fcntl(leash.read_end.get(), F_DUPFD_CLOEXEC, 10));
  ::fcntl(protocol::kLeashDescriptor, F_SETFD, FD_CLOEXEC);
  Spawner spawner(shell("if [ -p /proc/self/fd/3 ]; then echo leashed; else echo free; fi" + out), {}, 1);
  spawner.reap(spawner.spawn(kBoard, "t", "w0001"));
  EXPECT_EQ(output(), "leashed\n");
}

TEST_F(SpawnerTest, WithoutALeashThereIsNoneToHandOn) {
  const OnLeash none(-1);
  Spawner spawner(shell("if [ -e /proc/self/fd/3 ]; then echo leashed; else echo free; fi" + into_file()), {},
                  1);
  spawner.reap(spawner.spawn(kBoard, "t", "w0001"));
  EXPECT_EQ(output(), "free\n");
}

}  // namespace
}  // namespace walsoak::subject
