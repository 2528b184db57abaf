#include "harness/evidence/observer/sidecar_counts.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/os/temporary_folder.h"

namespace walsoak::observer {
namespace {

using EventKind = os::FolderEvent::Kind;

const std::vector<WatchedBoard> kBoards{
    {"b01", 1, "kanban.db"}, {"b02", 2, "kanban.db"}, {"b03", 2, "other.db"}};

TEST(CountSidecars, CountsEachBoardsOwn) {
  os::FolderChanges changes;
  changes.events[1] = {{EventKind::created, "kanban.db-wal"}, {EventKind::created, "kanban.db-shm"},
                       {EventKind::deleted, "kanban.db-wal"}, {EventKind::created, "kanban.db-wal"},
                       {EventKind::created, "kanban.db"},     {EventKind::created, "kanban.db-journal"}};
  changes.events[2] = {{EventKind::deleted, "kanban.db-shm"}, {EventKind::created, "other.db-wal"}};
  const SidecarCounts counts = count_sidecars(kBoards, changes);
  EXPECT_EQ(counts.at("b01"), (SidecarChanges{.wal_created = 2, .wal_unlinked = 1, .shm_created = 1}));
  EXPECT_EQ(counts.at("b02"), (SidecarChanges{.shm_unlinked = 1}));
  EXPECT_EQ(counts.at("b03"), (SidecarChanges{.wal_created = 1}));
}

TEST(CountSidecars, ARenameIsAnUnlinkHereAndACreationThere) {
  os::FolderChanges changes;
  changes.events[1] = {{EventKind::moved_from, "kanban.db-wal"}, {EventKind::moved_to, "kanban.db-shm"}};
  EXPECT_EQ(count_sidecars(kBoards, changes).at("b01"),
            (SidecarChanges{.wal_unlinked = 1, .shm_created = 1}));
}

TEST(CountSidecars, AnOverflowMakesEveryBoardUnknown) {
  os::FolderChanges changes;
  changes.events[1] = {{EventKind::created, "kanban.db-wal"}};
  changes.overflowed = true;
  for (const auto& [board, counts] : count_sidecars(kBoards, changes)) EXPECT_FALSE(counts) << board;
}

TEST(CountSidecars, AFolderThatIsGoneMakesItsBoardsUnknown) {
  os::FolderChanges changes;
  changes.lost = {2};
  const SidecarCounts counts = count_sidecars(kBoards, changes);
  EXPECT_EQ(counts.at("b01"), SidecarChanges{});
  EXPECT_FALSE(counts.at("b02"));
  EXPECT_FALSE(counts.at("b03"));
}

TEST(SidecarChanges, HasTheKeysOfTheRecord) {
  EXPECT_EQ((SidecarChanges{1, 2, 3, 4}).to_json().dump(),
            R"({"wal_created":1,"wal_unlinked":2,"shm_created":3,"shm_unlinked":4})");
  EXPECT_FALSE(SidecarChanges{}.any());
  EXPECT_TRUE((SidecarChanges{.shm_unlinked = 1}).any());
}

TEST(SidecarChanges, LaterOnesAreAddedKeyByKey) {
  SidecarChanges sum{1, 2, 3, 4};
  sum.add({10, 20, 30, 40});
  EXPECT_EQ(sum, (SidecarChanges{11, 22, 33, 44}));
  sum.add({});
  EXPECT_EQ(sum, (SidecarChanges{11, 22, 33, 44}));
}

TEST(SidecarWatch, CountsRealFilesSinceTheLastTake) {
  const tests::TemporaryFolder folder;
  folder.write("kanban.db-wal", "there before the watch");
  SidecarWatch watch({{"b01", folder / "kanban.db"}, {"b02", folder / "second.db"}});
  folder.write("kanban.db-wal", "not created again");
  std::filesystem::remove(folder / "kanban.db-wal");
  folder.write("second.db-shm", "");
  const SidecarCounts counts = watch.take();
  EXPECT_EQ(counts.at("b01"), (SidecarChanges{.wal_unlinked = 1}));
  EXPECT_EQ(counts.at("b02"), (SidecarChanges{.shm_created = 1}));
  EXPECT_EQ(watch.take().at("b01"), SidecarChanges{});
}

TEST(SidecarWatch, AFolderThatIsGoneStaysUnknown) {
  const tests::TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "b01");
  SidecarWatch watch({{"b01", folder / "b01/kanban.db"}});
  std::filesystem::remove(folder.path() / "b01");
  EXPECT_FALSE(watch.take().at("b01"));
  EXPECT_FALSE(watch.take().at("b01"));
}

TEST(SidecarWatch, WatchesTheFolderThatALinkLeadsTo) {
  const tests::TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "real");
  folder.write("real/kanban.db", "");
  std::filesystem::create_symlink(folder / "real/kanban.db", folder.path() / "link.db");
  SidecarWatch watch({{"b01", folder / "link.db"}});
  folder.write("real/kanban.db-wal", "");
  EXPECT_EQ(watch.take().at("b01"), (SidecarChanges{.wal_created = 1}));
}

}  // namespace
}  // namespace walsoak::observer
