// The event loop of the subject: messages in, answers out.
#pragma once

#include "harness/protocol/channel.h"

namespace walsoak::subject {

// Says hello, carries out what it is told until `stop` or end-of-file; returns the process's exit code (0
// after a stop, 4 where the stream ended without one). Throws std::exception on a broken conversation.
int converse(protocol::Channel& channel);

// What this program offers: strategies with their declarations, capabilities, and its SQLite.
protocol::Message describe();

}  // namespace walsoak::subject
