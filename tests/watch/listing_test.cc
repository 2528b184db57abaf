#include "harness/field/listing/listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/watch/listed.h"

namespace walsoak::watch {
namespace {

using nlohmann::ordered_json;
using testing::HasSubstr;
using tests::only_board;
using tests::refusal_of;
using tests::samples_of;
using tests::stream_of_listing;

constexpr const char* kLinux = R"(COMMAND   PID USER   FD   TYPE DEVICE SIZE/OFF     NODE NAME
python3  4711    u  cwd    DIR    8,1     4096      100 /home/u
python3  4711    u  rtd    DIR    8,1     4096        2 /
python3  4711    u  txt    REG    8,1    17584      101 /usr/bin/python3.11
python3  4711    u  mem-r  REG    8,1    32768      203 /home/u/.hermes/kanban.db-shm
python3  4711    u    0r   CHR    1,3      0t0        3 /dev/null
python3  4711    u    3u   REG    8,1     4096      201 /home/u/.hermes/kanban.db
python3  4711    u    4u   REG    8,1    12392      202 /home/u/.hermes/kanban.db-wal
python3  4711    u    5ur  REG    8,1    32768      203 /home/u/.hermes/kanban.db-shm
python3  4711    u    6u  IPv4  12345      0t0      TCP 127.0.0.1:8080 (LISTEN)
)";

constexpr const char* kGrep =
    R"(python3  4711    u    3ur  REG    8,1     4096      201 /home/u/.hermes/kanban.db
python3  4711    u    4u   REG    8,1    12392      202 /home/u/.hermes/kanban.db-wal
python3  4711    u    5ur  REG    8,1    32768      203 /home/u/.hermes/kanban.db-shm
)";

constexpr const char* kMac =
    R"(COMMAND   PID USER   FD     TYPE             DEVICE  SIZE/OFF                NODE NAME
Python  61234   me  cwd      DIR               1,17       704              123456 /Users/me/hermes
Python  61234   me  txt      REG               1,17    152624            99887766 /opt/homebrew/bin/python3.12
Python  61234   me    0r     CHR                3,2       0t0                 336 /dev/null
Python  61234   me    3u  KQUEUE                                                  count=0, state=0xa
Python  61234   me    4u    unix 0xd3e4f5a6b7c8d9e0       0t0                     ->0xa1b2c3d4e5f60718
Python  61234   me    5u     REG                1,4     53248            12345678 /Users/me/.hermes/kanban.db
Python  61234   me    6u     REG                1,4    412000            12345701 /Users/me/.hermes/kanban.db-wal
Python  61234   me    7u     REG                1,4     32768            12345702 /Users/me/.hermes/kanban.db-shm
Python  61234   me   10  NPOLICY
)";

TEST(Listing, CountsDescriptorsAndNoMaps) {
  const auto lines = stream_of_listing(kLinux);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0]["settings"]["mode"], "watch");
  EXPECT_EQ(lines[0]["settings"]["source"], "listing");
  EXPECT_EQ(lines[0]["subject"]["pid"], 4711);
  EXPECT_EQ(lines[0]["subject"]["command"], "python3");
  EXPECT_EQ(lines[0]["boards"][0]["path"], "/home/u/.hermes/kanban.db");
  EXPECT_EQ(lines[0]["boards"][0]["how"], "sidecar");
  EXPECT_EQ(lines[1]["process"]["descriptors"], 5);
  EXPECT_EQ(lines[1]["process"]["descriptor_limit"], nullptr);
  const ordered_json& board = lines[1]["boards"]["db1"];
  EXPECT_EQ(board["kernel_main"], 1);
  EXPECT_EQ(board["kernel_wal"], 1);
  EXPECT_EQ(board["kernel_shm"], 1);
  EXPECT_EQ(board["kernel_journal"], 0);
  EXPECT_EQ(board["kernel_wal_deleted"], 0);
  EXPECT_EQ(board["kernel_main_replaced"], 0);
  EXPECT_EQ(board["main_inode"], 201);
  EXPECT_EQ(board["wal_bytes"], 12392);
  EXPECT_EQ(lines[2]["samples"], 1);
}

