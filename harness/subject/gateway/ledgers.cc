// The subject's own two ledgers, as its answer to the step `ledger`.
#include "harness/boards/sqlite/ledger_json.h"
#include "harness/subject/gateway/steps.h"

namespace walsoak::subject {

void add_ledgers(protocol::Message& answer, const StepContext& context) {
  answer["api"] = protocol::Message::object();
  answer["vfs"] = protocol::Message::object();
  for (const board::Board& board : context.gateway.boards()) {
    answer["api"][board.name] = sqlite::to_json(context.api.counts(board.path));
    answer["vfs"][board.name] = sqlite::to_json(context.vfs.of(board.path));
    if (const int guards = context.gateway.connector().guards(board.path); guards > 0) {
      answer["guards"][board.name] = guards;
    }
  }
  answer["affinity_errors"] = context.api.affinity_errors();
  answer["lock_wait_us"] = context.api.lock_wait_us();
}

}  // namespace walsoak::subject
