#include "harness/boards/sqlite/library.h"

#include <sqlite3.h>

namespace walsoak::sqlite {

Library loaded_library() {
  Library library{sqlite3_libversion(), sqlite3_sourceid(), {}};
  for (int i = 0; const char* option = sqlite3_compileoption_get(i); ++i)
    library.compile_options.emplace_back(option);
  return library;
}

bool built_in() {
  return WALSOAK_SQLITE_BUILT_IN != 0;
}

}  // namespace walsoak::sqlite
