// Listings of real processes: tests/fixtures/listings/make.py.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/os/sanitized.h"
#include "tests/watch/listed.h"

namespace walsoak::watch {
namespace {

using nlohmann::ordered_json;
using tests::only_board;
using tests::samples_of;

const std::filesystem::path kFolder = std::filesystem::path(WALSOAK_FIXTURES) / "listings";

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}
ordered_json board(const std::string& name) {
  return only_board(text_of(kFolder / (name + ".txt")));
}

struct State {
  const char* name;
  int main, wal, shm, journal, wal_deleted;
  ordered_json lock;  // as lsof shows it
};

const State kStates[] = {{"read", 1, 1, 1, 0, 0, 1},        {"two", 2, 2, 1, 0, 0, 1},
                         {"lost", 1, 1, 1, 0, 0, 0},        {"deleted", 1, 1, 1, 0, 1, 0},
                         {"guarded", 2, 1, 1, 0, 0, 0},     {"rollback", 1, 0, 0, 1, 0, 1},
                         {"unread", 1, 0, 0, 0, 0, nullptr}};

TEST(ListingFixtures, EachStateAsLsofAndLsShowIt) {
  for (const State& state : kStates) {
    for (const char* command : {".lsof", ".ls"}) {
      const std::string name = std::string(state.name) + command;
      SCOPED_TRACE(name);
      const ordered_json seen = board(name);
      EXPECT_EQ(seen["kernel_main"], state.main);
      EXPECT_EQ(seen["kernel_wal"], state.wal);
      EXPECT_EQ(seen["kernel_shm"], state.shm);
      EXPECT_EQ(seen["kernel_journal"], state.journal);
      EXPECT_EQ(seen["kernel_wal_deleted"], state.wal_deleted);
      EXPECT_EQ(seen["kernel_shm_deleted"], state.wal_deleted);
      EXPECT_EQ(seen["kernel_main_deleted"], 0);
      const bool lsof = std::string_view(command) == ".lsof";
      // A guard has a descriptor of its own on the main.
      const bool no_room_for_a_guard = lsof && !state.lock.is_null() && state.main <= state.wal;
      EXPECT_EQ(seen["lock_main_ofd"], no_room_for_a_guard ? ordered_json(0) : ordered_json());
      EXPECT_EQ(seen["lock_main_posix"], lsof ? state.lock : ordered_json());
    }
  }
}

TEST(ListingFixtures, OneStateAsEachCommandShowsIt) {
  for (const char* command :
       {"lsof", "lsof-fields", "lsof-links", "lsof-tasks", "lsof-grep", "ls", "ls-color", "find", "readlink",
        "lsof-tasks-grep", "lsof-parents", "task-folders"}) {
    SCOPED_TRACE(command);
    const ordered_json seen = board(std::string("deleted.") + command);
    EXPECT_EQ(seen["kernel_main"], 1);
    EXPECT_EQ(seen["kernel_wal"], 1);
    EXPECT_EQ(seen["kernel_wal_deleted"], 1);
    EXPECT_EQ(seen["kernel_shm_deleted"], 1);
  }
  const ordered_json cut = board("deleted.lsof-cut");
  EXPECT_EQ(cut["kernel_wal"], 1);
  EXPECT_EQ(cut["kernel_wal_deleted"], nullptr);
  EXPECT_EQ(cut["kernel_shm_deleted"], 1);
  const ordered_json unlinked = board("deleted.lsof-unlinked");
  EXPECT_EQ(unlinked["kernel_main"], nullptr);
  EXPECT_EQ(unlinked["kernel_wal_deleted"], 1);
  const ordered_json counted = board("deleted.lsof-uniq");
  EXPECT_EQ(counted["kernel_wal"], 1);
  EXPECT_EQ(counted["kernel_wal_deleted"], nullptr);
}

TEST(ListingFixtures, SizesOfAFolder) {
  for (const char* command : {"folder", "folder-human", "folder-iso", "folder-find"}) {
    SCOPED_TRACE(command);
    const ordered_json seen = board(std::string("deleted.") + command);
    EXPECT_EQ(seen["main_bytes"], 8192);
    EXPECT_EQ(seen["kernel_main"], nullptr);
    EXPECT_EQ(seen["kernel_wal_deleted"], nullptr);
  }
}

TEST(ListingFixtures, WhatShowsNoDescriptorsIsRefusedWithTheCommandThatDoes) {
  const std::pair<const char*, const char*> kKinds[] = {{"fuser", "fuser's processes"},
                                                        {"fdinfo", "locks"},
                                                        {"lslocks", "locks"},
                                                        {"proc-locks", "locks"},
                                                        {"strace", "strace's calls"}};
  for (const auto& [command, words] : kKinds) {
    SCOPED_TRACE(command);
    const std::string refusal =
        tests::refusal_of(text_of(kFolder / (std::string("deleted.") + command + ".txt")));
    EXPECT_THAT(refusal, testing::HasSubstr(words));
    EXPECT_THAT(refusal, testing::HasSubstr("lsof -n -P -p "));
  }
}

TEST(ListingFixtures, WholeTablesCountAllDescriptors) {
  for (const char* command : {"lsof", "lsof-fields", "lsof-links", "lsof-tasks", "ls", "ls-color", "find"}) {
    SCOPED_TRACE(command);
    EXPECT_EQ(samples_of(text_of(kFolder / (std::string("deleted.") + command + ".txt")))
                  .at(0)["process"]["descriptors"],
              6);
  }
}

// A paste may end anywhere. One state in every format; the others have the same ones.
TEST(ListingFixtures, EveryBeginningIsTakenOrRefused) {
  constexpr std::size_t kStep = tests::kSanitized ? 11 : 3;
  int taken = 0, refused = 0;
  for (const auto& file : std::filesystem::directory_iterator(kFolder)) {
    if (!file.path().filename().string().starts_with("deleted.")) continue;
    const std::string text = text_of(file.path());
    for (std::size_t end = 0; end < text.size(); end += kStep) {
      try {
        for (const ListingStream& stream : streams_of_listing(std::string_view(text).substr(0, end)))
          ASSERT_GE(stream.lines.size(), 3u);
        ++taken;
      } catch (const Refused& why) {
        ASSERT_EQ(std::string_view(why.what()).find('\n'), std::string_view::npos);
        ++refused;
      }
    }
  }
  EXPECT_GT(taken * kStep, 1000u);
  EXPECT_GT(refused * kStep, 1000u);
}

}  // namespace
}  // namespace walsoak::watch
