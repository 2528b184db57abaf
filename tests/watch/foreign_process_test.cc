#include "harness/field/watch/foreign_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "harness/evidence/facts/sample.h"
#include "tests/os/forked_child.h"
#include "tests/os/temporary_folder.h"

namespace walsoak::watch {
namespace {

using facts::Key;
using facts::Sample;

void open_connections(const std::string& path, int count) {
  for (int i = 0; i < count; ++i) {
    sqlite3* connection = nullptr;
    sqlite3_open(path.c_str(), &connection);
    sqlite3_exec(connection, "PRAGMA journal_mode=WAL; CREATE TABLE IF NOT EXISTS t (x)", nullptr, nullptr,
                 nullptr);
    sqlite3_exec(connection, "INSERT INTO t VALUES (1)", nullptr, nullptr, nullptr);
  }
}

TEST(ForeignProcess, OneLookCountsWhatItHolds) {
  const tests::TemporaryFolder folder;
  const std::string path = std::filesystem::canonical(folder.path()) / "k.db";
  tests::ForkedChild child([&] { open_connections(path, 3); });
  observer::DatabaseNames names;
  ForeignProcess process(*os::read_process(child.pid()), names, false);
  const auto look = process.look(5, 1234);
  ASSERT_TRUE(look);
  ASSERT_EQ(look->found.size(), 1u);
  EXPECT_EQ(look->found[0].name, "db1");
  EXPECT_EQ(look->found[0].path, path);
  EXPECT_EQ(look->sample["t_us"], 1234);
  const Sample sample = Sample::from_kernel_json(look->sample);
  EXPECT_EQ(sample.tick, 5);
  EXPECT_TRUE(sample.quiet);
  EXPECT_EQ(sample.total[Key::kernel_main], 3);
  EXPECT_EQ(sample.total[Key::kernel_wal], 3);
  EXPECT_EQ(sample.total[Key::kernel_shm], 1);
  EXPECT_EQ(sample.total[Key::descriptors_net], 7);
  EXPECT_EQ(sample.total[Key::lock_main_posix], 1);
  EXPECT_FALSE(sample.total[Key::api_open]);
  EXPECT_TRUE(process.look(6, 2000)->found.empty());
}

TEST(ForeignProcess, AnotherProcessWithItsPidIsNotIt) {
  tests::ForkedChild child([] {});
  os::ProcessEntry entry = *os::read_process(child.pid());
  observer::DatabaseNames names;
  EXPECT_TRUE(ForeignProcess(entry, names, false).look(0, 0));
  --entry.start_ticks;
  EXPECT_FALSE(ForeignProcess(entry, names, false).look(0, 0));
}

TEST(ForeignProcess, OneThatHasEndedGivesNothing) {
  tests::ForkedChild child([] {});
  observer::DatabaseNames names;
  ForeignProcess process(*os::read_process(child.pid()), names, false);
  child.end();
  EXPECT_FALSE(process.look(0, 0));
  EXPECT_TRUE(process.ended());
  child.reap();
  EXPECT_FALSE(process.look(0, 0));
  EXPECT_FALSE(refusal(process.process()));
}

TEST(ForeignProcess, WithoutADatabaseTheCountsAre0AndNotUnknown) {
  tests::ForkedChild child([] {});
  observer::DatabaseNames names;
  const auto look = ForeignProcess(*os::read_process(child.pid()), names, false).look(0, 0);
  ASSERT_TRUE(look);
  const Sample sample = Sample::from_kernel_json(look->sample);
  EXPECT_EQ(sample.total[Key::descriptors_net], 0);
  EXPECT_FALSE(sample.total[Key::api_open]);
}

}  // namespace
}  // namespace walsoak::watch