TEST(Listing, ALockIsMissingWhereAnotherIsShown) {
  const ordered_json lost = only_board(kLinux);
  EXPECT_EQ(lost["lock_main_posix"], 0);
  EXPECT_EQ(lost["lock_shm_dms"], 1);
  EXPECT_EQ(lost["lock_main_ofd"], 0);
  EXPECT_EQ(only_board(kGrep)["lock_main_posix"], 1);
}

TEST(Listing, WithoutAnyLockShownNoneIsKnown) {
  const ordered_json board = only_board(R"(python3 4711 u 3u REG 8,1 4096 201 /home/u/k.db
python3 4711 u 4u REG 8,1 4096 202 /home/u/k.db-wal
python3 4711 u 5u REG 8,1 4096 203 /home/u/k.db-shm)");
  EXPECT_EQ(board["lock_main_posix"], nullptr);
  EXPECT_EQ(board["lock_shm_dms"], nullptr);
}

// A lock that an earlier listing of the same process showed proves that the tool shows them.
TEST(Listing, ALockSeenOnceCountsForAllSamples) {
  const auto samples = samples_of(std::string(kGrep) + R"(
python3  4711    u    3u   REG    8,1     4096      201 /home/u/.hermes/kanban.db
python3  4711    u    4u   REG    8,1    12392      202 /home/u/.hermes/kanban.db-wal
)");
  ASSERT_EQ(samples.size(), 2u);
  EXPECT_EQ(samples[0]["boards"]["db1"]["lock_main_posix"], 1);
  EXPECT_EQ(samples[1]["boards"]["db1"]["lock_main_posix"], 0);
}

TEST(Listing, WhatAFilterLeftOutIsNotKnown) {
  const auto samples = samples_of(kGrep);
  EXPECT_EQ(samples[0]["process"]["descriptors"], nullptr);
  EXPECT_EQ(samples[0]["boards"]["db1"]["kernel_shm"], 1);
  const ordered_json mains = only_board("python3 4711 u 3u REG 8,1 4096 201 /home/u/kanban.db\n");
  EXPECT_EQ(mains["kernel_main"], 1);
  EXPECT_EQ(mains["kernel_wal"], nullptr);
  EXPECT_EQ(mains["kernel_journal"], nullptr);
  const ordered_json wals = only_board("python3 4711 u 4u REG 8,1 4096 202 /home/u/kanban.db-wal\n");
  EXPECT_EQ(wals["kernel_main"], nullptr);
  EXPECT_EQ(wals["kernel_wal"], 1);
  EXPECT_EQ(wals["kernel_shm"], nullptr);
  EXPECT_EQ(wals["lock_main_posix"], nullptr);
}

TEST(Listing, LinesLeftOutLeaveNoCounts) {
  const ordered_json board = only_board(std::string(kGrep) + "...\n");
  EXPECT_EQ(board["kernel_main"], nullptr);
  EXPECT_EQ(board["kernel_wal"], nullptr);
  EXPECT_EQ(board["lock_main_posix"], 1);
  const auto head = samples_of("$ lsof -p 4711 | head -9\n" + std::string(kLinux));
  EXPECT_EQ(head.at(0)["process"]["descriptors"], nullptr);
  EXPECT_EQ(head.at(0)["boards"]["db1"]["kernel_main"], nullptr);
}

TEST(Listing, PointsInASentenceLeaveNothingOut) {
  EXPECT_EQ(only_board("Hmm, this looks odd...\n" + std::string(kGrep))["kernel_main"], 1);
}

// On some file systems lsof cannot tell whose locks they are: one shown elsewhere proves nothing.
TEST(Listing, ALockInAnotherFolderProvesNothing) {
  const ordered_json board = only_board(R"(python3 4711 u 3u REG 8,1 4096 201 /home/u/k.db
python3 4711 u 4u REG 8,1 4096 202 /home/u/k.db-wal
python3 4711 u 7uW REG 8,1 5 301 /run/gateway.pid)");
  EXPECT_EQ(board["lock_main_posix"], nullptr);
}

