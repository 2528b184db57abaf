// Pastes of other tools, of several processes and of other systems.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "harness/field/listing/pid_lines.h"
#include "tests/watch/listed.h"

namespace walsoak::watch {
namespace {

using nlohmann::ordered_json;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using tests::only_board;
using tests::refusal_of;
using tests::samples_of;
using tests::stream_of_listing;

constexpr const char* kBusybox =
    "812\t/usr/bin/python3.11\t0\t/dev/null\n812\t/usr/bin/python3.11\t1\tpipe:[991]\n"
    "812\t/usr/bin/python3.11\t6\t/srv/my app/state.db\n812\t/usr/bin/python3.11\t7\t/srv/my "
    "app/state.db-wal\n"
    "812\t/usr/bin/python3.11\t8\t/srv/my app/state.db-wal (deleted)\n"
    "812\t/usr/bin/python3.11\t9\tsocket:[4242]\n";

std::vector<std::string> remarks_of(const std::string& text) {
  return streams_of_listing(text).at(0).context.remarks;
}

TEST(PastedForms, RowsOfBusybox) {
  const auto lines = stream_of_listing(kBusybox);
  EXPECT_EQ(lines[0]["subject"]["pid"], 812);
  EXPECT_EQ(lines[0]["subject"]["command"], "python3.11");
  ASSERT_EQ(lines[0]["boards"].size(), 1u);
  EXPECT_EQ(lines[0]["boards"][0]["path"], "/srv/my app/state.db");
  const ordered_json board = only_board(kBusybox);
  EXPECT_EQ(board["kernel_main"], 1);
  EXPECT_EQ(board["kernel_wal"], 2);
  EXPECT_EQ(board["kernel_wal_deleted"], 1);
}

// A chat makes blanks of tabs; older versions print no number of the descriptor.
TEST(PastedForms, RowsOfBusyboxByBlanksAndWithoutDescriptors) {
  for (const char* text : {"812 /usr/bin/app 6 /srv/state.db\n812 /usr/bin/app 7 /srv/state.db-wal\n"
                           "812 /usr/bin/app 8 /srv/state.db-wal\n",
                           "812\t/usr/bin/app\t/srv/state.db\n812\t/usr/bin/app\t/srv/state.db-wal\n"
                           "812\t/usr/bin/app\t/srv/state.db-wal\n"}) {
    const ordered_json board = only_board(text);
    EXPECT_EQ(board["kernel_main"], 1);
    EXPECT_EQ(board["kernel_wal"], 2);
  }
}

TEST(PastedForms, AProcessWithItsArgumentsIsNoCount) {
  const ordered_json board = only_board(
      "4711 /usr/bin/python3 app.py /home/u/kanban.db\n"
      "lrwx------ 1 u u 64 May 22 03:00 3 -> /home/u/kanban.db\n"
      "lrwx------ 1 u u 64 May 22 03:00 4 -> /home/u/kanban.db-wal\n");
  EXPECT_EQ(board["kernel_main"], 1);
}

TEST(PastedForms, RowsByThreadWithoutTheirHeading) {
  const std::string own =
      "app 4711              u 3u REG 8,1 4096 201 /srv/k.db\napp 4711              u 4u REG 8,1 4096 202 "
      "/srv/k.db-wal\n";
  std::string threads;
  for (const char* task : {"4712 pool\\x20w", "4713 12"}) {
    threads += std::string("app 4711 ") + task + " u 3u REG 8,1 4096 201 /srv/k.db\n";
    threads += std::string("app 4711 ") + task + " u 4u REG 8,1 4096 202 /srv/k.db-wal\n";
  }
  for (const std::string& text : {own + threads, threads + own, threads}) {
    const ordered_json board = only_board(text);
    EXPECT_EQ(board["kernel_main"], 1);
    EXPECT_EQ(board["kernel_wal"], 1);
  }
}

// The parent's number (lsof -R) is the same in every row: no thread's.
TEST(PastedForms, TheParentsNumberIsNoThreads) {
  EXPECT_EQ(only_board("app 4711 1 u 3u REG 8,1 4096 201 /srv/k.db\napp 4711 1 u 4u REG 8,1 4096 202 "
                       "/srv/k.db-wal\n")["kernel_wal"],
            1);
}

std::string links(int connections) {
  std::string text;
  for (int i = 0; i < connections; ++i) {
    text += "lrwx------ 1 u u 64 May 22 03:00 " + std::to_string(3 + 2 * i) + " -> /srv/k.db\n";
    text += "lrwx------ 1 u u 64 May 22 03:00 " + std::to_string(4 + 2 * i) + " -> /srv/k.db-wal\n";
  }
  return text;
}

std::vector<std::int64_t> pids_of(const std::string& text) {
  std::vector<std::int64_t> pids;
  for (const ListingStream& stream : streams_of_listing(text)) {
    EXPECT_EQ(stream.lines.back()["samples"], 1);
    pids.push_back(stream.lines[0]["subject"]["pid"].get<std::int64_t>());
  }
  return pids;
}

TEST(PastedForms, ALoopOverProcessesIsSeveralProcesses) {
  using Pids = std::vector<std::int64_t>;
  for (const auto& [before, behind] : {std::pair("", ""),
                                       {"== ", " =="},
                                       {"PID: ", ""},
                                       {"--- pid=", " ---"},
                                       {"python3[", "]:"},
                                       {"", " /usr/bin/python3 app.py"}}) {
    const auto head = [&, b = before, e = behind](int pid) { return b + std::to_string(pid) + e + "\n"; };
    SCOPED_TRACE(head(1711));
    EXPECT_EQ(
        pids_of(head(1711) + links(1) + head(1712) + "total 0\n" + links(2) + "\n" + head(1715) + links(3)),
        (Pids{1711, 1712, 1715}));
  }
  const std::string link = "lrwx------ 1 u u 64 May 22 03:00 3 -> /srv/k.db\n";
  EXPECT_EQ(pids_of("1711: " + link + "1712: " + link), (Pids{1711, 1712}));
}

// One of each process, twice: two moments of both.
TEST(PastedForms, ALoopOverProcessesThatComesAgain) {
  const std::string round = "1711\n" + links(1) + "1712\n" + links(2);
  const auto streams =
      streams_of_listing("Fri May 22 03:00:00 2026\n" + round + "Fri May 22 03:05:00 2026\n" + round);
  ASSERT_EQ(streams.size(), 2u);
  for (const ListingStream& stream : streams) EXPECT_EQ(stream.lines.back()["samples"], 2);
}

TEST(PastedForms, CountsAndOrdinalsBeforeListingsAreNoProcesses) {
  EXPECT_THAT(pid_lines_of("1\n" + links(1) + "2\n" + links(2) + "3\n" + links(3)), IsEmpty());
  EXPECT_THAT(pid_lines_of("2\n" + links(1) + "4\n" + links(2)), IsEmpty());
  EXPECT_THAT(pid_lines_of("40\n" + links(1) + "42\n" + links(2)), IsEmpty());  // 38 of them elsewhere
  EXPECT_THAT(pid_lines_of("Fri May 22 03:00:00 2026\n340\n" + links(1) + "Fri May 22 03:01:00 2026\n371\n" +
                           links(2)),
              IsEmpty());
  EXPECT_EQ(pid_lines_of("1711\n" + links(1)).size(), 1u);
}

TEST(PastedForms, SeveralListingsWithoutTimeAndProcessAskForOne) {
  EXPECT_THAT(remarks_of("total 0\n" + links(1) + "\ntotal 0\n" + links(2)),
              Contains(HasSubstr("neither time nor")));
  EXPECT_THAT(remarks_of(links(1)), IsEmpty());
}

TEST(PastedForms, ListingsOfDifferentSocketsAreAskedAbout) {
  const auto listing = [](int connections, const char* first, const char* second) {
    return std::string("total 0\n") + "lrwx------ 1 u u 64 May 22 03:00 0 -> socket:[" + first + "]\n" +
           "lrwx------ 1 u u 64 May 22 03:00 1 -> pipe:[" + second + "]\n" + links(connections);
  };
  EXPECT_THAT(refusal_of(listing(1, "11", "12") + listing(2, "21", "22")),
              HasSubstr("put its id on a line before its listing"));
  EXPECT_EQ(samples_of(listing(1, "11", "12") + listing(2, "11", "22")).size(), 2u);
  for (const std::string place : {"=== container web-", "$ docker exec ls -l /proc/1/fd web-"})
    EXPECT_THAT(refusal_of(place + "1\n" + links(1) + place + "2\n" + links(2)),
                HasSubstr("give each process alone"));
  EXPECT_EQ(samples_of("Fri May 22 03:00:00 2026\n" + listing(1, "11", "12") + "Fri May 22 03:01:00 2026\n" +
                       listing(2, "21", "22"))
                .size(),
            2u);
}

TEST(PastedForms, NamesAsLsofWasGivenThem) {
  const ordered_json board =
      only_board("app 4711 u 3ur REG 8,1 4096 201 kanban.db\napp 4711 u 4u REG 8,1 4096 202 kanban.db-wal\n");
  EXPECT_EQ(board["kernel_main"], 1);
  EXPECT_EQ(board["kernel_wal"], 1);
}

constexpr const char* kFilesOfAFolder = R"(-rw-r--r-- 1 app app 7.1G Apr  3 00:01 state.db
-rw-r--r-- 1 app app  32K Apr  4 16:05 state.db-shm
-rw-r--r-- 1 app app 1.7G Apr  4 16:05 state.db-wal
)";

TEST(PastedForms, AFolderOfFilesHasSizesAndNoProcess) {
  const ordered_json board = only_board(kFilesOfAFolder);
  EXPECT_EQ(board["wal_bytes"], 1825361101);
  EXPECT_EQ(board["kernel_wal"], nullptr);
  EXPECT_TRUE(streams_of_listing(kFilesOfAFolder).at(0).context.on_disk);
  EXPECT_EQ(only_board("1.7G\t/srv/state.db-wal\n7.1G\t/srv/state.db\n")["wal_bytes"], 1825361101);
  EXPECT_EQ(
      only_board("/srv/a:\ntotal 12\n-rw-r--r-- 1 u u 4096 2026-04-03 00:01 k.db\n-rw-r--r-- 1 u u 8192 "
                 "2026-04-03 00:01 k.db-wal\n")["wal_bytes"],
      8192);
}

TEST(PastedForms, AFolderBesideTheDescriptorsGivesTheirSizes) {
  const std::string descriptors =
      "lrwx------ 1 u u 64 May 22 03:00 3 -> /srv/state.db\nlrwx------ 1 u u 64 May 22 03:00 4 -> "
      "/srv/state.db-wal";
  EXPECT_EQ(only_board(descriptors + "\n" + kFilesOfAFolder)["wal_bytes"], 1825361101);
  EXPECT_EQ(only_board(descriptors + "\n" + kFilesOfAFolder)["kernel_main"], 1);
  // The one that is held is another file.
  EXPECT_EQ(only_board(descriptors + " (deleted)\n" + kFilesOfAFolder)["wal_bytes"], nullptr);
}

TEST(PastedForms, ANetworkFileSystemIsSaid) {
  const auto at = [](const char* path, const char* server) {
    return std::string("app 4711 u 3u REG 0,45 4096 201 ") + path + server +
           "\napp 4711 u 4u REG 0,45 4096 202 " + path + "-wal" + server + "\n";
  };
  EXPECT_THAT(remarks_of(at("/srv/k.db", " (nas:/export/srv)")), Contains(HasSubstr("network file system")));
  EXPECT_THAT(remarks_of(at("/srv/k.db", " (//nas/share)")), Contains(HasSubstr("network file system")));
  EXPECT_THAT(remarks_of(at("/mnt/c/k.db", "")), Contains(HasSubstr("network file system")));
  EXPECT_THAT(remarks_of(at("/srv/k.db", " (/dev/sda1)")), IsEmpty());
  // Nothing of a remark may be in a name.
  EXPECT_EQ(only_board(at("/srv/k.db", " (nas:/export/srv)"))["kernel_wal"], 1);
}

TEST(PastedForms, WhatFillsATableWithoutDatabasesIsSaid) {
  std::string text = "COMMAND PID USER FD TYPE DEVICE SIZE/OFF NODE NAME\napp 4711 u rtd DIR 8,1 4096 2 /\n";
  for (int i = 3; i < 60; ++i)
    text += "app 4711 u " + std::to_string(i) + "u IPv4 1234 0t0 TCP 127.0.0.1:80\n";
  EXPECT_THAT(remarks_of(text + "app 4711 u 60u REG 8,1 4096 201 /srv/k.db\napp 4711 u 61u REG 8,1 4096 202 "
                                "/srv/k.db-wal\n"),
              Contains(HasSubstr("57 of 59 descriptors are on no database (57 IPv4)")));
  std::string logs;
  for (int i = 3; i < 60; ++i) logs += "app 4711 u " + std::to_string(i) + "w REG 8,1 4096 3 /srv/a.log\n";
  EXPECT_THAT(refusal_of(logs), HasSubstr("57 of 57 descriptors: files that end in .log"));
}

TEST(PastedForms, AWalOfAnOddNameIsNoProof) {
  const std::string text = "app 4711 u 4u REG 8,1 4096 202 /srv/events-wal\n";
  EXPECT_EQ(stream_of_listing(text)[0]["boards"][0]["how"], "name");
  EXPECT_THAT(remarks_of(text), Contains(HasSubstr("by its name alone")));
  EXPECT_THAT(remarks_of(text + "app 4711 u 3u REG 8,1 4096 201 /srv/events\n"), IsEmpty());
}

TEST(PastedForms, TheSystemIsTold) {
  EXPECT_TRUE(streams_of_listing("node 7 me 20u REG 1,15 46 44 /Users/me/chat.db\n").at(0).context.macos);
  EXPECT_FALSE(streams_of_listing("node 7 me 20u REG 8,1 46 44 /home/me/chat.db\n").at(0).context.macos);
  EXPECT_EQ(streams_of_listing("$ docker exec web ls -l /proc/1/fd\n" + links(1)).at(0).context.container,
            "docker");
  EXPECT_EQ(streams_of_listing("1\t/usr/bin/node\t3\t/srv/k.db\n").at(0).context.container, "docker");
  EXPECT_EQ(streams_of_listing("17\t/usr/bin/node\t3\t/srv/k.db\n").at(0).context.container, "");
}

TEST(PastedForms, CountsWithTimesAreRefusedWithTheirRate) {
  const std::string refusal =
      refusal_of("Fri Aug 21 10:01:01 UTC 2026\n340\nFri Aug 21 10:06:01 UTC 2026\n540\n");
  EXPECT_THAT(refusal, HasSubstr("2 counts, 340 to 540"));
  EXPECT_THAT(refusal, HasSubstr("+40 a minute"));
  EXPECT_THAT(refusal, HasSubstr("lsof -n -P -p PID | walsoak diagnose --lsof -"));
  EXPECT_THAT(refusal_of("10:01 340\n10:06 540\n"), HasSubstr("+40 a minute"));
  EXPECT_THAT(refusal_of("2026-08-21 10:01:01 340\n2026-08-21 10:02:01 380\n"), HasSubstr("+40 a minute"));
}

constexpr const char* kRows =
    "app 4711 u 3u REG 8,1 4096 201 /srv/k.db\napp 4711 u 4u REG 8,1 4096 202 /srv/k.db-wal\n"
    "app 4711 u 5u REG 8,1 4096 203 /srv/k.db-shm\n";
constexpr const char* kMainLock = "1: POSIX  ADVISORY  READ 4711 08:01:201 1073741826 1073742335\n";
constexpr const char* kShmLock = "2: POSIX  ADVISORY  READ 4711 08:01:203 128 128\n";

TEST(PastedForms, LocksBesideAListingAreItsLocks) {
  const ordered_json held = only_board(std::string(kRows) + kMainLock + kShmLock);
  EXPECT_EQ(held["lock_main_posix"], 1);
  EXPECT_EQ(held["lock_shm_dms"], 1);
  const ordered_json lost = only_board(std::string(kRows) + "\n$ cat /proc/locks\n" + kShmLock);
  EXPECT_EQ(lost["lock_main_posix"], 0);
  EXPECT_EQ(lost["lock_shm_dms"], 1);
}

// A table without any of the process on these files may have been filtered; other bytes are not SQLite's.
TEST(PastedForms, LocksOfOthersProveNothing) {
  for (const char* lock :
       {"1: POSIX  ADVISORY  READ 4712 08:01:201 1073741826 1073742335\n",
        "1: POSIX  ADVISORY  WRITE 4711 08:01:999 0 EOF\n", "1: POSIX  ADVISORY  READ 4711 08:01:201 0 0\n",
        "1: OFDLCK ADVISORY  READ -1 08:01:201 1073741826 1073742335\n"}) {
    SCOPED_TRACE(lock);
    EXPECT_EQ(only_board(std::string(kRows) + lock)["lock_main_posix"], nullptr);
  }
}

TEST(PastedForms, FdinfoGivesLinksTheirInodesAndLocks) {
  const std::string text =
      "/proc/4711/fd:\n" + links(1) +
      "/proc/4711/fdinfo/3:ino:\t201\n/proc/4711/fdinfo/3:lock:\t1: POSIX  ADVISORY  READ 4711 08:01:201 "
      "1073741826 1073742335\n/proc/4711/fdinfo/4:ino:\t202\n";
  EXPECT_EQ(only_board(text)["lock_main_posix"], 1);
  EXPECT_EQ(only_board(text)["wal_inode"], 202);
  EXPECT_EQ(
      only_board("/proc/4711/fd:\n" + links(1) +
                 "==> /proc/4711/fdinfo/3 <==\nino:\t201\nlock:\t1: POSIX  ADVISORY  READ 4711 08:01:201 "
                 "1073741826 1073742335\n")["lock_main_posix"],
      1);
}

TEST(PastedForms, CountsOfSeveralProcessesAreNoMoments) {
  const auto streams = streams_of_listing(
      "pid 411: 12 kanban.db, 11 kanban.db-wal\npid 412: 14 kanban.db, 13 kanban.db-wal\n4713: 15 kanban.db "
      "+ 15 "
      "-wal\n");
  ASSERT_EQ(streams.size(), 3u);
  EXPECT_EQ(streams[2].lines[0]["subject"]["pid"], 4713);
  EXPECT_EQ(stream_of_listing("1: 12 kanban.db + 11 -wal\n2: 14 kanban.db + 13 -wal\n").back()["samples"], 2);
}

}  // namespace
}  // namespace walsoak::watch
