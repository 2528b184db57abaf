// The line of the script that this thread runs, in PHP, Ruby and Perl (CPython: python/). Each interpreter is
// asked by functions that it exports, or read where it exports none; nothing is allocated in it.
#pragma once

#include <cstddef>

#include "harness/field/preload/json_text.h"

namespace walsoak::trace {

// Looks for the interpreters that are loaded. Takes the dynamic linker's lock.
void look_for_script_lines();

// Adds "script": [{"file", "line"}], of one item, with "function" where the interpreter tells one. Nothing is
// added where no line of a script runs on this thread.
void add_script(JsonText& json);

bool in_script();

// Fills `line` from a Perl interpreter; here for script_line.cc.
struct ScriptLine {
  char file[1024];
  long line;
  const char* function;  // nullptr: not told
};
bool read_perl_line(const char* interpreter, const void* nextstate, ScriptLine* line);

}  // namespace walsoak::trace
