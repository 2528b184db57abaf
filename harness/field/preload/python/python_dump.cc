#include "harness/field/preload/python/python_dump.h"

#include <stdlib.h>
#include <string.h>

namespace walsoak::trace {
namespace {

constexpr char kOpening[] = "  File \"";
constexpr char kMiddle[] = "\", line ";
constexpr char kIn[] = " in ";

// The last occurrence of `what` between two places, or nullptr: a file's name may hold anything.
const char* last_of(const char* from, const char* to, const char* what) {
  const std::size_t length = strlen(what);
  for (const char* at = to - length; at >= from; --at) {
    if (strncmp(at, what, length) == 0) return at;
  }
  return nullptr;
}

bool frame_of(const char* line, const char* end, PythonFrame* frame) {
  const std::size_t opening = sizeof kOpening - 1;
  if (end - line < static_cast<std::ptrdiff_t>(opening) || strncmp(line, kOpening, opening) != 0) {
    return false;
  }
  frame->file = line + opening;
  const char* const middle = last_of(frame->file, end, kMiddle);
  if (middle == nullptr) return false;
  frame->file_length = static_cast<std::size_t>(middle - frame->file);
  char* after = nullptr;
  frame->line = strtol(middle + sizeof kMiddle - 1, &after, 10);
  const std::size_t in = sizeof kIn - 1;
  if (end - after < static_cast<std::ptrdiff_t>(in) || strncmp(after, kIn, in) != 0) return false;
  frame->function = after + in;
  frame->function_length = static_cast<std::size_t>(end - frame->function);
  return true;
}

}  // namespace

bool next_frame(const char** at, PythonFrame* frame) {
  while (**at != '\0') {
    const char* const line = *at;
    const char* const newline = strchr(line, '\n');
    const char* const end = newline == nullptr ? line + strlen(line) : newline;
    *at = newline == nullptr ? end : newline + 1;
    if (frame_of(line, end, frame)) return true;
  }
  return false;
}

}  // namespace walsoak::trace
