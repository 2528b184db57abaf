#include "harness/subject/gateway/gateway.h"

#include <sys/stat.h>

#include <filesystem>

namespace walsoak::subject {

using sqlite::Actor;
using sqlite::Affinity;

Gateway::Gateway(Settings settings, std::vector<board::Board> boards, sqlite::ApiLedger& ledger)
    : settings_(std::move(settings)),
      boards_(std::move(boards)),
      ledger_(ledger),
      connector_(settings_, ledger),
      declaration_(declaration_of(settings_.strategy)),
      disabled_(boards_.size()),
      vanished_(boards_.size()),
      executors_(settings_.pool_thread_life),
      strategy_(make_strategy(settings_.strategy, *this)) {
  connector_.leave_failed_to(
      [this](std::unique_ptr<sqlite::Connection> connection) { drop(std::move(connection)); });
}

bool Gateway::in_scope(Actor actor) const {
  switch (actor) {
    case Actor::dispatcher:
    case Actor::probe:
    case Actor::inside:  // looks as the dispatcher does
      return true;
    case Actor::triage:
    case Actor::notifier:
    case Actor::slash:
    case Actor::outside:
      return settings_.scope == Scope::process;
    default:
      return false;
  }
}

NamedThread& Gateway::thread_for(Actor actor, std::int64_t pool_index) {
  const bool dedicated = in_scope(actor) && declaration_.executor == Executor::dedicated;
  return dedicated ? executors_.dedicated() : executors_.pool(pool_index);
}

void Gateway::post(Actor actor, std::function<void()> work) {
  if (in_scope(actor) && declaration_.executor == Executor::dedicated) {
    executors_.dedicated().post(std::move(work));
  } else {
    executors_.post_to_pool(settings_.pool_threads, std::move(work));
  }
}

std::vector<board::Board> Gateway::listed() const {
  std::vector<board::Board> present;
  for (const board::Board& board : boards_) {
    struct stat facts {};
    if (::stat(board.path.c_str(), &facts) == 0) present.push_back(board);
  }
  return present;
}

void Gateway::forget_vanished() {
  for (const board::Board& board : boards_) {
    struct stat facts {};
    const bool gone = ::stat(board.path.c_str(), &facts) != 0;
    if (gone && !vanished_[board.index]) strategy_->forget(board);
    vanished_[board.index] = gone;
  }
}

bool Gateway::use(const board::Board& board, Actor actor, const Work& work) {
  const sqlite::ActorScope scope(actor);
  if (in_scope(actor)) return strategy_->use(board, actor, work);
  const bool drops = actor == Actor::triage && settings_.auto_decompose == AutoDecompose::unclosed;
  const Affinity affinity = drops ? Affinity::any_thread_close : Affinity::owner_thread;
  auto connection = connector_.connect(board, actor, affinity);
  if (drops) {
    // Dropped before the work, so that an error drops it too: `with connect() as conn:` never closes.
    sqlite::Connection& dropped = *connection;
    drop(std::move(connection));
    work(dropped);
    return true;
  }
  work(*connection);
  connection->close();
  return true;
}

void Gateway::open_held() {
  for (const board::Board& board : boards_) {
    held_.push_back(connector_.connect(board, Actor::held, Affinity::owner_thread));
    // A WAL connection takes its shared lock with its first read.
    held_.back()->value("held read", "SELECT count(*) FROM sqlite_master");
  }
}

void Gateway::begin_read(std::int64_t fault, const std::string& board) {
  for (const board::Board& known : boards_) {
    if (known.name != board) continue;
    auto reader = connector_.connect(known, Actor::held, Affinity::owner_thread);
    reader->execute("long reader", "BEGIN");
    reader->value("long reader", "SELECT count(*) FROM sqlite_master");
    readers_[fault] = std::move(reader);
  }
}

void Gateway::end_read(std::int64_t fault) {
  readers_.erase(fault);
}

std::size_t Gateway::collect() {
  std::vector<std::unique_ptr<sqlite::Connection>> freed;
  {
    const std::lock_guard lock(mutex_);
    freed.swap(dropped_);
  }
  const std::size_t count = freed.size();
  for (auto& connection : freed) connection.reset();  // in the order in which they were dropped
  return count;
}

void Gateway::close_everything(std::int64_t pool_index) {
  if (on_loop()) {
    strategy_->close_all();
  } else {
    thread_for(Actor::dispatcher, pool_index).run([this] { strategy_->close_all(); });
  }
  collect();
  for (sqlite3_stmt* statement : kept_) sqlite3_finalize(statement);
  kept_.clear();
  readers_.clear();
  held_.clear();
}

void Gateway::keep_statement(sqlite::Connection& connection) {
  sqlite3_stmt* statement = nullptr;
  // With a row to come, as a cursor that nobody reads to its end: one at its end would be finalized.
  if (sqlite3_prepare_v2(connection.handle(), "SELECT name FROM sqlite_master", -1, &statement, nullptr) !=
      SQLITE_OK) {
    connection.fail("kept statement");
  }
  sqlite3_step(statement);
  const std::lock_guard lock(mutex_);
  kept_.push_back(statement);
}

void Gateway::disable(const board::Board& board) {
  const Fingerprint now = fingerprint(board, FingerprintKind::mtime_size);
  const std::lock_guard lock(mutex_);
  disabled_[board.index] = now;
}

bool Gateway::disabled(const board::Board& board) {
  const Fingerprint now = fingerprint(board, FingerprintKind::mtime_size);
  const std::lock_guard lock(mutex_);
  std::optional<Fingerprint>& then = disabled_[board.index];
  if (then && *then != now) then.reset();
  return then.has_value();
}

std::unique_ptr<sqlite::Connection> Gateway::connect(const board::Board& board, Actor actor) {
  return connector_.connect(board, actor, declaration_.affinity);
}

void Gateway::drop(std::unique_ptr<sqlite::Connection> connection) {
  const std::lock_guard lock(mutex_);
  dropped_.push_back(std::move(connection));
}

void Gateway::waited(std::int64_t us) {
  ledger_.count_lock_wait(us);
}

Fingerprint Gateway::fingerprint(const board::Board& board, FingerprintKind kind) const {
  std::error_code missing;
  const std::filesystem::path resolved = std::filesystem::canonical(board.path, missing);
  struct stat facts {};
  if (missing || ::stat(resolved.c_str(), &facts) != 0) return {};
  if (kind == FingerprintKind::generation) {
    struct stat wal {};
    const bool there = ::stat((resolved.string() + "-wal").c_str(), &wal) == 0;
    return {resolved, static_cast<std::int64_t>(facts.st_ino),
            there ? static_cast<std::int64_t>(wal.st_ino) : 0};
  }
  if (kind == FingerprintKind::inode) {
    return {resolved, static_cast<std::int64_t>(facts.st_dev), static_cast<std::int64_t>(facts.st_ino)};
  }
  return {resolved, std::int64_t{facts.st_mtim.tv_sec} * 1000000000 + facts.st_mtim.tv_nsec, facts.st_size};
}

}  // namespace walsoak::subject
