#include "harness/boards/board/acknowledgements.h"

#include <fmt/format.h>

#include "harness/base/os/run_folder.h"
#include "harness/boards/board/statements.h"

namespace walsoak::board {

AcknowledgementLog::AcknowledgementLog(const std::string& folder, std::string writer)
    : writer_(std::move(writer)) {
  const os::RunFolder run = os::RunFolder::containing(folder);
  file_ = run.open_for_append(std::filesystem::path(folder) / (writer_ + ".log"));
}

void AcknowledgementLog::append(const std::string& board, std::int64_t seq) {
  const std::string line = fmt::format("{} {} {}\n", board, writer_, seq);
  os::write_all(file_.get(), line.data(), line.size());
}

WriteTransaction::WriteTransaction(sqlite::Connection& connection, AcknowledgementLog& log, std::string board)
    : connection_(connection), log_(log), board_(std::move(board)) {
  connection_.execute("BEGIN IMMEDIATE", "BEGIN IMMEDIATE");
}

WriteTransaction::~WriteTransaction() {
  // Some errors have rolled back already; a rollback that fails as well has nothing to add to the first
  // error.
  if (connection_.in_transaction()) sqlite3_exec(connection_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void WriteTransaction::commit() {
  const std::int64_t seq = log_.next(board_);
  sqlite::Statement(connection_, "acknowledge", statement("acknowledge"))
      .bind(":writer", log_.writer())
      .bind(":seq", seq)
      .run();
  connection_.execute("COMMIT", "COMMIT");
  connection_.committed();  // where it throws, the writer sees a failure and acknowledges nothing
  log_.append(board_, seq);
}

void WriteTransaction::commit_empty() {
  connection_.execute("COMMIT", "COMMIT");
  connection_.committed();
}

AcknowledgedRows read_acknowledged_rows(sqlite::Connection& connection) {
  AcknowledgedRows rows;
  sqlite::Statement query(connection, "acknowledged_rows", statement("acknowledged_rows"));
  while (query.step()) {
    auto& ranges = rows[query.text(0)];
    const std::int64_t seq = query.integer(1);
    if (!ranges.empty() && ranges.back().second + 1 == seq) {
      ranges.back().second = seq;
    } else {
      ranges.emplace_back(seq, seq);
    }
  }
  return rows;
}

}  // namespace walsoak::board
