// Names of SQLite's result codes (sqlite.org/rescode.html).
#pragma once

#include <cstdint>
#include <string>

namespace walsoak::trace {

// "522 SQLITE_IOERR_SHORT_READ"; of an extended code without a name here, the primary one's: "9994
// SQLITE_IOERR".
std::string code_text(std::int64_t code);

}  // namespace walsoak::trace
