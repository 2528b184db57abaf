// The steps of the checker: seed, outside, final (docs/protocol.md).
#pragma once

#include "harness/protocol/channel.h"

namespace walsoak::checker {

// Serves until `stop` (returns 0) or end-of-file (4). Throws std::exception on a broken conversation.
int converse(protocol::Channel& channel);

}  // namespace walsoak::checker
