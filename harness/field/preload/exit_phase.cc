#include "harness/field/preload/exit_phase.h"

#include <dlfcn.h>
#include <unwind.h>

#include <atomic>
#include <cstdint>

#include "harness/field/preload/real.h"
#include "harness/field/preload/script/script_line.h"

namespace walsoak::trace {
namespace {

// 3.7 to 3.12, and 3.13: true from the end of the atexit handlers on.
constexpr const char* kPython[] = {"_Py_IsFinalizing", "Py_IsFinalizing"};
// On the stack while objects are freed at the end. Ruby's function is not exported: there, it is whatever
// Ruby frees while no line of a script runs.
constexpr const char* kFreeing[] = {"php_request_shutdown", "Perl_sv_clean_objs", "Perl_sv_clean_all"};
constexpr int kMostFreeing = sizeof kFreeing / sizeof kFreeing[0];

std::atomic<int (*)()> python_ends{nullptr};
std::atomic<std::uintptr_t> freeing[kMostFreeing];
std::atomic<bool> any_freeing{false};

struct Search {
  std::uintptr_t ruby;  // its library, or 0
  bool found;
};

_Unwind_Reason_Code look_at_frame(_Unwind_Context* context, void* data) {
  const std::uintptr_t start = _Unwind_GetRegionStart(context);
  auto* const search = static_cast<Search*>(data);
  if (search->ruby != 0 && object_of(reinterpret_cast<const void*>(start)).first == search->ruby) {
    search->found = true;
    return _URC_END_OF_STACK;
  }
  for (const auto& function : freeing) {
    if (start == 0 || function.load(std::memory_order_relaxed) != start) continue;
    search->found = true;
    return _URC_END_OF_STACK;
  }
  return _URC_NO_REASON;
}

}  // namespace

void look_for_interpreters() {
  for (const char* const name : kPython) {
    if (void* const found = real_dlsym()(RTLD_DEFAULT, name)) {
      python_ends.store(reinterpret_cast<int (*)()>(found), std::memory_order_relaxed);
    }
  }
  for (int i = 0; i < kMostFreeing; ++i) {
    void* const found = real_dlsym()(RTLD_DEFAULT, kFreeing[i]);
    freeing[i].store(reinterpret_cast<std::uintptr_t>(found), std::memory_order_relaxed);
    if (found != nullptr) any_freeing.store(true, std::memory_order_relaxed);
  }
  look_for_script_lines();
}

bool frees_at_exit() {
  int (*const ends)() = python_ends.load(std::memory_order_relaxed);
  if (ends != nullptr && ends() != 0) return true;
  Search search{ruby_object(), false};
  if (search.ruby == 0 && !any_freeing.load(std::memory_order_relaxed)) return false;
  _Unwind_Backtrace(look_at_frame, &search);
  // Where a line of the script runs, it is in a handler of its own.
  return search.found && !in_script();
}

}  // namespace walsoak::trace
