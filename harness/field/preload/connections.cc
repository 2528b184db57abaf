#include "harness/field/preload/connections.h"

#include <dlfcn.h>
#include <limits.h>
#include <string.h>

#include <atomic>
#include <initializer_list>

#include "harness/field/preload/channel.h"
#include "harness/field/preload/connection_table.h"
#include "harness/field/preload/copies.h"
#include "harness/field/preload/exported.h"
#include "harness/field/preload/state.h"

namespace walsoak::trace {
namespace {

constexpr int kSqliteError = 1;  // SQLITE_ERROR

ConnectionTable connections;
std::uintptr_t unseen[16];
std::atomic<int> unseen_known{0};

// An open has returned. A connection that failed to open is none, though it must be closed all the same.
void note_open(const SqliteCopy& copy, const char* call, sqlite3* connection, int code) {
  Inside inside;
  if (!inside.first() || !tracing() || !own_process()) return;
  std::int64_t number = 0;
  std::int64_t open = 0;
  {
    const Turn turn;
    if (!turn.taken()) return;
    if (code == 0) number = connections.add(connection);
    open = connections.open();
  }
  Event event("open");
  JsonText* const json = event.json();
  if (json == nullptr) return;
  if (number != 0) json->add_number("connection", number);
  const char* const path = code == 0 ? copy.db_filename(connection, "main") : nullptr;
  // Databases in memory and temporary ones have no name.
  json->add("path", path == nullptr || *path == '\0' ? nullptr : path);
  json->add("call", call);
  json->add_number("code", code);
  json->add_number("open", open);
}

// A close is about to happen: whether it will leave a zombie where it succeeds (sqlite.org/c3ref/close.html).
bool would_leave_zombie(const SqliteCopy& copy, sqlite3* connection) {
  return connection != nullptr && tracing() && copy.next_stmt(connection, nullptr) != nullptr;
}

void note_close(const char* call, sqlite3* connection, int code, bool zombie) {
  if (connection == nullptr) return;
  Inside inside;
  if (!inside.first() || !tracing() || !own_process()) return;
  std::int64_t number = 0;
  std::int64_t open = 0;
  {
    const Turn turn;
    if (!turn.taken()) return;
    number = code == 0 ? connections.remove(connection) : connections.find(connection);
    open = connections.open();
  }
  Event event("close");
  JsonText* const json = event.json();
  if (json == nullptr) return;
  if (number != 0) json->add_number("connection", number);
  json->add("call", call);
  json->add_number("code", code);
  json->add_flag("zombie", zombie && code == 0);
  json->add_number("open", open);
}

int opened(const SqliteCopy* copy, const char* path, sqlite3** connection) {
  if (copy == nullptr) return kSqliteError;
  const int code = copy->open(path, connection);
  note_open(*copy, "sqlite3_open", connection == nullptr ? nullptr : *connection, code);
  return code;
}

int opened16(const SqliteCopy* copy, const void* path, sqlite3** connection) {
  if (copy == nullptr) return kSqliteError;
  const int code = copy->open16(path, connection);
  note_open(*copy, "sqlite3_open16", connection == nullptr ? nullptr : *connection, code);
  return code;
}

int opened_v2(const SqliteCopy* copy, const char* path, sqlite3** connection, int flags, const char* vfs) {
  if (copy == nullptr) return kSqliteError;
  const int code = copy->open_v2(path, connection, flags, vfs);
  note_open(*copy, "sqlite3_open_v2", connection == nullptr ? nullptr : *connection, code);
  return code;
}

int closed(const SqliteCopy* copy, sqlite3* connection) {
  if (copy == nullptr) return kSqliteError;
  const int code = copy->close(connection);
  note_close("sqlite3_close", connection, code, false);
  return code;
}

int closed_v2(const SqliteCopy* copy, sqlite3* connection) {
  if (copy == nullptr) return kSqliteError;
  const bool zombie = would_leave_zombie(*copy, connection);
  const int code = copy->close_v2(connection);
  note_close("sqlite3_close_v2", connection, code, zombie);
  return code;
}

// What dlsym() gives instead of a copy's own functions: a function pointer carries no copy with it, so each
// copy has functions of its own.
template <int index>
struct Bound {
  static int open(const char* path, sqlite3** connection) {
    return opened(&copy_at(index), path, connection);
  }
  static int open16(const void* path, sqlite3** connection) {
    return opened16(&copy_at(index), path, connection);
  }
  static int open_v2(const char* path, sqlite3** connection, int flags, const char* vfs) {
    return opened_v2(&copy_at(index), path, connection, flags, vfs);
  }
  static int close(sqlite3* connection) { return closed(&copy_at(index), connection); }
  static int close_v2(sqlite3* connection) { return closed_v2(&copy_at(index), connection); }

