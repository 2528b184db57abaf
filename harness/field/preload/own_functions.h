// The functions of the C library that this library replaces for the program, by name.
#pragma once

namespace walsoak::trace {

// This library's; nullptr where it replaces no function of that name.
void* own_function(const char* name);
// The C library's own.
void* real_function(const char* name);

}  // namespace walsoak::trace
