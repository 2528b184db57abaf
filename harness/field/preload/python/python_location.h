// Line numbers from CPython's location tables (`co_linetable`, 3.11 and later). Pure.
#pragma once

#include <cstddef>

namespace walsoak::trace {

// The line of the instruction `unit` (in code units of two bytes from the code's start), or 0 where the table
// gives none or ends before it. `first_line` is the code's co_firstlineno.
// Source: CPython, Objects/locations.md (3.11, 3.12) and InternalDocs/code_objects.md (3.13).
long line_of_unit(const unsigned char* table, std::size_t size, long first_line, long unit);

}  // namespace walsoak::trace
