// The functions of the C library that this library stands in front of, by name.
#pragma once

namespace walsoak::trace {

// This library's; nullptr where it stands in front of no function of that name.
void* own_function(const char* name);
// What stands behind it.
void* real_function(const char* name);

}  // namespace walsoak::trace
