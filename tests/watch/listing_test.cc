#include "harness/watch/listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "harness/run/errors.h"
#include "harness/verdict/facts.h"
#include "harness/verdict/mechanisms.h"

namespace walsoak::watch {
namespace {

using nlohmann::ordered_json;
using testing::HasSubstr;
using verdict::Key;

std::vector<ordered_json> samples_of(const std::string& text, std::optional<std::int64_t> pid = {}) {
  std::vector<ordered_json> samples;
  for (ordered_json& line : stream_of_listing(text, pid))
    if (line["type"] == "sample") samples.push_back(std::move(line));
  return samples;
}

ordered_json only_board(const std::string& text) {
  const auto samples = samples_of(text);
  EXPECT_EQ(samples.size(), 1u);
  EXPECT_EQ(samples.at(0)["boards"].size(), 1u);
  return samples.at(0)["boards"]["db1"];
}

std::string refusal_of(const std::string& text, std::optional<std::int64_t> pid = {}) {
  try {
    stream_of_listing(text, pid);
  } catch (const run::Refused& refused) {
    return refused.what();
  }
  ADD_FAILURE() << "it was taken";
  return {};
}

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

TEST(Listing, CountsDescriptorsAndNoMaps) {
  const auto lines = stream_of_listing(kLinux);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0]["settings"]["mode"], "watch");
  EXPECT_EQ(lines[0]["subject"]["pid"], 4711);
  EXPECT_EQ(lines[0]["subject"]["command"], "python3");
  EXPECT_EQ(lines[0]["boards"][0]["path"], "/home/u/.hermes/kanban.db");
  EXPECT_EQ(lines[0]["boards"][0]["how"], "sidecar");
  EXPECT_EQ(lines[1]["process"]["descriptors"], 5);
  const ordered_json& board = lines[1]["boards"]["db1"];
  EXPECT_EQ(board["kernel_main"], 1);
  EXPECT_EQ(board["kernel_wal"], 1);
  EXPECT_EQ(board["kernel_shm"], 1);
  EXPECT_EQ(board["kernel_journal"], 0);
  EXPECT_EQ(board["kernel_wal_deleted"], 0);
  EXPECT_EQ(board["main_inode"], 201);
  EXPECT_EQ(board["wal_bytes"], 12392);
  EXPECT_EQ(lines[2]["samples"], 1);
}

TEST(Listing, ALockIsMissingWhereTheToolShowsAnother) {
  const ordered_json lost = only_board(kLinux);
  EXPECT_EQ(lost["lock_main_posix"], 0);
  EXPECT_EQ(lost["lock_shm_dms"], 1);
  EXPECT_EQ(lost["lock_main_ofd"], nullptr);
}

TEST(Listing, RefusesWhatIsNoListing) {
  EXPECT_THAT(refusal_of("Hello,\n\nmy gateway is slow.\n"), HasSubstr("lines 1 to 3: no listing"));
  EXPECT_THAT(refusal_of(""), HasSubstr("no listing"));
}

}  // namespace
}  // namespace walsoak::watch
