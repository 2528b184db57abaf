#include "harness/boards/board/visits.h"

#include <utility>
#include <vector>

#include "harness/boards/board/statements.h"

namespace walsoak::board {

using sqlite::Connection;
using sqlite::Statement;

bool has_spawnable(Connection& connection) {
  return Statement(connection, "spawnable", statement("spawnable")).step();
}

std::int64_t list_triage(Connection& connection) {
  Statement query(connection, "triage", statement("triage"));
  std::int64_t tasks = 0;
  while (query.step()) ++tasks;
  return tasks;
}

std::int64_t poll_events(Connection& connection) {
  std::vector<std::pair<std::string, std::int64_t>> subscriptions;
  {
    Statement query(connection, "subscriptions", statement("subscriptions"));
    while (query.step()) subscriptions.emplace_back(query.text(1), query.integer(3));
  }
  std::int64_t unseen = 0;
  for (const auto& [task, last] : subscriptions) {
    Statement query(connection, "unseen_events", statement("unseen_events"));
    query.bind(":task", task).bind(":last", last);
    while (query.step()) ++unseen;
  }
  return unseen;
}

namespace {

std::int64_t rows_of(Connection& connection, const char* name) {
  Statement query(connection, name, statement(name));
  std::int64_t rows = 0;
  while (query.step()) ++rows;
  return rows;
}

}  // namespace

std::int64_t slash_add(Connection& connection, AcknowledgementLog& log, const std::string& board,
                       const std::string& task, std::int64_t now_s) {
  WriteTransaction transaction(connection, log, board);
  Statement(connection, "slash_add", statement("slash_add"))
      .bind(":id", task)
      .bind(":title", "slash " + task)
      .bind(":now", now_s)
      .run();
  transaction.commit();
  return rows_of(connection, "status_counts");
}

void outside_act(Connection& connection, AcknowledgementLog& log, const std::string& board, OutsideAct act,
                 const std::string& task, std::int64_t now_s) {
  WriteTransaction transaction(connection, log, board);
  switch (act) {
    case OutsideAct::add:
      Statement(connection, "outside_add", statement("outside_add"))
          .bind(":id", task)
          .bind(":title", "outside " + task)
          .bind(":now", now_s)
          .run();
      break;
    case OutsideAct::comment:
      Statement(connection, "outside_comment", statement("outside_comment"))
          .bind(":author", log.writer())
          .bind(":body", "a comment")
          .bind(":now", now_s)
          .run();
      break;
    case OutsideAct::finish:
      Statement(connection, "outside_finish", statement("outside_finish"))
          .bind(":now", now_s)
          .bind(":result", "done by " + log.writer())
          .run();
      break;
  }
  transaction.commit();
}

std::int64_t poll_dashboard(Connection& connection) {
  rows_of(connection, "status_counts");
  return rows_of(connection, "recent_events");
}

void worker_visit(Connection& connection, AcknowledgementLog& log, const std::string& board,
                  const std::string& task, WorkerOperation operation, std::int64_t now_s,
                  const Settings& settings) {
  WriteTransaction transaction(connection, log, board);
  if (operation == WorkerOperation::complete) {
    Statement(connection, "worker_complete", statement("worker_complete"))
        .bind(":id", task)
        .bind(":writer", log.writer())
        .bind(":now", now_s)
        .bind(":result", "done by " + log.writer())
        .run();
  } else {
    const char* const name = operation == WorkerOperation::claim ? "worker_claim" : "worker_heartbeat";
    Statement(connection, name, statement(name))
        .bind(":id", task)
        .bind(":writer", log.writer())
        .bind(":now", now_s)
        .bind(":expires", now_s + static_cast<std::int64_t>(settings.claim_ttl_s))
        .run();
  }
  Statement(connection, "worker_comment", statement("worker_comment"))
      .bind(":task", task)
      .bind(":author", log.writer())
      .bind(":body", "progress")
      .bind(":now", now_s)
      .run();
  transaction.commit();
}

}  // namespace walsoak::board
