// Which SQLite this process runs on: the library loaded, not the header compiled against.
#pragma once

#include <string>
#include <vector>

namespace walsoak::sqlite {

struct Library {
  std::string version;
  std::string source_id;
  std::vector<std::string> compile_options;
};

Library loaded_library();

// Whether SQLite was built into this program (-DWALSOAK_SQLITE=...): then no role can be given another one.
bool built_in();

}  // namespace walsoak::sqlite
