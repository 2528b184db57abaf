// Whether an interpreter is at its end, and frees what the program has left open.
#pragma once

namespace walsoak::trace {

// Looks for the interpreters that are loaded: CPython, PHP, Ruby, Perl.
void look_for_interpreters();

// Whether the interpreter frees objects as it exits, on this thread. Handlers of the program that run at exit
// (atexit and the like) are the program's own.
bool frees_at_exit();

}  // namespace walsoak::trace