TEST(Listing, DeletedFilesByMarkByMapAndByLinkCount) {
  const ordered_json marked = only_board(R"(python3 4711 u 3u REG 8,1 4096 201 /home/u/k.db
python3 4711 u 4u REG 8,1 4096 202 /home/u/k.db-wal (deleted)
python3 4711 u DEL-r REG 8,1 203 /home/u/k.db-shm)");
  EXPECT_EQ(marked["kernel_wal"], 1);
  EXPECT_EQ(marked["kernel_wal_deleted"], 1);
  EXPECT_EQ(marked["kernel_shm_deleted"], 1);
  EXPECT_EQ(marked["wal_inode"], nullptr);
  const ordered_json counted = only_board(R"(COMMAND PID USER FD TYPE DEVICE SIZE/OFF NLINK NODE NAME
python3 4711 u 3u REG 8,1 4096 1 201 /home/u/k.db
python3 4711 u 4u REG 8,1 4096 0 202 /home/u/k.db-wal
python3 4711 u 5u REG 8,1 4096 1 203 /home/u/k.db-shm)");
  EXPECT_EQ(counted["kernel_main_deleted"], 0);
  EXPECT_EQ(counted["kernel_wal_deleted"], 1);
  EXPECT_EQ(counted["kernel_shm_deleted"], 0);
}

TEST(Listing, TwoInodesOfOneMainAreAReplacedOne) {
  const ordered_json board = only_board(std::string(kGrep) +
                                        "python3 4711 u 7u REG 8,1 8192 301 /home/u/.hermes/kanban.db\n"
                                        "python3 4711 u 8u REG 8,1 8192 301 /home/u/.hermes/kanban.db\n");
  EXPECT_EQ(board["kernel_main"], 3);
  EXPECT_EQ(board["kernel_main_replaced"], 1);
  EXPECT_EQ(board["main_inode"], 301);
}

TEST(Listing, OfMacOs) {
  const auto samples = samples_of(kMac);
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(samples[0]["process"]["descriptors"], 7);
  const ordered_json& board = samples[0]["boards"]["db1"];
  EXPECT_EQ(board["kernel_main"], 1);
  EXPECT_EQ(board["kernel_wal"], 1);
  EXPECT_EQ(board["wal_bytes"], 412000);
  // Nothing there says that a file is deleted, or what is locked.
  EXPECT_EQ(board["kernel_wal_deleted"], nullptr);
  EXPECT_EQ(board["kernel_main_replaced"], nullptr);
  EXPECT_EQ(board["lock_main_posix"], nullptr);
}

// A path has one file: the descriptors on the other inode hold one that has no name any more.
TEST(Listing, OfMacOsASecondInodeOfTheWalIsADeletedOne) {
  const ordered_json board = only_board(
      std::string(kMac) + "Python 61234 me 11u REG 1,4 0 12345999 /Users/me/.hermes/kanban.db-wal\n");
  EXPECT_EQ(board["kernel_wal"], 2);
  EXPECT_EQ(board["kernel_wal_deleted"], 1);
  EXPECT_EQ(board["wal_inode"], 12345999);
}

TEST(Listing, TasksOfAProcessAreNoDescriptors) {
  const ordered_json board =
      only_board(R"(COMMAND   PID   TID TASKCMD USER   FD   TYPE DEVICE SIZE/OFF NODE NAME
python3  4711               u    3u   REG    8,1     4096  201 /home/u/k.db
python3  4711               u    4u   REG    8,1     4096  202 /home/u/k.db-wal
python3  4711  4712 pool-1  u    3u   REG    8,1     4096  201 /home/u/k.db
python3  4711  4712 pool-1  u    4u   REG    8,1     4096  202 /home/u/k.db-wal)");
  EXPECT_EQ(board["kernel_main"], 1);
  EXPECT_EQ(board["kernel_wal"], 1);
  const ordered_json older = only_board(R"(COMMAND   PID   TID USER   FD   TYPE DEVICE SIZE/OFF NODE NAME
python3  4711          u    3u   REG    8,1     4096  201 /home/u/k.db
python3  4711  4712    u    3u   REG    8,1     4096  201 /home/u/k.db)");
  EXPECT_EQ(older["kernel_main"], 1);
}

