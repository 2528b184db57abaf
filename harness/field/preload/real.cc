#include "harness/field/preload/real.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <initializer_list>

namespace walsoak::trace {
namespace {

template <typename Function>
void look_up(Function& function, const char* name) {
  function = reinterpret_cast<Function>(real_dlsym()(RTLD_NEXT, name));
}

Real looked_up() {
  Real found{};
  look_up(found.close, "close");
  look_up(found.close_range, "close_range");
  look_up(found.closefrom, "closefrom");
  look_up(found.dup2, "dup2");
  look_up(found.dup3, "dup3");
  look_up(found.fcntl, "fcntl");
  look_up(found.fcntl64, "fcntl64");
  look_up(found.lockf, "lockf");
  look_up(found.lockf64, "lockf64");
  look_up(found.fclose, "fclose");
  look_up(found.freopen, "freopen");
  look_up(found.freopen64, "freopen64");
  look_up(found.syscall, "syscall");
  look_up(found.exit, "_exit");
  return found;
}

Real functions;
std::atomic<bool> functions_known{false};
std::atomic<Dlsym> own_dlsym{nullptr};

}  // namespace

const Real& real() {
  // Two threads may both do it; they find the same.
  if (!functions_known.load(std::memory_order_acquire)) {
    functions = looked_up();
    functions_known.store(true, std::memory_order_release);
  }
  return functions;
}

Dlsym real_dlsym() {
  Dlsym function = own_dlsym.load(std::memory_order_acquire);
  if (function != nullptr) return function;
  // The versions that glibc gave it, by architecture and age.
  for (const char* const version : {"GLIBC_2.34", "GLIBC_2.2.5", "GLIBC_2.17", "GLIBC_2.27", "GLIBC_2.36"}) {
    function = reinterpret_cast<Dlsym>(dlvsym(RTLD_NEXT, "dlsym", version));
    if (function != nullptr) break;
  }
  if (function == nullptr) __builtin_trap();
  own_dlsym.store(function, std::memory_order_release);
  return function;
}

// _dl_find_object takes no lock, unlike dladdr: it is called for each lock that SQLite takes.
LoadedObject object_of(const void* address) {
  dl_find_object found{};
  if (_dl_find_object(const_cast<void*>(address), &found) != 0) return {0, ""};
  return {reinterpret_cast<std::uintptr_t>(found.dlfo_map_start), found.dlfo_link_map->l_name};
}

bool is_own(const void* address) {
  const auto anchor = reinterpret_cast<const void*>(&real);
  const std::uintptr_t own = object_of(anchor).first;
  return own != 0 && object_of(address).first == own;
}

void read_own_path(char* path, std::size_t size) {
  const long got = syscall(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", path, size - 1);
  path[got > 0 ? got : 0] = '\0';
}

}  // namespace walsoak::trace
