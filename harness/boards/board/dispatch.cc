#include "harness/boards/board/dispatch.h"

#include <optional>
#include <vector>

#include "harness/boards/board/statements.h"

namespace walsoak::board {
namespace {

using sqlite::Connection;
using sqlite::Statement;

class Pass {
 public:
  Pass(Connection& connection, const Board& board, const DispatchContext& context)
      : connection_(connection), board_(board), context_(context) {}

  DispatchResult run() {
    Statement expired = prepare("expired_claims");
    expired.bind(":now", context_.now_s);
    release_each(texts(expired), "claim expired", "expired", "reclaimed");
    Statement stale = prepare("stale_workers");
    stale.bind(":before", context_.now_s - static_cast<std::int64_t>(context_.settings.claim_ttl_s));
    release_each(texts(stale), "no heartbeat", "stale", "stale");
    release_crashed();
    Statement overrunning = prepare("overrunning");
    overrunning.bind(":now", context_.now_s);
    release_each(texts(overrunning), "runtime exceeded", "timed out", "timed out");
    promote();
    if (!spawn_one("ready")) spawn_one("review");
    return result_;
  }

 private:
  Statement prepare(const char* name) { return {connection_, name, statement(name)}; }

  static std::vector<std::string> texts(Statement& query) {
    std::vector<std::string> rows;
    while (query.step()) rows.push_back(query.text(0));
    return rows;
  }

  void event(const std::string& task, const char* kind, std::int64_t run = 0) {
    prepare("insert_event")
        .bind(":task", task)
        .bind(":run", run)
        .bind(":kind", kind)
        .bind(":payload", "{}")
        .bind(":now", context_.now_s)
        .run();
  }

  void release(const std::string& task, const char* reason, const char* run_status, const char* kind) {
    prepare("release_task").bind(":id", task).bind(":reason", reason).run();
    prepare("close_open_runs")
        .bind(":task", task)
        .bind(":status", run_status)
        .bind(":now", context_.now_s)
        .run();
    event(task, kind);
    ++result_.released;
  }

  void release_each(const std::vector<std::string>& tasks, const char* reason, const char* run_status,
                    const char* kind) {
    for (const std::string& task : tasks) {
      WriteTransaction transaction(connection_, context_.log, board_.name);
      release(task, reason, run_status, kind);
      transaction.commit();
    }
  }

  void release_crashed() {
    std::vector<std::string> dead;
    {
      Statement running = prepare("running_workers");
      while (running.step()) {
        if (!context_.worker_alive(running.integer(1), running.text(2))) dead.push_back(running.text(0));
      }
    }
    WriteTransaction transaction(connection_, context_.log, board_.name);
    for (const std::string& task : dead) release(task, "worker crashed", "crashed", "crashed");
    finish(transaction, !dead.empty());
  }

  void promote() {
    WriteTransaction transaction(connection_, context_.log, board_.name);
    Statement query = prepare("promotable");
    const std::vector<std::string> tasks = texts(query);
    for (const std::string& task : tasks) {
      prepare("promote").bind(":id", task).run();
      event(task, "promoted");
      ++result_.promoted;
    }
    finish(transaction, !tasks.empty());
  }

  static void finish(WriteTransaction& transaction, bool wrote) {
    wrote ? transaction.commit() : transaction.commit_empty();
  }

  // The run that was opened for the claim, or nothing where somebody else has the task by now.
  std::optional<std::int64_t> claim(const std::string& task, const char* status, const std::string& writer) {
    WriteTransaction transaction(connection_, context_.log, board_.name);
    prepare("claim")
        .bind(":id", task)
        .bind(":status", status)
        .bind(":writer", writer)
        .bind(":now", context_.now_s)
        .bind(":expires", context_.now_s + static_cast<std::int64_t>(context_.settings.claim_ttl_s))
        .run();
    if (connection_.changes() == 0) return std::nullopt;
    prepare("insert_run").bind(":task", task).bind(":writer", writer).bind(":now", context_.now_s).run();
    const std::int64_t run = connection_.last_insert_rowid();
    prepare("set_run").bind(":id", task).bind(":run", run).run();
    event(task, "claimed", run);
    transaction.commit();
    return run;
  }

  bool spawn_one(const char* status) {
    Statement query = prepare("candidates");
    query.bind(":status", status);
    const std::vector<std::string> candidates = texts(query);
    if (candidates.empty()) return false;
    const std::string writer = context_.free_writer();
    if (writer.empty()) return false;
    for (const std::string& task : candidates) {
      const std::optional<std::int64_t> run = claim(task, status, writer);
      if (!run) continue;
      {
        WriteTransaction transaction(connection_, context_.log, board_.name);
        prepare("set_workspace").bind(":id", task).bind(":path", "workspaces/" + task).run();
        transaction.commit();
      }
      const std::int64_t pid = context_.spawn(board_, task, writer);
      ++result_.spawned;
      WriteTransaction transaction(connection_, context_.log, board_.name);
      prepare("set_worker_pid").bind(":id", task).bind(":pid", pid).run();
      event(task, "spawned", *run);
      transaction.commit();
      return true;
    }
    return false;
  }

  Connection& connection_;
  const Board& board_;
  const DispatchContext& context_;
  DispatchResult result_;
};

}  // namespace

DispatchResult dispatch_pass(Connection& connection, const Board& board, const DispatchContext& context) {
  return Pass(connection, board, context).run();
}

bool has_claim(Connection& connection, const std::string& task, const std::string& writer) {
  Statement query(connection, "claim_of", statement("claim_of"));
  query.bind(":id", task).bind(":writer", writer);
  return query.step();
}

}  // namespace walsoak::board
