// The first message of every process of a cell.
#pragma once

#include <string_view>

#include "harness/protocol/message.h"

namespace walsoak::protocol {

// A hello with role, program, pid, start time and the SQLite that this process runs on (an object with
// version, source_id and compile_options).
Message hello(std::string_view role, std::string_view program, const Message& sqlite);

}  // namespace walsoak::protocol
