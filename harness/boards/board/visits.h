// What everybody but the dispatcher does on a board: the readers of the gateway, and the worker.
#pragma once

#include <cstdint>
#include <string>

#include "harness/boards/board/acknowledgements.h"
#include "harness/boards/sqlite/connection.h"
#include "harness/model/vocabulary/settings.h"

namespace walsoak::board {

// The health probe: is there a ready or review task that could be spawned?
bool has_spawnable(sqlite::Connection& connection);
// The triage listing; returns the number of tasks in triage.
std::int64_t list_triage(sqlite::Connection& connection);
// The notifier's poll: subscriptions and their unseen events; returns the number of events.
std::int64_t poll_events(sqlite::Connection& connection);

// A slash command: adds a ready task in a transaction of its own, and lists the tasks by status; returns how
// many statuses there are.
std::int64_t slash_add(sqlite::Connection& connection, AcknowledgementLog& log, const std::string& board,
                       const std::string& task, std::int64_t now_s);
// One act of an outside writer in a transaction of its own. `task` is the id of a task to add.
void outside_act(sqlite::Connection& connection, AcknowledgementLog& log, const std::string& board,
                 OutsideAct act, const std::string& task, std::int64_t now_s);
// A dashboard's poll: tasks by status and the latest events; returns the number of events.
std::int64_t poll_dashboard(sqlite::Connection& connection);

enum class WorkerOperation { claim, heartbeat, complete };

// One visit of a worker: one transaction of kVisitStatements statements.
void worker_visit(sqlite::Connection& connection, AcknowledgementLog& log, const std::string& board,
                  const std::string& task, WorkerOperation operation, std::int64_t now_s,
                  const Settings& settings);

}  // namespace walsoak::board
