// One idle dispatch pass over one board: connect, the pass of a dispatcher that finds nothing to do, close.
// Once as the subject does it, once as a bare loop over the very statements that this one was seen to run.
#pragma once

#include <string>
#include <vector>

#include "harness/boards/board/acknowledgements.h"
#include "harness/boards/board/connect.h"
#include "harness/model/vocabulary/settings.h"
#include "tests/board/boards.h"

namespace walsoak::benchmarks {

// Belongs to one thread. Every function throws on an error.
class IdlePass {
 public:
  // Seeds a board and passes over it until nothing is left to promote.
  IdlePass();

  // Through Connector, Connection and dispatch_pass, on the default VFS.
  void through_connection();
  // Through sqlite3_* alone, on the VFS of that name.
  void bare(const char* vfs) const;

  const Settings& settings() const { return settings_; }
  const tests::Boards& folder() const { return folder_; }
  const board::Board& board() const { return board_; }

 private:
  const Settings settings_ = tests::settings_with({{"workers", 0}});
  const tests::Boards folder_;
  const board::Board board_ = folder_.seeded("b01");
  sqlite::ApiLedger ledger_;
  board::Connector connector_{settings_, ledger_};
  board::AcknowledgementLog log_{folder_.acknowledgements(), "dispatcher"};
  std::vector<std::string> statements_;
};

// Makes a VFS the default one for a block.
class DefaultVfs {
 public:
  explicit DefaultVfs(const char* name);
  ~DefaultVfs();
  DefaultVfs(const DefaultVfs&) = delete;
  DefaultVfs& operator=(const DefaultVfs&) = delete;

 private:
  sqlite3_vfs* before_;
};

}  // namespace walsoak::benchmarks
