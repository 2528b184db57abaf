// A dispatcher for tests: an empty board, tasks put on it by hand, and a process around the pass that is all
// fake.
#pragma once

#include <gmock/gmock.h>

#include <set>
#include <string>
#include <vector>

#include "harness/boards/board/dispatch.h"
#include "tests/board/boards.h"

namespace walsoak::board {

class DispatchTest : public testing::Test {
 protected:
  struct Spawn {
    std::string board, task, writer;
    bool operator==(const Spawn&) const = default;
  };

  // Columns beside id, title, status and created_at come as "name, name" and "value, value".
  void add_task(const std::string& id, const std::string& status, const std::string& columns = "",
                const std::string& values = "") {
    look_.execute("INSERT INTO tasks (id, title, status, created_at" +
                  (columns.empty() ? "" : ", " + columns) + ") VALUES ('" + id + "', 't', '" + status +
                  "', 100" + (values.empty() ? "" : ", " + values) + ")");
  }
  // A task that a worker has, with a claim, a heartbeat and a run of its own, all in good order at kNow.
  void add_running(const std::string& id, const std::string& changes = "",
                   const std::string& status = "running") {
    add_task(id, status,
             "claim_lock, claim_expires, last_heartbeat_at, started_at, worker_pid, max_runtime_seconds",
             "'w0009', 1700000500, 1700000000, 1699999900, 77, 3600");
    look_.execute("INSERT INTO runs (task_id, writer, status, started_at) VALUES ('" + id +
                  "', 'w0009', 'running', 1)");
    if (!changes.empty()) look_.execute("UPDATE tasks SET " + changes + " WHERE id = '" + id + "'");
    alive_.insert(77);
  }

  DispatchResult pass() {
    const DispatchContext context{
        .now_s = tests::kNow,
        .settings = settings_,
        .log = log_,
        .worker_alive = [this](std::int64_t pid, const std::string&) { return alive_.contains(pid); },
        .free_writer = [this] { return writer_; },
        .spawn =
            [this](const Board& board, const std::string& task, const std::string& writer) {
              spawned_.push_back({board.name, task, writer});
              if (spawn_error_) throw std::system_error(EMFILE, std::generic_category());
              alive_.insert(4711);
              return std::int64_t{4711};
            }};
    return dispatch_pass(look_.connection(), board_, context);
  }

  std::string of(const std::string& task, const std::string& column) {
    return look_.value("SELECT " + column + " FROM tasks WHERE id = '" + task + "'");
  }
  std::vector<std::string> events() {
    return look_.rows("SELECT task_id || ' ' || kind FROM events ORDER BY id");
  }
  std::vector<std::string> runs() {
    return look_.rows("SELECT task_id || ' ' || status FROM runs ORDER BY id");
  }
  AcknowledgedRows acknowledged() { return read_acknowledged_rows(look_.connection()); }

  tests::Boards boards_;
  Board board_ = boards_.empty();
  Settings settings_ = tests::settings_with({{"claim_ttl_s", 900}});
  AcknowledgementLog log_{boards_.acknowledgements(), "dispatcher"};
  tests::Look look_{board_};
  std::set<std::int64_t> alive_;
  std::string writer_ = "w0001";
  std::vector<Spawn> spawned_;
  bool spawn_error_ = false;
};

}  // namespace walsoak::board
