// The Python frames of the calling thread, read from CPython's own structures where the interpreter gives no
// traceback dumper. Nothing is called in the interpreter, no lock is taken, nothing is allocated.
#pragma once

#include <cstddef>

#include "harness/field/preload/python/python_dump.h"

namespace walsoak::trace {

// Walks from the innermost frame outwards. Memory is read by process_vm_readv(2), so that a structure of an
// unexpected shape ends the walk instead of the program.
class PythonFrames {
 public:
  // `runtime` is the address of `_PyRuntime`, `thread_state` the calling thread's PyThreadState. Without
  // frames where the interpreter is not 3.13: the offsets that `_PyRuntime` begins with (_Py_DebugOffsets, in
  // Include/internal/pycore_runtime.h) are laid out anew in each minor version.
  PythonFrames(const void* runtime, const void* thread_state);

  // The next frame; its texts are UTF-8 and good until the next call. False at the end.
  bool next(PythonFrame* frame);

 private:
  struct Offsets {
    std::size_t current_frame;
    std::size_t previous, executable, instruction, owner;
    std::size_t file, name, line_table, first_line, code;
    std::size_t bytes_size, bytes_data;
    std::size_t text_state, text_length, text_ascii;
  };

  bool read_offsets(const void* runtime);
  bool read_code(const char* code, const char* instruction, PythonFrame* frame);
  std::size_t read_text(const void* object, char* text, std::size_t size) const;
  long read_line(const char* code, const char* instruction) const;

  Offsets offsets_{};
  const char* frame_ = nullptr;
  char file_[1024];
  char name_[256];
};

}  // namespace walsoak::trace
