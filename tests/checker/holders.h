// Boards that another process uses, for tests of looks from outside: each holder is a real process.
#pragma once

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <map>
#include <string>
#include <utility>

#include "harness/subject/checker/look.h"
#include "tests/board/boards.h"
#include "tests/os/file_locks.h"
#include "tests/os/forked_child.h"

namespace walsoak::checker {

// Opens the board, commits the rows `w0001 1..rows` and stays open until the process is ended, which closes
// nothing.
inline void hold(const board::Board& board, int rows) {
  static sqlite::ApiLedger ledger;
  auto* const connection = new sqlite::Connection(board.path, {}, ledger);
  for (int seq = 1; seq <= rows; ++seq) {
    connection->execute(
        "row", ("INSERT INTO acknowledgements VALUES ('w0001', " + std::to_string(seq) + ")").c_str());
  }
}

class LookTest : public testing::Test {
 protected:
  static board::AcknowledgedRows rows_to(std::int64_t last) { return {{"w0001", {{1, last}}}}; }
  std::filesystem::path scratch() const { return boards_.run().path() / "copies"; }

  // Names, inodes, sizes and times of modification of all that lies beside the board, but for the time of the
  // -shm: every reader marks there what it reads.
  static std::map<std::string, std::string> folder_of(const board::Board& board) {
    std::map<std::string, std::string> files;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(board.path).parent_path())) {
      struct stat facts {};
      ::stat(entry.path().c_str(), &facts);
      const std::string name = entry.path().filename();
      files[name] = std::to_string(facts.st_ino) + " " + std::to_string(facts.st_size);
      if (name.ends_with("-shm")) continue;
      files[name] += " " + std::to_string(facts.st_mtim.tv_sec) + "." + std::to_string(facts.st_mtim.tv_nsec);
    }
    return files;
  }

  tests::Boards boards_;
  board::Board board_ = boards_.seeded();
};

}  // namespace walsoak::checker
