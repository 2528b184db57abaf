#include "harness/boards/board/connect.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>

#include "harness/base/os/descriptor.h"
#include "harness/base/os/run_folder.h"
#include "harness/boards/board/board_flock.h"
#include "harness/boards/board/seed.h"
#include "harness/boards/board/statements.h"

namespace walsoak::board {
namespace {

constexpr std::string_view kMagic("SQLite format 3\0", 16);

[[noreturn]] void fail(const char* where, int error) {
  throw AppError(error == EMFILE ? "EMFILE" : "header", where, std::generic_category().message(error));
}

// 0 where there is no such file.
ino_t inode_of(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 ? facts.st_ino : 0;
}

}  // namespace

void check_header_raw(const std::string& path) {
  const os::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) fail("header check", errno);
  char header[64];
  const ssize_t got = ::read(file.get(), header, sizeof header);
  if (got < 0) fail("header check", errno);
  if (got > 0 && (got < 16 || std::memcmp(header, kMagic.data(), kMagic.size()) != 0)) {
    throw AppError(kNotADatabase, "header check", "file is not a database");
  }
}

bool Connector::opened_before(const std::string& path) {
  const std::lock_guard lock(mutex_);
  return opened_.contains(path);
}

void Connector::note_opened(const std::string& path) {
  const std::lock_guard lock(mutex_);
  opened_.insert(path);
}

void Connector::fail_initialisation(std::int64_t fault, const std::string& path, std::int64_t count) {
  const std::lock_guard lock(mutex_);
  failing_[fault] = {path, count};
}

void Connector::end_failing(std::int64_t fault) {
  const std::lock_guard lock(mutex_);
  failing_.erase(fault);
}

bool Connector::initialisation_fails(const std::string& path) {
  const std::lock_guard lock(mutex_);
  for (auto failing = failing_.begin(); failing != failing_.end(); ++failing) {
    auto& [fault, what] = *failing;
    if (!what.path.empty() && what.path != path) continue;
    if (what.left > 0 && --what.left == 0) failing_.erase(failing);
    return true;
  }
  return false;
}

std::unique_ptr<sqlite::Connection> Connector::connect(const Board& board, sqlite::Actor actor,
                                                       sqlite::Affinity affinity) {
  const bool first = !opened_before(board.path);
  // Nothing that walsoak did not make is ever opened read-write, however often it is tried.
  if (first) os::RunFolder::containing(board.path).inside(board.path);
  const HeaderCheckAt at = settings_.header_check_at;
  if (at == HeaderCheckAt::open || (at == HeaderCheckAt::first_open && first)) {
    check_header(board.path);
  }
  if (settings_.lock_guard != LockGuard::off) guards_.take(board.path, LockGuards::kSharedRange);
  sqlite::Connection::Options options;
  options.actor = actor;
  options.affinity = affinity;
  options.busy_timeout_ms = settings_.busy_timeout_ms;
  auto connection = std::make_unique<sqlite::Connection>(board.path, options, ledger_);
  if (at == HeaderCheckAt::commit) {
    connection->after_commit([this, path = board.path] { check_header(path); });
  }
  try {
    initialise(*connection, board.path, first);
  } catch (...) {
    if (settings_.on_init_failure == OnInitFailure::leak && failed_to_) failed_to_(std::move(connection));
    throw;
  }
  // initialise() has made SQLite map the -shm; rollback modes have none.
  if (settings_.lock_guard == LockGuard::both && inode_of(board.path + "-shm") != 0)
    guards_.take(board.path + "-shm", LockGuards::kShmDms);
  watch_generation(*connection);
  change_modes(board.path);
  return connection;
}

// How the field's guard sees that its -wal was deleted: its name leads to another file than at connect, or to
// none.
void Connector::watch_generation(sqlite::Connection& connection) const {
  if (settings_.close_checkpoint == CloseCheckpoint::on) return;
  connection.before_close([always_off = settings_.close_checkpoint == CloseCheckpoint::off,
                           wal = connection.path() + "-wal",
                           at_connect = inode_of(connection.path() + "-wal")](sqlite3* handle) {
    if (!always_off && inode_of(wal) == at_connect) return;
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  });
}

void Connector::change_modes(const std::string& path) const {
  if (settings_.mode_change == ModeChange::off) return;
  constexpr mode_t kOwnersAlone = 0600;
  for (const char* suffix : {"", "-wal", "-shm"}) {
    const std::string_view what(suffix);
    if (settings_.mode_change_of == ModeChangeOf::main && !what.empty()) continue;
    if (settings_.mode_change_of == ModeChangeOf::shm && what != "-shm") continue;
    const std::string file = path + suffix;
    if (settings_.mode_change == ModeChange::path) {
      if (::chmod(file.c_str(), kOwnersAlone) != 0 && errno != ENOENT) fail("chmod", errno);
      continue;
    }
    const os::Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!descriptor.valid()) {
      if (errno == ENOENT) continue;
      fail("fchmod", errno);
    }
    if (::fchmod(descriptor.get(), kOwnersAlone) != 0) fail("fchmod", errno);
  }
}

void Connector::check_header(const std::string& path) const {
  const bool refused = settings_.raw_open_registry == Switch::on && ledger_.counts(path).open() > 0;
  if (settings_.header_check == HeaderCheck::raw && !refused) check_header_raw(path);
  if (settings_.header_check == HeaderCheck::stat) {
    struct stat facts {};
    if (::stat(path.c_str(), &facts) != 0) fail("stat", errno);
  }
}

void Connector::initialise(sqlite::Connection& connection, const std::string& path, bool first) {
  const sqlite::Connection::Turn turn(connection);
  const bool locks = first && (settings_.flock == Flock::init || settings_.flock == Flock::both);
  const BoardFlock one_at_a_time(path, locks, kInitialisationPatience);
  if (initialisation_fails(path)) throw AppError("init", "connect", "initialisation failed (a fault)");

  const std::string wanted = journal_mode_name(settings_);
  const bool asks_first = settings_.wal_pragma == WalPragma::if_needed;
  if (!asks_first || connection.value("PRAGMA journal_mode", "PRAGMA journal_mode") != wanted) {
    connection.value("PRAGMA journal_mode", fmt::format("PRAGMA journal_mode={}", wanted).c_str());
  }
  connection.execute("PRAGMA synchronous",
                     fmt::format("PRAGMA synchronous={}", settings_.synchronous).c_str());
  connection.execute("PRAGMA foreign_keys", "PRAGMA foreign_keys=ON");
  connection.execute("PRAGMA wal_autocheckpoint",
                     fmt::format("PRAGMA wal_autocheckpoint={}", settings_.wal_autocheckpoint).c_str());
  if (settings_.journal_size_limit >= 0) {
    connection.value("PRAGMA journal_size_limit",
                     fmt::format("PRAGMA journal_size_limit={}", settings_.journal_size_limit).c_str());
  }
  if (first) {
    connection.execute("schema", statement("schema").c_str());
    note_opened(path);
  }
}

}  // namespace walsoak::board
