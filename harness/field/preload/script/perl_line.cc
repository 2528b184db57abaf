#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdint>

#include "harness/field/preload/script/script_line.h"

namespace walsoak::trace {
namespace {

// Perl with threads, as distributions build it: the statement that runs (PL_curcop) is a pointer in the
// interpreter, in another place in each version. It is found by what it points to: an operation `nextstate`.
constexpr std::size_t kFirst = 16;  // behind PL_stack_sp and PL_op
constexpr std::size_t kLast = 1024;
// struct cop, since 5.22: op_next, op_sibparent, op_ppaddr, op_targ, flags; line, stash, file (cop.h, op.h).
constexpr std::size_t kFunction = 16;
constexpr std::size_t kLine = 36;
constexpr std::size_t kFile = 48;

// False where that memory cannot be read: the pointer was none.
bool read_memory(const void* from, void* to, std::size_t size) {
  iovec local{to, size};
  iovec remote{const_cast<void*>(from), size};
  return syscall(SYS_process_vm_readv, getpid(), &local, 1UL, &remote, 1UL, 0UL) == static_cast<long>(size);
}

}  // namespace

bool read_perl_line(const char* interpreter, const void* nextstate, ScriptLine* line) {
  const char* words[kLast / sizeof(void*)];
  if (!read_memory(interpreter, words, sizeof words)) return false;
  for (std::size_t i = kFirst / sizeof(void*); i < kLast / sizeof(void*); ++i) {
    const void* function = nullptr;
    if (words[i] == nullptr || !read_memory(words[i] + kFunction, &function, sizeof function)) continue;
    if (function != nextstate) continue;
    std::uint32_t number = 0;
    const char* file = nullptr;
    if (!read_memory(words[i] + kLine, &number, sizeof number) ||
        !read_memory(words[i] + kFile, &file, sizeof file)) {
      return false;
    }
    line->line = number;
    line->function = nullptr;
    // A path may lie at the end of what can be read.
    std::size_t length = 0;
    while (length + 1 < sizeof line->file && read_memory(file + length, line->file + length, 1) &&
           line->file[length] != '\0') {
      ++length;
    }
    line->file[length] = '\0';
    return length > 0 && number > 0;
  }
  return false;
}

}  // namespace walsoak::trace
