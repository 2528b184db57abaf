#include "harness/field/preload/sqlite/copies.h"

#include <dlfcn.h>

#include "harness/field/preload/real.h"
#include "harness/field/preload/state.h"

namespace walsoak::trace {
namespace {

SqliteCopy copies[kMostCopies];

template <typename Function>
void look_up(Function& function, void* handle, const char* name, std::uintptr_t object) {
  void* const found = handle == nullptr ? nullptr : real_dlsym()(handle, name);
  const bool own = found != nullptr && object_of(found).first == object;
  function = own ? reinterpret_cast<Function>(found) : nullptr;
}

// The functions beside those that are called by the program.
struct Neighbours {
  explicit Neighbours(const LoadedObject& object) {
    void* const handle = dlopen(*object.path == '\0' ? nullptr : object.path, RTLD_LAZY | RTLD_NOLOAD);
    look_up(db_filename, handle, "sqlite3_db_filename", object.first);
    look_up(next_stmt, handle, "sqlite3_next_stmt", object.first);
    look_up(db_handle, handle, "sqlite3_db_handle", object.first);
    look_up(extended_errcode, handle, "sqlite3_extended_errcode", object.first);
    if (handle != nullptr) dlclose(handle);
  }
  decltype(SqliteCopy::db_filename) db_filename;
  decltype(SqliteCopy::next_stmt) next_stmt;
  decltype(SqliteCopy::db_handle) db_handle;
  decltype(SqliteCopy::extended_errcode) extended_errcode;
};

void fill(SqliteCopy& copy, std::uintptr_t object, const Neighbours& neighbours) {
  for (auto& function : copy.functions) function.store(nullptr, std::memory_order_relaxed);
  copy.db_filename = neighbours.db_filename;
  copy.next_stmt = neighbours.next_stmt;
  copy.db_handle = neighbours.db_handle;
  copy.extended_errcode = neighbours.extended_errcode;
  copy.opened.store(false, std::memory_order_relaxed);
  copy.object = object;
}

// The place of the object, else one that is free or was its whose object has been unloaded; -1: none.
int place_for(std::uintptr_t object) {
  int free = -1;
  for (int i = 0; i < kMostCopies; ++i) {
    if (copies[i].object == object) return i;
    const bool gone = copies[i].object == 0 ||
                      object_of(reinterpret_cast<const void*>(copies[i].object)).first != copies[i].object;
    if (free < 0 && gone) free = i;
  }
  return free;
}

}  // namespace

int copy_with(Hook hook, void* function) {
  const LoadedObject object = object_of(function);
  if (object.first == 0 || is_own(function)) return -1;
  const Neighbours neighbours(object);
  const Turn turn;
  const int index = turn.taken() ? place_for(object.first) : -1;
  if (index < 0) return -1;
  SqliteCopy& copy = copies[index];
  void* const known = copy.functions[hook].load(std::memory_order_relaxed);
  // A second function of that name in the object: a version that others are bound to. It is left alone.
  const bool same_object = copy.object == object.first && copy.db_filename == neighbours.db_filename;
  if (same_object && known != nullptr && known != function) return -1;
  // Another object at the same address: the one there before was unloaded.
  if (copy.object != object.first || (known != nullptr && known != function)) {
    fill(copy, object.first, neighbours);
  }
  copy.functions[hook].store(function, std::memory_order_release);
  return index;
}

SqliteCopy& copy_at(int index) {
  return copies[index];
}

bool is_seen_copy(std::uintptr_t object) {
  for (const SqliteCopy& copy : copies) {
    if (copy.object == object) return copy.opened.load(std::memory_order_relaxed);
  }
  return false;
}

}  // namespace walsoak::trace
