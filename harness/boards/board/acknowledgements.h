// Acknowledged writes: every write transaction carries a row (writer, seq) that nobody updates or deletes,
// and after COMMIT has returned its writer appends the same to a log of its own. What the log has and the
// database has not was lost.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/os/descriptor.h"
#include "harness/boards/sqlite/connection.h"

namespace walsoak::board {

// The log of one writer. Used by one thread at a time.
class AcknowledgementLog {
 public:
  // Opens `<folder>/<writer>.log` for appending, inside a run folder only. Throws.
  AcknowledgementLog(const std::string& folder, std::string writer);

  // The next sequence number on a board. A number is used once: a transaction that fails leaves a gap.
  std::int64_t next(const std::string& board) { return ++last_[board]; }
  // One write(2), after COMMIT has returned. Throws std::system_error.
  void append(const std::string& board, std::int64_t seq);
  const std::string& writer() const { return writer_; }

 private:
  std::string writer_;
  os::Descriptor file_;
  std::map<std::string, std::int64_t> last_;
};

// BEGIN IMMEDIATE ... COMMIT with its acknowledgement; rolled back where it is left without commit.
class WriteTransaction {
 public:
  // `name` stands in errors. Throws sqlite::Error.
  WriteTransaction(sqlite::Connection& connection, AcknowledgementLog& log, std::string board);
  ~WriteTransaction();
  WriteTransaction(const WriteTransaction&) = delete;
  WriteTransaction& operator=(const WriteTransaction&) = delete;

  // Inserts the acknowledgement row, commits, appends to the log.
  void commit();
  // COMMIT of a transaction that wrote nothing: there is nothing to acknowledge.
  void commit_empty();

 private:
  sqlite::Connection& connection_;
  AcknowledgementLog& log_;
  std::string board_;
};

// Closed ranges of sequence numbers by writer.
using AcknowledgedRows = std::map<std::string, std::vector<std::pair<std::int64_t, std::int64_t>>>;

// The rows of the acknowledgement table. Throws sqlite::Error.
AcknowledgedRows read_acknowledged_rows(sqlite::Connection& connection);

}  // namespace walsoak::board
