// The life of a worker: hello, its cell, visit by visit, bye.
#pragma once

#include <string>

#include "harness/boards/board/board.h"
#include "harness/protocol/channel.h"

namespace walsoak::worker {

struct Assignment {
  board::Board board{};
  std::string task;
  std::string writer;
};

// Returns the exit code: 0 after its last visit or a stop. At end-of-file the observer is gone: 4. Throws
// std::exception on a broken conversation.
int converse(protocol::Channel& channel, const Assignment& assignment);

}  // namespace walsoak::worker
