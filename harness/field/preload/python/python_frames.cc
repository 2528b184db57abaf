#include "harness/field/preload/python/python_frames.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdint>

#include "harness/field/preload/python/python_location.h"

namespace walsoak::trace {
namespace {

// _Py_DebugOffsets of 3.13, by number of the 8-byte word. Its first words: a cookie, the version as in
// PY_VERSION_HEX, and whether the interpreter was built without the lock.
constexpr char kCookie[] = "xdebugpy";
constexpr std::size_t kWords = 71;
constexpr std::size_t kVersion = 1;
constexpr std::size_t kFreeThreaded = 2;
constexpr std::size_t kCurrentFrame = 23;
constexpr std::size_t kPrevious = 29;
constexpr std::size_t kExecutable = 30;
constexpr std::size_t kInstruction = 31;
constexpr std::size_t kOwner = 33;
constexpr std::size_t kFile = 35;
constexpr std::size_t kName = 36;
constexpr std::size_t kLineTable = 38;
constexpr std::size_t kFirstLine = 39;
constexpr std::size_t kCode = 43;
constexpr std::size_t kBytesSize = 65;
constexpr std::size_t kBytesData = 66;
constexpr std::size_t kTextState = 68;
constexpr std::size_t kTextLength = 69;
constexpr std::size_t kTextAscii = 70;

constexpr std::uint64_t kMinorVersion = 0x030D;  // of PY_VERSION_HEX, its upper half
constexpr char kOwnedByCStack = 3;               // FRAME_OWNED_BY_CSTACK: an entry from C, no Python code
constexpr std::size_t kLargestTable = 1U << 16U;

// False where that memory cannot be read: the address was not what it was taken for.
bool read_memory(const void* from, void* to, std::size_t size) {
  iovec local{to, size};
  iovec remote{const_cast<void*>(from), size};
  const long got = syscall(SYS_process_vm_readv, getpid(), &local, 1UL, &remote, 1UL, 0UL);
  return got == static_cast<long>(size);
}

template <typename Value>
bool read_at(const char* object, std::size_t offset, Value* value) {
  return object != nullptr && read_memory(object + offset, value, sizeof *value);
}

std::size_t put_utf8(std::uint32_t point, char* to) {
  if (point < 0x80) {
    to[0] = static_cast<char>(point);
    return 1;
  }
  const std::size_t more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  const unsigned lead = more == 1 ? 0xC0U : more == 2 ? 0xE0U : 0xF0U;
  to[0] = static_cast<char>(lead | (point >> (6 * more)));
  for (std::size_t i = 1; i <= more; ++i)
    to[i] = static_cast<char>(0x80U | ((point >> (6 * (more - i))) & 0x3FU));
  return more + 1;
}

}  // namespace

PythonFrames::PythonFrames(const void* runtime, const void* thread_state) {
  if (!read_offsets(runtime)) return;
  read_at(static_cast<const char*>(thread_state), offsets_.current_frame, &frame_);
}

bool PythonFrames::read_offsets(const void* runtime) {
  std::uint64_t words[kWords];
  if (!read_memory(runtime, words, sizeof words)) return false;
  if (memcmp(words, kCookie, sizeof words[0]) != 0) return false;
  if (words[kVersion] >> 16U != kMinorVersion || words[kFreeThreaded] != 0) return false;
  offsets_ = {words[kCurrentFrame], words[kPrevious],   words[kExecutable], words[kInstruction],
              words[kOwner],        words[kFile],       words[kName],       words[kLineTable],
              words[kFirstLine],    words[kCode],       words[kBytesSize],  words[kBytesData],
              words[kTextState],    words[kTextLength], words[kTextAscii]};
  return true;
}

bool PythonFrames::next(PythonFrame* frame) {
  while (frame_ != nullptr) {
    const char* code = nullptr;
    const char* instruction = nullptr;
    const char* previous = nullptr;
    char owner = 0;
    const bool whole =
        read_at(frame_, offsets_.executable, &code) && read_at(frame_, offsets_.instruction, &instruction) &&
        read_at(frame_, offsets_.previous, &previous) && read_at(frame_, offsets_.owner, &owner);
    if (!whole) break;
    frame_ = previous;
    if (owner == kOwnedByCStack) continue;
    if (!read_code(code, instruction, frame)) break;
    return true;
  }
  frame_ = nullptr;
  return false;
}

bool PythonFrames::read_code(const char* code, const char* instruction, PythonFrame* frame) {
  const void* file = nullptr;
  const void* name = nullptr;
  if (!read_at(code, offsets_.file, &file) || !read_at(code, offsets_.name, &name)) return false;
  frame->file = file_;
  frame->file_length = read_text(file, file_, sizeof file_);
  frame->line = read_line(code, instruction);
  frame->function = name_;
  frame->function_length = read_text(name, name_, sizeof name_);
  return frame->file_length > 0 && frame->function_length > 0;
}

// A compact str object as UTF-8 (PEP 393): 1, 2 or 4 bytes a character behind the header, which is two words
// longer where the text is not all ASCII. Cut at the end of a character where it does not fit.
std::size_t PythonFrames::read_text(const void* object, char* text, std::size_t size) const {
  const char* const start = static_cast<const char*>(object);
  std::uint32_t state = 0;
  std::int64_t length = 0;
  if (!read_at(start, offsets_.text_state, &state) || !read_at(start, offsets_.text_length, &length))
    return 0;
  const std::size_t kind = (state >> 2U) & 7U;
  const bool compact = ((state >> 5U) & 1U) != 0;
  const bool ascii = ((state >> 6U) & 1U) != 0;
  if (!compact || length < 0 || (kind != 1 && kind != 2 && kind != 4)) return 0;
  const char* const characters = start + offsets_.text_ascii + (ascii ? 0 : 2 * sizeof(void*));
  std::size_t used = 0;
  for (std::int64_t i = 0; i < length && used + 4 <= size; ++i) {
    std::uint32_t point = 0;  // little-endian, as the only machines that this is built for
    if (!read_memory(characters + static_cast<std::size_t>(i) * kind, &point, kind)) return 0;
    used += put_utf8(point, text + used);
  }
  return used;
}

long PythonFrames::read_line(const char* code, const char* instruction) const {
  const char* table = nullptr;
  int first_line = 0;
  std::int64_t size = 0;
  if (!read_at(code, offsets_.line_table, &table) || !read_at(code, offsets_.first_line, &first_line) ||
      !read_at(table, offsets_.bytes_size, &size)) {
    return 0;
  }
  if (size <= 0 || size > static_cast<std::int64_t>(kLargestTable)) return 0;
  void* const area = mmap(nullptr, kLargestTable, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (area == MAP_FAILED) return 0;
  long line = 0;
  const auto bytes = static_cast<std::size_t>(size);
  if (read_memory(table + offsets_.bytes_data, area, bytes)) {
    const long unit = (instruction - (code + offsets_.code)) / 2;
    line = line_of_unit(static_cast<const unsigned char*>(area), bytes, first_line, unit);
  }
  munmap(area, kLargestTable);
  return line;
}

}  // namespace walsoak::trace
