// One real database in a folder of its own and all three ledgers of this process on it, for tests. The
// kernel's word is read from /proc/self, by the same code that reads it of a subject.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "harness/base/proc/descriptor_table.h"
#include "harness/boards/sqlite/connection.h"
#include "harness/boards/sqlite/counting_vfs.h"
#include "harness/evidence/observer/kernel_ledger.h"
#include "tests/os/temporary_folder.h"

namespace walsoak::sqlite {

class Database : public testing::Test {
 protected:
  using Handle = std::unique_ptr<Connection>;

  Database() : vfs_(install_counting_vfs().of(path_)) {}

  // A connection that has read once, so that it holds what an open connection of its mode holds.
  Handle open(Actor actor = Actor::dispatcher, const char* mode = "wal", const char* vfs = nullptr) {
    Connection::Options options;
    options.actor = actor;
    options.vfs = vfs;
    auto connection = std::make_unique<Connection>(path_, options, api_);
    connection->value("mode", (std::string("PRAGMA journal_mode=") + mode).c_str());
    connection->execute("schema", "CREATE TABLE IF NOT EXISTS t(x)");
    connection->value("read", "SELECT count(*) FROM t");
    return connection;
  }
  std::vector<Handle> open_several(int count, const char* mode = "wal") {
    std::vector<Handle> handles;
    for (int i = 0; i < count; ++i) handles.push_back(open(Actor::dispatcher, mode));
    return handles;
  }
  static void insert(Connection& connection) { connection.execute("insert", "INSERT INTO t VALUES (1)"); }

  observer::DescriptorCounts kernel() {
    return ledger_.look(os::read_descriptor_table(::getpid())).at("b01").counts.value();
  }

  // The equations that hold for a healthy process with nothing in flight.
  void expect_equations(const std::string& when) {
    SCOPED_TRACE(when);
    const observer::DescriptorCounts seen = kernel();
    const std::int64_t main = vfs_.main.open;
    const std::int64_t parked = seen.main - main;
    EXPECT_EQ(seen.wal, vfs_.wal.open);
    EXPECT_EQ(seen.journal, vfs_.journal.open);
    EXPECT_EQ(seen.shm, vfs_.shm.open > 0 ? 1 : 0);
    EXPECT_EQ(api_.counts(path_).open(), main);
    EXPECT_GE(parked, 0);
    EXPECT_LE(parked, vfs_.main.peak - main);
    if (main == 0) {
      EXPECT_EQ(parked, 0);
    }
  }

  tests::TemporaryFolder folder_;
  std::string path_ = folder_ / "kanban.db";
  ApiLedger api_;
  VfsCounts& vfs_;
  observer::KernelLedger ledger_{{{"b01", path_}}};
};

}  // namespace walsoak::sqlite
