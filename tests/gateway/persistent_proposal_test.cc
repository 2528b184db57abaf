// The six tests of the proposal of persistent connections (#31736), by their names, on real boards, with the
// three ledgers as evidence.
#include <filesystem>
#include <fstream>
#include <set>

#include "tests/gateway/running_cell.h"

namespace walsoak::subject {
namespace {

namespace fs = std::filesystem;
using protocol::Message;
using sqlite::Actor;
using testing::StartsWith;

const observer::DescriptorCounts kOneConnection{
    .main = 1, .wal = 1, .shm = 1, .lock_main_posix = 1, .lock_shm_dms = 1};

// Threads of this process that bear the name, as the kernel keeps it.
int threads_named(const std::string& name) {
  int threads = 0;
  for (const auto& task : fs::directory_iterator("/proc/self/task")) {
    std::string comm;
    std::getline(std::ifstream(task.path() / "comm"), comm);
    if (comm == name) ++threads;
  }
  return threads;
}

// Descriptor numbers on the file: those that stay are the same open files.
std::set<int> descriptors_on(const std::string& path) {
  std::set<int> numbers;
  const auto table = os::read_descriptor_table(::getpid()).value();
  for (const os::OpenDescriptor& open : table) {
    if (open.target == path) numbers.insert(open.fd);
  }
  return numbers;
}

class PersistentProposal : public RunningCell {
 protected:
  void begin_persistent(nlohmann::json changes = nlohmann::json::object()) {
    changes.update({{"strategy", "persistent"}, {"workers", 0}});
    begin(changes);
  }
  std::string path(std::size_t board) const { return boards_[board].path; }
  // Another file takes the place of the board, as a restore by rename does.
  void replace(std::size_t board, const std::string& source) const {
    fs::copy_file(source, path(board) + ".restored");
    fs::rename(path(board) + ".restored", path(board));
  }
};

TEST_F(PersistentProposal, uses_dedicated_single_thread_executor) {
  begin_persistent();
  int dispatchers = 0;
  run_ticks(6, {"triage", "dispatch", "probe", "notifier"},
            [&](int) { dispatchers = std::max(dispatchers, threads_named("kanban-dispatch")); });
  EXPECT_EQ(dispatchers, 1);
  for (const Message& tick : told_) {
    EXPECT_EQ(tick.at("ok"), true) << tick.dump();
    for (const Message& step : tick.at("steps")) {
      const bool in_scope = step.at("step") == "dispatch" || step.at("step") == "probe";
      const auto thread = step.at("thread").get<std::string>();
      if (in_scope) {
        EXPECT_EQ(thread, "kanban-dispatcher");
      } else {
        EXPECT_THAT(thread, StartsWith("pool-")) << step.dump();
      }
    }
  }
}

TEST_F(PersistentProposal, reuses_board_connection_across_ticks) {
  begin_persistent();
  std::set<std::set<int>> mains, wals;
  const std::int64_t seeding = vfs(0).main.opens;
  run_ticks(20, {"dispatch", "probe"}, [&](int) {
    mains.insert(descriptors_on(path(0)));
    wals.insert(descriptors_on(path(0) + "-wal"));
    for (const std::size_t board : {0u, 1u}) EXPECT_EQ(kernel(board), kOneConnection);
  });
  EXPECT_EQ(mains.size(), 1u) << "the same descriptor after every tick";
  EXPECT_EQ(wals.size(), 1u);
  for (const std::size_t board : {0u, 1u}) {
    EXPECT_EQ(opened(board), 1);
    EXPECT_EQ(api(board).open(), 1);
    EXPECT_EQ(vfs(board).main.opens, seeding + 1);
    EXPECT_EQ(vfs(board).wal.opens, seeding + 1);
  }
}

TEST_F(PersistentProposal, health_probe_uses_cached_connection) {
  begin_persistent();
  // So that the probe does not stop at the first board.
  tests::Look(boards_[0]).execute("UPDATE tasks SET status = 'done'");
  const std::int64_t before = vfs(0).main.opens;
  run_ticks(5, {"dispatch", "probe"});
  for (const std::size_t board : {0u, 1u}) {
    EXPECT_EQ(opened(board, Actor::dispatcher), 1);
    EXPECT_EQ(opened(board, Actor::probe), 0);
    EXPECT_EQ(kernel(board), kOneConnection);
  }
  EXPECT_EQ(vfs(0).main.opens, before + 1);
  const Message probed = step("probe");
  EXPECT_EQ(probed.at("boards").size(), 2u);
  EXPECT_EQ(probed.at("boards").at(1).dump(), R"({"board":"b02","ok":true})") << "it did look";
  EXPECT_EQ(opened(1, Actor::probe), 0);
}

TEST_F(PersistentProposal, closes_cached_connection_on_shutdown) {
  begin_persistent();
  run_ticks(3, {"dispatch", "probe"});
  EXPECT_EQ(api(0).open(), 1);
  const auto use_here = [this] {
    gateway_->use(boards_[0], Actor::dispatcher, [](sqlite::Connection& connection) { connection.close(); });
  };
  EXPECT_THROW(use_here(), sqlite::AffinityError) << "no other thread may close it";
  EXPECT_EQ(api(0).open(), 1);
  EXPECT_NO_THROW(gateway_->close_everything(0));
  for (const std::size_t board : {0u, 1u}) {
    expect_nothing_open(board);
    EXPECT_EQ(vfs(board).wal_unlinks[static_cast<std::size_t>(Actor::dispatcher)], 1) << "its last close";
    EXPECT_FALSE(fs::exists(path(board) + "-wal"));
    EXPECT_FALSE(fs::exists(path(board) + "-shm"));
  }
}

TEST_F(PersistentProposal, reopens_cached_connection_when_fingerprint_changes) {
  begin_persistent();
  const std::string other = folder_.seeded("b09", {{"tasks_per_board", 3}}).path;
  run_ticks(6, {"dispatch", "probe"}, [&](int tick) {
    if (tick == 3) replace(0, other);
    EXPECT_EQ(opened(0), tick <= 3 ? 1 : 2) << tick;
    if (tick == 3) return;
    EXPECT_EQ(kernel(0), kOneConnection) << "nothing of the file that was replaced";
  });
  EXPECT_EQ(api(0).open(), 1);
  EXPECT_EQ(opened(1), 1) << "the other board's stays";
  EXPECT_EQ(vfs(0).main.peak, 1) << "closed before it is opened again";
}

TEST_F(PersistentProposal, reopens_cached_connection_when_mtime_changes_as_proposed) {
  begin_persistent({{"fingerprint", "mtime-size"}});
  run_ticks(4, {"dispatch", "probe"}, [&](int tick) {
    if (tick == 2) fs::last_write_time(path(0), fs::last_write_time(path(0)) + std::chrono::seconds(1));
  });
  EXPECT_EQ(opened(0), 2);
  EXPECT_EQ(opened(1), 1);
  EXPECT_EQ(api(0).open(), 1);
}

// What the board does once it is corrupt, whichever way the corruption comes to be seen.
class PersistentProposalCorrupt : public PersistentProposal {
 protected:
  static constexpr int kDamaged = 2, kRestored = 6, kTicks = 8;

