// The lines of the script that this thread runs, in PHP, Ruby and Perl (CPython: python/). Each interpreter
// is asked by functions that it exports, or read where it exports none; nothing is allocated in it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "harness/field/preload/json_text.h"

namespace walsoak::trace {

// Looks for the interpreters that are loaded. Takes the dynamic linker's lock.
void look_for_script_lines();

// Adds "script": [{"file", "line"}], innermost first (of PHP that one alone), with "function" where the
// interpreter tells one. Nothing is added where no line of a script runs on this thread.
void add_script(JsonText& json);

bool in_script();

// The first address of Ruby's library; 0: there is none, or this is no thread of Ruby's.
std::uintptr_t ruby_object();

struct ScriptLine {
  char file[512];
  long line;
  char function[128];  // empty: unknown
};

// A Perl interpreter, for script_line.cc.
struct Perl {
  const char* state;
  const void* nextstate;                                               // Perl_pp_nextstate
  const char* (*context)(const char* state, int level, const char**);  // Perl_caller_cx
};
// Returns how many lines it has filled, at most `most`.
int read_perl_lines(const Perl& perl, ScriptLine* lines, int most);

}  // namespace walsoak::trace
