#include "harness/boards/sqlite/connection.h"

#include "harness/base/os/clock.h"

namespace walsoak::sqlite {

std::string_view name_of(Affinity affinity) {
  switch (affinity) {
    case Affinity::owner_thread:
      return "owner-thread";
    case Affinity::any_thread_close:
      return "any-thread-close";
    case Affinity::serialized:
      return "serialized";
  }
  return "";
}

Connection::Connection(std::string path, const std::string& name, const Options& options, ApiLedger& ledger)
    : path_(std::move(path)),
      actor_(options.actor),
      affinity_(options.affinity),
      owner_(std::this_thread::get_id()),
      ledger_(ledger) {
  const ActorScope scope(actor_);
  const int code = sqlite3_open_v2(name.c_str(), &handle_, options.flags, options.vfs);
  if (code != SQLITE_OK) {
    const Error error(handle_ != nullptr ? sqlite3_extended_errcode(handle_) : code, "open",
                      handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code));
    sqlite3_close_v2(handle_);
    throw error;
  }
  sqlite3_extended_result_codes(handle_, 1);
  sqlite3_busy_timeout(handle_, static_cast<int>(options.busy_timeout_ms));
  ledger_.count_open(path_, actor_);
}

Connection::~Connection() {
  shut();
}

Connection::Turn::Turn(Connection& connection) : connection_(connection) {
  if (connection_.affinity_ != Affinity::serialized) return;
  const std::int64_t begin_us = os::system_clock().monotonic_us();
  connection_.turn_.lock();
  connection_.ledger_.count_lock_wait(os::system_clock().monotonic_us() - begin_us);
  ++connection_.turns_;
  connection_.turn_of_ = std::this_thread::get_id();
}

Connection::Turn::~Turn() {
  if (connection_.affinity_ != Affinity::serialized) return;
  if (--connection_.turns_ == 0) connection_.turn_of_ = std::thread::id();
  connection_.turn_.unlock();
}

void Connection::close() {
  if (affinity_ != Affinity::any_thread_close) handle();
  shut();
}

void Connection::shut() {
  if (handle_ == nullptr) return;
  const ActorScope scope(actor_);  // a last close belongs to whoever opened the connection
  if (before_close_) before_close_(handle_);
  sqlite3_close_v2(handle_);
  handle_ = nullptr;
  ledger_.count_close(path_, actor_);
}

bool Connection::may_use() const {
  const std::thread::id caller = std::this_thread::get_id();
  return affinity_ == Affinity::serialized ? turn_of_ == caller : owner_ == caller;
}

sqlite3* Connection::handle() const {
  if (may_use()) return handle_;
  ledger_.count_affinity_error();
  throw AffinityError(path_ + ": a connection with affinity " + std::string(name_of(affinity_)) +
                      (affinity_ == Affinity::serialized ? " was used out of turn"
                                                         : " was used on a thread that did not open it"));
}

void Connection::fail(std::string_view where) const {
  throw Error(sqlite3_extended_errcode(handle_), std::string(where), sqlite3_errmsg(handle_));
}

void Connection::execute(std::string_view where, const char* sql) {
  const ActorScope scope(actor_);
  if (sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(where);
}

std::string Connection::value(std::string_view where, const char* sql) {
  Statement statement(*this, where, sql);
  return statement.step() ? statement.text(0) : std::string();
}

Statement::Statement(Connection& connection, std::string_view where, std::string_view sql)
    : connection_(connection), where_(where) {
  if (sqlite3_prepare_v2(connection.handle(), sql.data(), static_cast<int>(sql.size()), &statement_,
                         nullptr) != SQLITE_OK) {
    connection_.fail(where_);
  }
}

Statement::~Statement() {
  sqlite3_finalize(statement_);
}

int Statement::index_of(const char* parameter) const {
  const int index = sqlite3_bind_parameter_index(statement_, parameter);
  if (index == 0) throw Error(SQLITE_RANGE, where_, std::string("no parameter ") + parameter);
  return index;
}

Statement& Statement::bind(const char* parameter, std::int64_t value) {
  if (sqlite3_bind_int64(statement_, index_of(parameter), value) != SQLITE_OK) connection_.fail(where_);
  return *this;
}

Statement& Statement::bind(const char* parameter, std::string_view value) {
  if (sqlite3_bind_text(statement_, index_of(parameter), value.data(), static_cast<int>(value.size()),
                        SQLITE_TRANSIENT) != SQLITE_OK) {
    connection_.fail(where_);
  }
  return *this;
}

bool Statement::step() {
  connection_.handle();  // affinity
  const ActorScope scope(connection_.actor());
  switch (sqlite3_step(statement_)) {
    case SQLITE_ROW:
      return true;
    case SQLITE_DONE:
      return false;
    default:
      connection_.fail(where_);
  }
}

void Statement::run() {
  while (step()) {
  }
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string Statement::text(int column) const {
  const unsigned char* bytes = sqlite3_column_text(statement_, column);
  if (bytes == nullptr) return {};
  return {reinterpret_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

}  // namespace walsoak::sqlite
