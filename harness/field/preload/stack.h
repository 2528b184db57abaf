// Where a call came from: the C stack of this thread and, in CPython, the Python one.
#pragma once

#include "harness/field/preload/json_text.h"

namespace walsoak::trace {

// Adds "stack": [{"module", "offset", "symbol"}], innermost first, without this library's own frames. Offsets
// are from where the module was loaded, as addr2line takes them; a symbol stands only where one is exported.
void add_stack(JsonText& json);

// Adds "python": [{"file", "line", "function"}], innermost first. The dumper (that of faulthandler) needs no
// interpreter lock: close() is called without it. Nothing is added in another program, on a thread without
// Python, or where the interpreter hides its dumper and was stripped too.
void add_python(JsonText& json);

// All of it, and the line of a script in another language (script/).
void add_place(JsonText& json);

}  // namespace walsoak::trace
