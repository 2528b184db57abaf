// Where calls are led through this library that the dynamic linker would not bind to it: SQLite's functions,
// none of which the library exports, and the C library's functions in objects that are loaded with
// RTLD_DEEPBIND. Each loaded object keeps the addresses of functions of other objects in slots, and the slots
// are changed.
#pragma once

namespace walsoak::trace {

// Changes the slots of objects that were loaded since the last call. A slot is changed only where the
// function that it leads to is certain: what cannot be told stays as the dynamic linker made it. Takes the
// dynamic linker's lock, so it is called only where the program asks for that lock itself (dlsym()) and at
// the start.
void bind_new_objects();

// The function that dlsym(handle, name) is to return for one of SQLite's, asked for from `caller`. nullptr:
// what the real dlsym() gives.
void* bound_by_handle(void* handle, const char* name, const void* caller);

}  // namespace walsoak::trace
