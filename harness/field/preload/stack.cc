#include "harness/field/preload/stack.h"

#include <dlfcn.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <unwind.h>

#include <cstdint>

#include "harness/field/preload/python/python_dump.h"
#include "harness/field/preload/python/python_frames.h"
#include "harness/field/preload/python/python_symbols.h"
#include "harness/field/preload/real.h"
#include "harness/field/preload/script/script_line.h"

namespace walsoak::trace {
namespace {

constexpr int kMostFrames = 48;
constexpr std::size_t kMostDump = 1U << 15U;

struct Addresses {
  std::uintptr_t at[kMostFrames];
  int count;
};

_Unwind_Reason_Code note_frame(_Unwind_Context* context, void* data) {
  auto* const addresses = static_cast<Addresses*>(data);
  int before_instruction = 0;
  std::uintptr_t address = _Unwind_GetIPInfo(context, &before_instruction);
  if (address == 0) return _URC_END_OF_STACK;
  // A return address is behind the call, maybe in the next function already.
  if (before_instruction == 0) --address;
  if (is_own(reinterpret_cast<const void*>(address))) return _URC_NO_REASON;
  addresses->at[addresses->count++] = address;
  return addresses->count == kMostFrames ? _URC_END_OF_STACK : _URC_NO_REASON;
}

void add_frame(JsonText& json, std::uintptr_t address) {
  Dl_info info{};
  void* found = nullptr;
  if (dladdr1(reinterpret_cast<const void*>(address), &info, &found, RTLD_DL_LINKMAP) == 0) {
    json.add("module", nullptr);
    json.add_hex("offset", address);
    return;
  }
  json.add("module", info.dli_fname);
  json.add_hex("offset", address - static_cast<const link_map*>(found)->l_addr);
  if (info.dli_sname != nullptr) json.add("symbol", info.dli_sname);
}

}  // namespace

void add_stack(JsonText& json) {
  Addresses addresses{};
  _Unwind_Backtrace(note_frame, &addresses);
  if (!json.open_list("stack")) return;
  for (int i = 0; i < addresses.count; ++i) {
    json.open_item();
    add_frame(json, addresses.at[i]);
    if (!json.close_item()) break;
  }
  json.close_list();
}

namespace {

// Adds frames until one does not fit; `next` gives one at a time.
template <typename Next>
void add_python_frames(JsonText& json, Next next) {
  if (!json.open_list("python")) return;
  PythonFrame frame{};
  while (next(&frame)) {
    json.open_item();
    json.add("file", frame.file, frame.file_length);
    json.add_number("line", frame.line);
    json.add("function", frame.function, frame.function_length);
    if (!json.close_item()) break;
  }
  json.close_list();
}

void add_dumped(JsonText& json, const PythonDumper& python, void* state) {
  const auto memory = static_cast<int>(syscall(SYS_memfd_create, "walsoak-python", 1U /* MFD_CLOEXEC */));
  if (memory < 0) return;
  python.dump(memory, state);
  void* const area = mmap(nullptr, kMostDump, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (area != MAP_FAILED) {
    char* const text = static_cast<char*>(area);
    const auto got = static_cast<long>(syscall(SYS_pread64, memory, text, kMostDump - 1, 0));
    text[got > 0 ? got : 0] = '\0';
    const char* at = text;
    add_python_frames(json, [&at](PythonFrame* frame) { return next_frame(&at, frame); });
    munmap(area, kMostDump);
  }
  syscall(SYS_close, memory);
}

}  // namespace

void add_python(JsonText& json) {
  const PythonDumper python = python_dumper();
  void* const state = python.this_thread == nullptr ? nullptr : python.this_thread();
  if (state == nullptr) return;
  if (python.dump != nullptr) {
    add_dumped(json, python, state);
  } else if (python.runtime != nullptr) {
    PythonFrames frames(python.runtime, state);
    add_python_frames(json, [&frames](PythonFrame* frame) { return frames.next(frame); });
  }
}

void add_place(JsonText& json) {
  add_stack(json);
  add_python(json);
  add_script(json);
}

}  // namespace walsoak::trace
