// The path of a database from the argument of sqlite3_open*(), where SQLite itself cannot be asked. Pure, but
// for the working directory.
#pragma once

#include <cstddef>

namespace walsoak::trace {

// Absolute, without the parts of a URI (sqlite.org/uri.html) but the path. False for a database in memory and
// where it does not fit.
bool path_of_argument(const char* argument, char* path, std::size_t size);

// The same text as UTF-8, cut where it does not fit. Pairs of surrogates become question marks.
void utf8_of_utf16(const void* text, char* utf8, std::size_t size);

}  // namespace walsoak::trace