  void run_corrupt(const std::function<void()>& damage, const std::function<void()>& restore) {
    std::int64_t attempts = 0;
    run_ticks(kTicks, {"dispatch", "probe"}, [&](int tick) {
      if (tick == kDamaged) damage();
      if (tick == kDamaged + 1) {
        attempts = vfs(0).main.opens;
        expect_nothing_open(0);
      }
      if (tick <= kDamaged || tick > kRestored) return;
      EXPECT_EQ(vfs(0).main.opens, attempts) << "no retry";
      if (tick == kRestored) restore();
    });
    for (int tick = 1; tick <= kTicks; ++tick) {
      SCOPED_TRACE(tick);
      const Message& dispatch = told_[static_cast<std::size_t>(tick - 1)].at("steps").at(0);
      const bool suppressed = tick > kDamaged && tick <= kRestored;
      EXPECT_EQ(dispatch.at("ok"), !suppressed) << dispatch.dump();
      if (!suppressed) continue;
      const Message& failed = dispatch.at("boards").at(0);
      EXPECT_EQ(failed.at("board"), "b01");
      EXPECT_EQ(dispatch.at("boards").size(), 1u) << "the other board goes on";
      if (tick == kDamaged + 1) {
        EXPECT_EQ(failed.at("error").at("code"), SQLITE_NOTADB);
      } else {
        EXPECT_EQ(failed.at("error").at("app"), "disabled");
      }
    }
    EXPECT_EQ(api(0).open(), 1);
    EXPECT_EQ(opened(1), 1);
    gateway_->close_everything(0);
    expect_nothing_open(0);
    EXPECT_EQ(tests::Look(boards_[0]).value("PRAGMA integrity_check"), "ok");
  }
};

using PersistentProposalOnReopen = PersistentProposalCorrupt;

TEST_F(PersistentProposalCorrupt, corrupt_board_closes_and_suppresses_until_fingerprint_changes) {
  begin_persistent();
  std::string good;
  run_corrupt(
      [&] {
        {
          // Nothing is left in the -wal, and what the cached connection remembers of the file is out of date.
          tests::Look look(boards_[0]);
          look.execute("UPDATE tasks SET title = 'x'");
          look.value("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        good = os::read_file(path(0));
        std::ofstream(path(0)) << std::string(good.size(), 'x');
      },
      [&] {
        std::ofstream(path(0)) << good;
        // Whatever the clock's resolution: the same size with another time is another file.
        fs::last_write_time(path(0), fs::last_write_time(path(0)) + std::chrono::seconds(1));
      });
  EXPECT_EQ(opened(0), 2) << "the error came out of the cached connection's work";
}

TEST_F(PersistentProposalOnReopen, a_board_replaced_by_a_corrupt_file_closes_and_suppresses_too) {
  begin_persistent();
  const std::string good = folder_.seeded("b09").path;
  const std::string garbage = folder_.named("b01").path + ".garbage";
  std::ofstream(garbage) << std::string(8192, 'x');
  run_corrupt([&] { replace(0, garbage); }, [&] { replace(0, good); });
}

}  // namespace
}  // namespace walsoak::subject
