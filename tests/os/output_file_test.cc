#include "harness/base/os/output_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <stdexcept>

#include "harness/base/os/descriptor.h"
#include "harness/base/os/run_folder.h"
#include "tests/os/temporary_folder.h"

namespace walsoak::os {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

class OutputFileTest : public testing::Test {
 protected:
  static void expect_refused(const std::string& path, const std::string& why) {
    EXPECT_THAT([&] { claim_output(path, "<testsuite"); },
                ThrowsMessage<std::runtime_error>(AllOf(HasSubstr(path), HasSubstr(why))));
  }

  tests::TemporaryFolder folder_;
};

TEST_F(OutputFileTest, AClaimLeavesNothingBehind) {
  claim_output(folder_ / "new.xml", "<testsuite");
  EXPECT_FALSE(fs::exists(folder_ / "new.xml"));
  write_output(folder_ / "new.xml", "<testsuites/>");
  EXPECT_EQ(read_file(folder_ / "new.xml"), "<testsuites/>");
}

TEST_F(OutputFileTest, AnEarlierResultGoesAtTheClaim) {
  const std::string old = folder_.write("old.xml", "<?xml version=\"1.0\"?>\n<testsuites tests=\"9\">");
  claim_output(old, "<testsuite");
  EXPECT_FALSE(fs::exists(old)) << "it would pass for a result of a run that came to none";
  claim_output(folder_.write("empty.xml", ""), "<testsuite");
}

TEST_F(OutputFileTest, WhatIsSomethingElseStays) {
  const std::string database = folder_.write("kanban.db", "SQLite format 3");
  expect_refused(database, "it holds something else");
  EXPECT_EQ(read_file(database), "SQLite format 3");
  expect_refused(folder_.path().string(), "it is a folder");
}

TEST_F(OutputFileTest, WhereNoFileCanBeMadeTheReasonIsTold) {
  expect_refused(folder_ / "no-folder/x.xml", "No such file or directory");
  expect_refused("/proc/x.xml", "cannot be written");
}

// In /dev/null's place, which a guard that fails would delete: a socket and a pipe of the test's own.
TEST_F(OutputFileTest, SomethingElseThanAFileIsLeftByAClaim) {
  const std::string path = folder_ / "socket";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path.size(), sizeof address.sun_path);
  path.copy(address.sun_path, path.size());
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  claim_output(path, "<testsuite");
  EXPECT_TRUE(fs::is_socket(path));
}

TEST_F(OutputFileTest, SomethingElseThanAFileIsWrittenToInPlace) {
  const std::string path = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const Descriptor reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  write_output(path, "<testsuites/>");
  EXPECT_TRUE(fs::is_fifo(path));
  char read[64] = {};
  EXPECT_EQ(::read(reader.get(), read, sizeof read), 13);
  EXPECT_STREQ(read, "<testsuites/>");
}

TEST_F(OutputFileTest, AddsToTheEnd) {
  append_output(folder_ / "log.md", "one\n");
  append_output(folder_ / "log.md", "two\n");
  EXPECT_EQ(read_file(folder_ / "log.md"), "one\ntwo\n");
  EXPECT_THROW(append_output(folder_ / "no-folder/log.md", "x"), std::system_error);
}

}  // namespace
}  // namespace walsoak::os