  static void* by_name(const char* name) {
    if (strcmp(name, "sqlite3_open") == 0) return reinterpret_cast<void*>(open);
    if (strcmp(name, "sqlite3_open16") == 0) return reinterpret_cast<void*>(open16);
    if (strcmp(name, "sqlite3_open_v2") == 0) return reinterpret_cast<void*>(open_v2);
    if (strcmp(name, "sqlite3_close") == 0) return reinterpret_cast<void*>(close);
    return reinterpret_cast<void*>(close_v2);
  }
};

using ByName = void* (*)(const char*);
constexpr ByName kBound[kMostCopies] = {Bound<0>::by_name, Bound<1>::by_name, Bound<2>::by_name,
                                        Bound<3>::by_name, Bound<4>::by_name, Bound<5>::by_name,
                                        Bound<6>::by_name, Bound<7>::by_name};

bool is_interposed(const char* name) {
  if (strncmp(name, "sqlite3_", 8) != 0) return false;
  for (const char* const other : {"open", "open16", "open_v2", "close", "close_v2"}) {
    if (strcmp(name + 8, other) == 0) return true;
  }
  return false;
}

// What dlsym(handle, name) gives for one of the five: a function of ours if there is a copy of SQLite behind
// the handle. Sets `*answered` where that is settled, even if by nothing.
__attribute__((noinline)) void* interposed(void* handle, const char* name, const void* caller,
                                           bool* answered) {
  *answered = false;
  if (handle == RTLD_NEXT) return nullptr;
  void* const found = handle == RTLD_DEFAULT ? nullptr : real_dlsym()(handle, name);
  if (handle == RTLD_DEFAULT || (found != nullptr && is_own(found))) {
    // This library's own functions stand in the global scope: they count as there only if a copy is.
    *answered = true;
    // Where there is none, the real dlsym() must say so: callers ask dlerror() for its words.
    return real_dlsym()(copy_for(caller) == nullptr ? RTLD_NEXT : RTLD_DEFAULT, name);
  }
  int index = 0;
  if (found == nullptr || copy_behind(handle, &index) == nullptr) return nullptr;
  *answered = true;
  return kBound[index](name);
}

}  // namespace

void note_locker(const LoadedObject& owner) {
  if (is_known_copy(owner.first)) return;
  {
    const Turn turn;
    const int known = unseen_known.load(std::memory_order_relaxed);
    bool said = !turn.taken() || known == 16;
    for (int i = 0; i < known && !said; ++i) said = unseen[i] == owner.first;
    if (said) return;
    unseen[known] = owner.first;
    unseen_known.store(known + 1, std::memory_order_relaxed);
  }
  char program[PATH_MAX];
  const bool is_program = *owner.path == '\0';
  if (is_program) read_own_path(program, sizeof program);
  Event event("unseen_connections");
  if (JsonText* const json = event.json()) json->add("object", is_program ? program : owner.path);
}

void forget_connections() {
  connections.clear();
}

}  // namespace walsoak::trace

using walsoak::trace::copy_for;
using walsoak::trace::sqlite3;

WALSOAK_EXPORTED int sqlite3_open(const char* path, sqlite3** connection) {
  return walsoak::trace::opened(copy_for(__builtin_return_address(0)), path, connection);
}

WALSOAK_EXPORTED int sqlite3_open16(const void* path, sqlite3** connection) {
  return walsoak::trace::opened16(copy_for(__builtin_return_address(0)), path, connection);
}

WALSOAK_EXPORTED int sqlite3_open_v2(const char* path, sqlite3** connection, int flags, const char* vfs) {
  return walsoak::trace::opened_v2(copy_for(__builtin_return_address(0)), path, connection, flags, vfs);
}

WALSOAK_EXPORTED int sqlite3_close(sqlite3* connection) {
  return walsoak::trace::closed(copy_for(__builtin_return_address(0)), connection);
}

WALSOAK_EXPORTED int sqlite3_close_v2(sqlite3* connection) {
  return walsoak::trace::closed_v2(copy_for(__builtin_return_address(0)), connection);
}

// For programs that load SQLite with dlopen(). Every other look-up must end in a jump, not a call: the real
// dlsym() learns from its return address who asked (RTLD_NEXT).
WALSOAK_EXPORTED void* dlsym(void* handle, const char* name) noexcept {
  if (walsoak::trace::is_interposed(name)) {
    bool answered = false;
    void* const function = walsoak::trace::interposed(handle, name, __builtin_return_address(0), &answered);
    if (answered) return function;
  }
  const walsoak::trace::Dlsym function = walsoak::trace::real_dlsym();
  return function(handle, name);
}
