// CPython's traceback dumper in this process, found by name.
#pragma once

namespace walsoak::trace {

struct PythonDumper {
  void (*dump)(int fd, void* thread_state);  // _Py_DumpTraceback; nullptr: there is none
  void* (*this_thread)();                    // PyGILState_GetThisThreadState
};

// 3.11 and 3.12 export the dumper; in 3.9, 3.10 and 3.13 it is a hidden symbol, looked up in the symbol table
// of the interpreter's file where that was not stripped. Looked for once in each interpreter.
PythonDumper python_dumper();

}  // namespace walsoak::trace
