// The steps of a subject: each does one act over the boards and says what came of it (docs/protocol.md).
#pragma once

#include <map>
#include <optional>
#include <string>

#include "harness/boards/board/acknowledgements.h"
#include "harness/boards/sqlite/api_ledger.h"
#include "harness/boards/sqlite/vfs_ledger.h"
#include "harness/protocol/message.h"
#include "harness/subject/gateway/forked_child.h"
#include "harness/subject/gateway/gateway.h"
#include "harness/subject/gateway/spawner.h"

namespace walsoak::subject {

struct StepContext {
  Gateway& gateway;
  Spawner& spawner;
  board::AcknowledgementLog& log;
  board::AcknowledgementLog& slash_log;           // of the slash commands, which overlap with the dispatcher
  std::string acknowledgements;                   // the folder of the logs
  std::map<std::int64_t, ForkedChild>& children;  // by the number of the fault that forked them
  sqlite::ApiLedger& api;
  sqlite::VfsLedger& vfs;
};

// Whose step it is, and so where it runs; nothing for one that the event loop answers itself. Throws
// std::invalid_argument for an unknown step.
std::optional<sqlite::Actor> actor_of(const std::string& step);

// What the step does, on the thread that calls: the content of its `done`, without `id` and latency. Errors
// on a board stand in it; only a broken message throws (std::exception).
protocol::Message act(const StepContext& context, const protocol::Message& step);

// Lockstep: carries out the step on the thread that it names, and returns its `done`. Throws as the two
// above.
protocol::Message carry_out(const StepContext& context, const protocol::Message& step);

// The `api` and `vfs` members of a ledger answer.
void add_ledgers(protocol::Message& answer, const StepContext& context);

}  // namespace walsoak::subject