TEST(Listing, LinksOfProc) {
  const auto samples = samples_of(R"(/proc/4711/fd:
total 0
lrwx------ 1 u u 64 May 22 03:00 0 -> /dev/null
lrwx------ 1 u u 64 May 22 03:00 10 -> 'socket:[12345]'
lrwx------ 1 u u 64 May 22 03:00 3 -> '/home/u/my boards/kanban.db'
lrwx------ 1 u u 64 May 22 03:00 4 -> '/home/u/my boards/kanban.db-wal (deleted)'
)");
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(samples[0]["process"]["descriptors"], 4);
  const ordered_json& board = samples[0]["boards"]["db1"];
  EXPECT_EQ(board["kernel_main"], 1);
  EXPECT_EQ(board["kernel_wal"], 1);
  EXPECT_EQ(board["kernel_wal_deleted"], 1);
  EXPECT_EQ(board["kernel_shm"], 0);
  EXPECT_EQ(board["lock_main_posix"], nullptr);
  EXPECT_EQ(board["main_inode"], nullptr);
}

TEST(Listing, AFolderNamedLikeADatabaseIsNone) {
  const auto lines = stream_of_listing(R"(total 0
lrwx------ 1 u u 64 May 22 03:00 3 -> /home/u/kanban.db-files/log.txt
lrwx------ 1 u u 64 May 22 03:00 4 -> /home/u/kanban.db/state.db
lrwx------ 1 u u 64 May 22 03:00 5 -> /home/u/kanban.db/state.db-wal)");
  ASSERT_EQ(lines[0]["boards"].size(), 1u);
  EXPECT_EQ(lines[0]["boards"][0]["path"], "/home/u/kanban.db/state.db");
}

TEST(Listing, AMainWithoutSidecarsIsKnownByItsNameAlone) {
  const auto lines = stream_of_listing("python3 4711 u 3u REG 8,1 4096 201 /home/u/kanban.db\n");
  EXPECT_EQ(lines[0]["boards"][0]["how"], "name");
}

TEST(Listing, CountsOfNames) {
  const ordered_json counted = only_board(R"(  499 /home/u/.hermes/kanban.db
  498 /home/u/.hermes/kanban.db-wal
    2 /home/u/.hermes/kanban.db-shm
      1 NAME
     12 pipe)");
  EXPECT_EQ(counted["kernel_main"], 499);
  EXPECT_EQ(counted["kernel_wal"], 498);
  EXPECT_EQ(counted["kernel_shm"], nullptr);  // one of them may be the map
  EXPECT_EQ(counted["kernel_wal_deleted"], nullptr);
  const auto lines = stream_of_listing("After about 14 h: `499 kanban.db` + 498 -wal, then an error.");
  EXPECT_EQ(lines[0]["boards"][0]["path"], "kanban.db");
  EXPECT_EQ(lines[1]["boards"]["db1"]["kernel_main"], 499);
  EXPECT_EQ(lines[1]["boards"]["db1"]["kernel_wal"], 498);
}

TEST(Listing, PathsAlone) {
  const ordered_json board =
      only_board("/home/u/k.db\n/home/u/k.db-wal\n/home/u/k.db\n/home/u/k.db-wal (deleted)\n");
  EXPECT_EQ(board["kernel_main"], 2);
  EXPECT_EQ(board["kernel_wal"], 2);
  EXPECT_EQ(board["kernel_wal_deleted"], 1);
}

TEST(Listing, WithoutWhatChatsAndTerminalsPutAround) {
  std::string dressed = "Here is what I see:\r\n```\r\n";
  for (const std::string line :
       {"lrwx------ 1 u u 64 May 22 03:00 \x1b[01;36m3\x1b[0m -> \x1b[01;31m/home/u/k.db\x1b[0m",
        "lrwx------ 1 u u 64 May 22 03:00 \x1b[01;36m4\x1b[0m -> /home/u/k.db-wal (deleted)\x1b[K"})
    dressed += "> > \t" + line + "\r\n";
  const ordered_json board = only_board(dressed + "```\r\n");
  EXPECT_EQ(board["kernel_main"], 1);
  EXPECT_EQ(board["kernel_wal_deleted"], 1);
}

TEST(Listing, NamesCutOffByTheTerminal) {
  const ordered_json board =
      only_board(R"(python3  4711    u    3u   REG    8,1     4096      201 /home/u/kanban.db
python3  4711    u    4u   REG    8,1    12392      202 /home/u/kanban.db-w
python3  4711    u    5ur  REG    8,1    32768      203 /home/u/kanban.db-s)");
  EXPECT_EQ(board["kernel_main"], 1);
  EXPECT_EQ(board["kernel_wal"], 1);
  EXPECT_EQ(board["kernel_shm"], 1);
  EXPECT_EQ(board["kernel_wal_deleted"], nullptr);  // it would have stood behind the cut
}

