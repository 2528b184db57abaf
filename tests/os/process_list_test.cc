#include "harness/base/proc/process_list.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "harness/base/os/environment.h"
#include "harness/base/os/process.h"
#include "harness/base/proc/foreign_files.h"
#include "tests/os/forked_child.h"
#include "tests/os/temporary_folder.h"

namespace walsoak::os {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ParseStat, ACommandMayHoldAnything) {
  const auto entry = parse_stat("4711 (a) b (c)) S 4700 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 918273 1000 2\n");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->pid, 4711);
  EXPECT_EQ(entry->command, "a) b (c)");
  EXPECT_EQ(entry->state, 'S');
  EXPECT_EQ(entry->parent, 4700);
  EXPECT_EQ(entry->start_ticks, 918273u);
  EXPECT_FALSE(entry->kernel_thread);
  EXPECT_FALSE(parse_stat("4711 (a) S 1"));
  EXPECT_FALSE(parse_stat(""));
}

TEST(ParseStat, AKernelThreadIsToldByItsFlags) {
  const auto entry = parse_stat("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 19 0 0\n");
  ASSERT_TRUE(entry);
  EXPECT_TRUE(entry->kernel_thread);
}

TEST(ParseCmdline, ArgumentsEndInZeroBytes) {
  using namespace std::string_view_literals;
  EXPECT_THAT(parse_cmdline("python3\0my gate.py\0\0"sv), ElementsAre("python3", "my gate.py", ""));
  EXPECT_THAT(parse_cmdline(""), IsEmpty());
}

TEST(ReadProcess, TellsAProcessFromTheNextOneWithItsPid) {
  const auto own = read_process(::getpid());
  ASSERT_TRUE(own);
  EXPECT_EQ(own->start_ticks, start_ticks(::getpid()));
  EXPECT_EQ(own->parent, ::getppid());
  EXPECT_EQ(own->user, ::geteuid());
  EXPECT_THAT(own->command_line(), testing::HasSubstr("os_test"));
  EXPECT_GE(age_s(*own), 0);
  EXPECT_FALSE(read_process(4194305));
}

TEST(ReadProcess, AZombieHasEnded) {
  tests::ForkedChild child([] {});
  EXPECT_FALSE(read_process(child.pid())->ended());
  const Descriptor life = life_of(child.pid());
  child.end();
  EXPECT_TRUE(read_process(child.pid())->ended());
  EXPECT_TRUE(life.valid());
}

TEST(ListProcesses, ThisOneIsAmongThem) {
  const auto all = list_processes();
  EXPECT_TRUE(
      std::any_of(all.begin(), all.end(), [](const ProcessEntry& entry) { return entry.pid == ::getpid(); }));
}

TEST(FirstBytes, AreReadWithoutMovingTheOffset) {
  const tests::TemporaryFolder folder;
  const std::string path = folder.path() / "file";
  std::ofstream(path) << "SQLite format 3 and more";
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(first_bytes(::getpid(), file.get(), 6), "SQLite");
  EXPECT_EQ(first_bytes(::getpid(), file.get(), 100), "SQLite format 3 and more");
  EXPECT_EQ(::lseek(file.get(), 0, SEEK_CUR), 0);
  const Pipe pipe = make_pipe();
  EXPECT_EQ(first_bytes(::getpid(), pipe.read_end.get(), 6), "");
  EXPECT_EQ(first_bytes(::getpid(), 1000000, 6), "");
}

TEST(ParsePasswd, NameAndHomeOfAUser) {
  const char* text = "root:x:0:0:root:/root:/bin/sh\nshort:x\nkim:x:1000:1000:Kim:/home/kim:/bin/sh\n";
  EXPECT_EQ(parse_passwd(text, 1000)->name, "kim");
  EXPECT_EQ(parse_passwd(text, 1000)->home, "/home/kim");
  EXPECT_EQ(parse_passwd(text, 0)->name, "root");
  EXPECT_FALSE(parse_passwd(text, 7));
}

}  // namespace
}  // namespace walsoak::os
