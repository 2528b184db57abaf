// The steps of a subject: each does one act over the boards and says what came of it (docs/protocol.md).
#pragma once

#include "harness/board/acknowledgements.h"
#include "harness/protocol/message.h"
#include "harness/sqlite/api_ledger.h"
#include "harness/sqlite/vfs_ledger.h"
#include "harness/subject/gateway.h"
#include "harness/subject/spawner.h"

namespace walsoak::subject {

struct StepContext {
  Gateway& gateway;
  Spawner& spawner;
  board::AcknowledgementLog& log;
  sqlite::ApiLedger& api;
  sqlite::VfsLedger& vfs;
};

// Carries out the step of the message and returns its `done`. Errors on a board stand in the answer; only an
// unknown step or a broken message throws (std::exception).
protocol::Message carry_out(const StepContext& context, const protocol::Message& step);

// The `api` and `vfs` members of a ledger answer.
void add_ledgers(protocol::Message& answer, const StepContext& context);

}  // namespace walsoak::subject
