#include "harness/field/preload/copies.h"

#include <dlfcn.h>

#include <atomic>

#include "harness/field/preload/real.h"
#include "harness/field/preload/state.h"

namespace walsoak::trace {
namespace {

SqliteCopy copies[kMostCopies];
std::atomic<int> copies_known{0};

template <typename Function>
bool look_up(Function& function, void* handle, const char* name) {
  function = reinterpret_cast<Function>(real_dlsym()(handle, name));
  return function != nullptr && !is_own(reinterpret_cast<const void*>(function));
}

bool looked_up(SqliteCopy& copy, void* handle) {
  const bool all =
      look_up(copy.open, handle, "sqlite3_open") && look_up(copy.open16, handle, "sqlite3_open16") &&
      look_up(copy.open_v2, handle, "sqlite3_open_v2") && look_up(copy.close, handle, "sqlite3_close") &&
      look_up(copy.close_v2, handle, "sqlite3_close_v2") &&
      look_up(copy.db_filename, handle, "sqlite3_db_filename") &&
      look_up(copy.next_stmt, handle, "sqlite3_next_stmt");
  if (all) copy.object = object_of(reinterpret_cast<const void*>(copy.open_v2)).first;
  return all;
}

int index_of(const SqliteCopy& copy) {
  for (int i = 0; i < copies_known.load(std::memory_order_acquire); ++i) {
    if (copies[i].object == copy.object && copies[i].open_v2 == copy.open_v2) return i;
  }
  return -1;
}

// Adds it if it is new; -1 where there is no room.
int index_after_adding(const SqliteCopy& copy) {
  const int known = index_of(copy);
  if (known >= 0) return known;
  const Inside inside;
  const Turn turn;
  const int last = copies_known.load(std::memory_order_relaxed);
  if (!turn.taken() || last == kMostCopies) return -1;
  copies[last] = copy;
  copies_known.store(last + 1, std::memory_order_release);
  return last;
}

}  // namespace

const SqliteCopy* copy_for(const void* caller) {
  SqliteCopy copy{};
  bool found = looked_up(copy, RTLD_NEXT);
  if (!found) {
    const LoadedObject object = object_of(caller);
    if (object.first == 0 || *object.path == '\0') return nullptr;
    void* const handle = dlopen(object.path, RTLD_LAZY | RTLD_NOLOAD);
    if (handle == nullptr) return nullptr;
    found = looked_up(copy, handle);
    dlclose(handle);
  }
  dlerror();  // ours: the program is not to find it
  const int index = found ? index_after_adding(copy) : -1;
  return index < 0 ? nullptr : &copies[index];
}

const SqliteCopy* copy_behind(void* handle, int* index) {
  SqliteCopy copy{};
  const bool found = looked_up(copy, handle);
  dlerror();
  if (!found) return nullptr;
  *index = index_after_adding(copy);
  return *index < 0 ? nullptr : &copies[*index];
}

const SqliteCopy& copy_at(int index) {
  return copies[index];
}

bool is_known_copy(std::uintptr_t object) {
  for (int i = 0; i < copies_known.load(std::memory_order_acquire); ++i) {
    if (copies[i].object == object) return true;
  }
  return false;
}

}  // namespace walsoak::trace
