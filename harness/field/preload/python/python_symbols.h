// CPython's traceback dumper in this process, found by name, and where its structures are read without one.
#pragma once

namespace walsoak::trace {

struct PythonDumper {
  void (*dump)(int fd, void* thread_state);  // _Py_DumpTraceback; nullptr: there is none
  void* (*this_thread)();                    // PyGILState_GetThisThreadState; nullptr: no CPython here
  const void* runtime;                       // _PyRuntime; nullptr: not exported
};

// 3.11 and 3.12 export the dumper; in 3.9, 3.10 and 3.13 it is a hidden symbol, looked up in the symbol table
// of the interpreter's file where that was not stripped (Debian 13 strips it: see python_frames.h). Looked
// for once in each interpreter.
PythonDumper python_dumper();

}  // namespace walsoak::trace
