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
// blk_oldcop of struct context (cop.h): in one of these places, by version.
constexpr std::size_t kCallers[] = {16, 24};

// False where that memory cannot be read: the pointer was none.
bool read_memory(const void* from, void* to, std::size_t size) {
  iovec local{to, size};
  iovec remote{const_cast<void*>(from), size};
  return syscall(SYS_process_vm_readv, getpid(), &local, 1UL, &remote, 1UL, 0UL) == static_cast<long>(size);
}

bool read_text(const char* from, char* text, std::size_t size) {
  // A path may lie at the end of what can be read.
  std::size_t length = 0;
  while (length + 1 < size && read_memory(from + length, text + length, 1) && text[length] != '\0') ++length;
  text[length] = '\0';
  return length > 0;
}

bool is_statement(const char* operation, const void* nextstate) {
  const void* function = nullptr;
  return operation != nullptr && read_memory(operation + kFunction, &function, sizeof function) &&
         function == nextstate;
}

// The statement that called the subroutine of this context; nullptr: none.
const char* caller_of(const char* context, const void* nextstate) {
  for (const std::size_t place : kCallers) {
    const char* statement = nullptr;
    if (read_memory(context + place, &statement, sizeof statement) && is_statement(statement, nextstate)) {
      return statement;
    }
  }
  return nullptr;
}

bool read_statement(const char* statement, ScriptLine* line) {
  std::uint32_t number = 0;
  const char* file = nullptr;
  if (!read_memory(statement + kLine, &number, sizeof number) ||
      !read_memory(statement + kFile, &file, sizeof file)) {
    return false;
  }
  line->line = number;
  line->function[0] = '\0';
  return number > 0 && read_text(file, line->file, sizeof line->file);
}

}  // namespace

int read_perl_lines(const Perl& perl, ScriptLine* lines, int most) {
  const char* words[kLast / sizeof(void*)];
  int found = 0;
  if (!read_memory(perl.state, words, sizeof words)) return 0;
  for (std::size_t i = kFirst / sizeof(void*); i < kLast / sizeof(void*) && found == 0; ++i) {
    if (!is_statement(words[i], perl.nextstate)) continue;
    if (!read_statement(words[i], &lines[0])) return 0;
    found = 1;
  }
  // From where each subroutine was called.
  for (int level = 0; found > 0 && found < most; ++level) {
    const char* const context = perl.context(perl.state, level, nullptr);
    const char* const statement = context == nullptr ? nullptr : caller_of(context, perl.nextstate);
    if (statement == nullptr || !read_statement(statement, &lines[found])) break;
    ++found;
  }
  return found;
}

}  // namespace walsoak::trace
