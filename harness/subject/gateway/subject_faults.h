// The faults that only the process itself can suffer: of its VFS, of its connects, a reader
// that stays, a child that it forks.
#pragma once

#include "harness/protocol/message.h"
#include "harness/subject/gateway/steps.h"

namespace walsoak::subject {

// Begins or ends what a step `fault` says (docs/protocol.md). A long reader is opened and closed by the
// calling thread. Throws sqlite::Error, board::AppError, or std::invalid_argument for a fault that is not
// known here.
void carry_out_fault(const StepContext& context, const protocol::Message& step);

}  // namespace walsoak::subject
