#include "harness/subject/checker/look.h"

#include "harness/base/os/run_folder.h"

namespace walsoak::checker {
namespace {

namespace fs = std::filesystem;

// Main file first, as a backup tool would see it; nobody writes at the end, and a live board without a -wal
// has no writer at work either.
std::string copy_bytes(const board::Board& board, const fs::path& folder) {
  const os::RunFolder run = os::RunFolder::containing(folder);
  run.make_folder(folder);
  const fs::path target = run.inside(folder / fs::path(board.path).filename());
  fs::remove(target.string() + "-shm");  // of an earlier copy, if that could not be read
  for (const char* suffix : {"", "-wal", "-journal"}) {
    fs::remove(target.string() + suffix);
    if (fs::exists(board.path + suffix)) fs::copy_file(board.path + suffix, target.string() + suffix);
  }
  return target;
}

sqlite::Connection::Options checker_options(int flags) {
  sqlite::Connection::Options options;
  options.actor = sqlite::Actor::checker;
  options.flags = flags;
  return options;
}

// A file name as the path of a URI: what has a meaning there is escaped.
std::string read_only_uri(const std::string& path) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      uri += '%';
      uri += kHex[static_cast<unsigned char>(c) >> 4];
      uri += kHex[static_cast<unsigned char>(c) & 15];
    } else {
      uri += c;
    }
  }
  return uri + "?mode=ro";
}

}  // namespace

Look look_at_copy(const board::Board& board, const fs::path& scratch) {
  sqlite::ApiLedger ledger;
  const std::string copy = copy_bytes(board, scratch / board.name);
  sqlite::Connection connection(copy, checker_options(SQLITE_OPEN_READWRITE), ledger);
  return {board::read_acknowledged_rows(connection), "byte copy"};
}

Look look_outside(const board::Board& board, const fs::path& scratch) {
  if (!fs::exists(board.path + "-wal")) return look_at_copy(board, scratch);
  sqlite::ApiLedger ledger;
  sqlite::Connection connection(board.path, read_only_uri(board.path),
                                checker_options(SQLITE_OPEN_READONLY | SQLITE_OPEN_URI), ledger);
  return {board::read_acknowledged_rows(connection), "mode=ro"};
}

BoardCopy::BoardCopy(const board::Board& board, const fs::path& folder)
    : connection_(copy_bytes(board, folder), checker_options(SQLITE_OPEN_READWRITE), ledger_) {}

std::string BoardCopy::integrity() {
  const std::string answer = connection_.value("integrity_check", "PRAGMA integrity_check");
  return answer.substr(0, answer.find('\n'));
}

board::AcknowledgedRows BoardCopy::rows() {
  return board::read_acknowledged_rows(connection_);
}

}  // namespace walsoak::checker
