// The acknowledgement logs of a cell, as a check of its own: what the writers know to be committed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/protocol/message.h"

namespace walsoak::lab {

// The `boards` member of an `acknowledged` check: for each board the sequence numbers of each writer as
// closed ranges. A line without its newline is left out: a write(2) that was cut short does not say its
// number. Throws std::system_error.
protocol::Message read_acknowledged(const std::filesystem::path& folder,
                                    const std::vector<std::string>& boards);

}  // namespace walsoak::lab