TEST(Listing, ANameCutOffBeforeItsEndIsCountedAsNothing) {
  const std::string at_the_dash = R"(python3  4711    u    3u   REG    8,1     4096      201 /home/u/kanban.db
python3  4711    u    4u   REG    8,1    12392      202 /home/u/kanban.db-
python3  4711    u    5ur  REG    8,1    32768      203 /home/u/kanban.db-)";
  const ordered_json board = only_board(at_the_dash);
  EXPECT_EQ(board["kernel_main"], nullptr);
  EXPECT_EQ(board["kernel_wal"], nullptr);
  const std::string before = R"(python3  4711    u    3u   REG    8,1     4096      201 /home/u/kanb
python3  4711    u    4u   REG    8,1    12392      202 /home/u/kanb
python3  4711    u    5ur  REG    8,1    32768      203 /home/u/kanb)";
  EXPECT_THAT(refusal_of(before), HasSubstr("line 1: the names are cut off"));
}

constexpr const char* kMachine = R"(COMMAND   PID USER   FD   TYPE DEVICE SIZE/OFF     NODE NAME
systemd      1 root  cwd   DIR    8,1     4096        2 /
python3   4711    u    3u  REG    8,1     4096      201 /home/u/kanban.db
python3   4711    u    4u  REG    8,1     4096      202 /home/u/kanban.db-wal
mandb     4750    u    3u  REG    8,1     4096      401 /var/cache/man/index.db
)";

TEST(Listing, OfAWholeMachineTheProcessThatHoldsSidecars) {
  const auto lines = stream_of_listing(kMachine);
  EXPECT_EQ(lines[0]["subject"]["pid"], 4711);
}

TEST(Listing, SeveralProcessesAreToldApartUnlessOneIsNamed) {
  const std::string two =
      std::string(kMachine) + "worker  4800  u  3u  REG  8,1  4096  202 /home/u/kanban.db-wal\n";
  const auto streams = streams_of_listing(two);
  ASSERT_EQ(streams.size(), 2u);
  EXPECT_EQ(streams[0].lines[0]["subject"]["pid"], 4711);
  EXPECT_EQ(streams[0].lines[0]["cell"], "w01");
  EXPECT_EQ(streams[1].lines[0]["subject"]["command"], "worker");
  EXPECT_EQ(streams[1].lines[0]["cell"], "w02");
  EXPECT_THAT(streams[1].context.remarks, testing::Contains(HasSubstr("One of 2 processes")));
  EXPECT_EQ(stream_of_listing(two, 4800)[0]["subject"]["command"], "worker");
  EXPECT_THAT(refusal_of(two, 17), HasSubstr("no descriptor of process 17"));
}

TEST(Listing, RefusesWhatIsNoListing) {
  EXPECT_THAT(refusal_of("Hello,\n\nmy gateway is slow.\n"), HasSubstr("lines 1 to 3: no listing"));
  EXPECT_THAT(refusal_of(""), HasSubstr("line 1: no listing"));
  EXPECT_THAT(refusal_of("ls: cannot open directory '/proc/4711/fd': Permission denied\n"),
              HasSubstr("line 1: the descriptors could not be read"));
  EXPECT_THAT(refusal_of("bash 4711 u 3u REG 8,1 4096 201 /home/u/notes.txt\n"),
              HasSubstr("no database among the open files"));
}

TEST(Listing, AWholeTableWithoutADatabaseSaysSo) {
  const auto lines = stream_of_listing(R"(bash 4711 u rtd DIR 8,1 4096 2 /
bash 4711 u 0u CHR 136,1 0t0 4 /dev/pts/1)");
  EXPECT_TRUE(lines[0]["boards"].empty());
  EXPECT_EQ(lines[1]["process"]["descriptors"], 1);
}

TEST(Listing, TheLimitThatStandsBesideIt) {
  const auto samples = samples_of(
      "Max open files            1024                 524288               files\n" + std::string(kLinux));
  EXPECT_EQ(samples.at(0)["process"]["descriptor_limit"], 1024);
}

}  // namespace
}  // namespace walsoak::watch
