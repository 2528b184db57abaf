// The ledgers and the library's identity in the words of docs/protocol.md.
#pragma once

#include <nlohmann/json.hpp>

#include "harness/boards/sqlite/api_ledger.h"
#include "harness/boards/sqlite/library.h"
#include "harness/boards/sqlite/vfs_ledger.h"

namespace walsoak::sqlite {

// {"opened": {actor: n}, "closed": {actor: n}}; actors at zero are left out.
nlohmann::ordered_json to_json(const ApiCounts& counts);
nlohmann::ordered_json to_json(const VfsCounts& counts);
// {"version", "source_id", "compile_options"}
nlohmann::ordered_json to_json(const Library& library);

}  // namespace walsoak::sqlite
