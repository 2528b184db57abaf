#include "harness/base/os/folder_watch.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/inotify.h>

#include <algorithm>
#include <cstring>
#include <system_error>

#include "tests/os/temporary_folder.h"

namespace walsoak::os {
namespace {

using EventKind = FolderEvent::Kind;
using testing::ElementsAre;
using testing::HasSubstr;

// An event as the kernel lays it out: the name is padded with zeros.
std::vector<std::byte> raw_event(int folder, std::uint32_t mask, const std::string& name = "") {
  inotify_event event{};
  event.wd = folder;
  event.mask = mask;
  event.len = name.empty() ? 0 : static_cast<std::uint32_t>((name.size() / 16 + 1) * 16);
  std::vector<std::byte> bytes(sizeof event + event.len);
  std::memcpy(bytes.data(), &event, sizeof event);
  std::memcpy(bytes.data() + sizeof event, name.data(), name.size());
  return bytes;
}

FolderChanges parse(std::initializer_list<std::vector<std::byte>> events) {
  std::vector<std::byte> all;
  for (const auto& event : events) all.insert(all.end(), event.begin(), event.end());
  FolderChanges changes;
  parse_folder_events(all, changes);
  return changes;
}

TEST(FolderWatch, ParsesEventsByFolderInOrder) {
  const FolderChanges changes =
      parse({raw_event(1, IN_CREATE, "kanban.db-wal"), raw_event(2, IN_MOVED_FROM, "a"),
             raw_event(1, IN_DELETE, "kanban.db-wal"), raw_event(2, IN_MOVED_TO, "a-name-of-16-byt")});
  EXPECT_FALSE(changes.overflowed);
  EXPECT_THAT(changes.events.at(1), ElementsAre(FolderEvent{EventKind::created, "kanban.db-wal"},
                                                FolderEvent{EventKind::deleted, "kanban.db-wal"}));
  EXPECT_THAT(changes.events.at(2), ElementsAre(FolderEvent{EventKind::moved_from, "a"},
                                                FolderEvent{EventKind::moved_to, "a-name-of-16-byt"}));
}

TEST(FolderWatch, AnOverflowIsSeenAmongOtherEvents) {
  const FolderChanges changes = parse({raw_event(1, IN_CREATE, "a"), raw_event(-1, IN_Q_OVERFLOW)});
  EXPECT_TRUE(changes.overflowed);
  EXPECT_EQ(changes.events.size(), 1u);
}

TEST(FolderWatch, AFolderThatIsGoneIsLost) {
  const FolderChanges changes = parse({raw_event(7, IN_IGNORED)});
  EXPECT_THAT(changes.lost, ElementsAre(7));
  EXPECT_TRUE(changes.events.empty());
}

TEST(FolderWatch, OtherEventsAndAnEmptyReadSayNothing) {
  const FolderChanges changes = parse({raw_event(1, IN_OPEN, "a"), raw_event(1, IN_UNMOUNT)});
  EXPECT_TRUE(changes.events.empty());
  EXPECT_FALSE(changes.overflowed);
  EXPECT_TRUE(parse({}).events.empty());
}

TEST(FolderWatch, SeesRealFilesComeAndGoAtOnce) {
  const tests::TemporaryFolder one, other;
  FolderWatch watch;
  const int first = watch.add(one.path());
  const int second = watch.add(other.path());
  EXPECT_NE(first, second);
  EXPECT_EQ(watch.add(one.path()), first);
  EXPECT_TRUE(watch.take().events.empty());

  one.write("a-wal", "x");
  std::filesystem::remove(one / "a-wal");
  std::filesystem::create_directory(other / "sub");
  std::filesystem::rename(other / "sub", one / "moved");
  const FolderChanges changes = watch.take();
  EXPECT_THAT(changes.events.at(first),
              ElementsAre(FolderEvent{EventKind::created, "a-wal"}, FolderEvent{EventKind::deleted, "a-wal"},
                          FolderEvent{EventKind::moved_to, "moved"}));
  EXPECT_THAT(changes.events.at(second),
              ElementsAre(FolderEvent{EventKind::created, "sub"}, FolderEvent{EventKind::moved_from, "sub"}));
  EXPECT_TRUE(watch.take().events.empty());
}

TEST(FolderWatch, TakesMoreThanOneReadHolds) {
  const tests::TemporaryFolder folder;
  FolderWatch watch;
  const int id = watch.add(folder.path());
  const std::string name = "a-file-with-a-rather-long-name-to-fill-the-buffer-sooner";
  for (int round = 0; round < 300; ++round) {
    folder.write(name, "");
    std::filesystem::remove(folder / name);
  }
  const FolderChanges changes = watch.take();
  EXPECT_EQ(changes.events.at(id).size(), 600u);
  EXPECT_FALSE(changes.overflowed);
}

TEST(FolderWatch, AFolderThatIsRemovedIsReportedLost) {
  FolderWatch watch;
  int id = -1;
  {
    const tests::TemporaryFolder folder;
    id = watch.add(folder.path());
  }
  EXPECT_THAT(watch.take().lost, ElementsAre(id));
}

TEST(FolderWatch, NamesTheFolderThatCannotBeWatched) {
  const tests::TemporaryFolder folder;
  const std::string file = folder.write("file", "");
  FolderWatch watch;
  for (const std::string& wrong : {folder / "missing", file}) {
    try {
      watch.add(wrong);
      FAIL() << "nothing was thrown for " << wrong;
    } catch (const std::system_error& error) {
      EXPECT_THAT(error.what(), HasSubstr(wrong));
    }
  }
}

}  // namespace
}  // namespace walsoak::os
