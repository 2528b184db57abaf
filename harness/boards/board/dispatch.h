// One dispatch pass over one board: reclaim, detect, promote, claim, spawn.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "harness/boards/board/acknowledgements.h"
#include "harness/boards/board/board.h"
#include "harness/boards/sqlite/connection.h"
#include "harness/model/vocabulary/settings.h"

namespace walsoak::board {

// What a pass needs from the process around it.
struct DispatchContext {
  std::int64_t now_s;  // the boards' time
  const Settings& settings;
  AcknowledgementLog& log;
  std::function<bool(std::int64_t pid, const std::string& writer)> worker_alive;
  // The name for the next worker, or "" while as many are alive as there may be.
  std::function<std::string()> free_writer;
  // Starts the worker of that name on a task; returns its pid. Throws.
  std::function<std::int64_t(const Board&, const std::string& task, const std::string& writer)> spawn;
};

struct DispatchResult {
  int released = 0;
  int promoted = 0;
  int spawned = 0;
};

// Spawns one worker at most. An idle pass holds two empty BEGIN IMMEDIATE/COMMIT, as in the field. Throws
// sqlite::Error with the transaction rolled back.
DispatchResult dispatch_pass(sqlite::Connection& connection, const Board& board,
                             const DispatchContext& context);

// Whether the task is still claimed by that worker. Throws sqlite::Error.
bool has_claim(sqlite::Connection& connection, const std::string& task, const std::string& writer);

}  // namespace walsoak::board
