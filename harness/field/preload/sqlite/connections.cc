#include "harness/field/preload/sqlite/connections.h"

#include <limits.h>

#include <atomic>

#include "harness/field/preload/channel.h"
#include "harness/field/preload/exit_phase.h"
#include "harness/field/preload/sqlite/argument_path.h"
#include "harness/field/preload/sqlite/connection_table.h"
#include "harness/field/preload/sqlite/copies.h"
#include "harness/field/preload/sqlite/failures.h"
#include "harness/field/preload/stack.h"
#include "harness/field/preload/state.h"
#include "harness/field/preload/unseen.h"

namespace walsoak::trace {
namespace {

ConnectionTable connections;
std::atomic<bool> any_inherited{false};
std::atomic<pid_t> parent{0};
std::uintptr_t unseen[16];
std::atomic<int> unseen_known{0};

// A library that passes calls on to SQLite is a copy of its own: the call is told by the innermost one, which
// knows most. initial-exec: reading it never allocates.
struct Told {
  unsigned times;
  const void* connection;
};
__attribute__((tls_model("initial-exec"))) thread_local Told told{};

// Made before a call is passed on.
class Passed {
 public:
  Passed() : before_(told.times) {}
  bool told_within(const void* connection) const {
    return told.times != before_ && told.connection == connection;
  }
  static void tell(const void* connection) {
    ++told.times;
    told.connection = connection;
  }

 private:
  unsigned before_;
};

// Whether events of this thread are to be written now.
bool may_tell(const Inside& inside) {
  return inside.first() && tracing() && own_process();
}

int extended_code(const SqliteCopy& copy, sqlite3* connection, int code) {
  if (connection == nullptr || copy.extended_errcode == nullptr) return code;
  const int extended = copy.extended_errcode(connection);
  return (extended & 0xFF) == (code & 0xFF) ? extended : code;
}

// nullptr: in memory, temporary, or not known.
const char* path_of(const SqliteCopy& copy, sqlite3* connection) {
  if (connection == nullptr || copy.db_filename == nullptr) return nullptr;
  const char* const path = copy.db_filename(connection, "main");
  return path == nullptr || *path == '\0' ? nullptr : path;
}

std::uint64_t hash_of(const char* text) {  // FNV-1a
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (; *text != '\0'; ++text) hash = (hash ^ static_cast<unsigned char>(*text)) * 0x100000001b3ULL;
  return hash;
}

void write_inherited(Hook hook, std::int64_t number, const char* path) {
  Event event("inherited_connection");
  JsonText* const json = event.json();
  if (json == nullptr) return;
  json->add_number("connection", number);
  json->add_number("parent", parent.load(std::memory_order_relaxed));
  json->add("path", path);
  json->add("call", name_of(hook));
  add_place(*json);
}

// An open has returned. A connection that failed to open is none, though it must be closed all the same.
void note_open(SqliteCopy& copy, Hook hook, sqlite3* connection, int code, const char* argument) {
  Inside inside;
  if (!may_tell(inside)) return;
  Passed::tell(connection);
  char asked[PATH_MAX];
  const char* path = nullptr;
  if (code == 0 && copy.db_filename != nullptr) {
    path = path_of(copy, connection);
  } else if (path_of_argument(argument, asked, sizeof asked)) {
    path = asked;
  }
  std::int64_t number = 0, open = 0, inherited = 0;
  {
    const Turn turn;
    if (!turn.taken()) return;
    const std::uint64_t file = path == nullptr ? 0 : hash_of(path);
    if (code == 0) inherited = connections.inherited_on(file);
    if (code == 0) number = connections.add(connection, file);
    open = connections.open();
  }
  // SQLite keeps the state of locks by file: the new connection takes over that of the parent's, and locks
  // that the child does not have.
  if (inherited != 0) write_inherited(hook, inherited, path);
  Event event("open");
  JsonText* const json = event.json();
  if (json == nullptr) return;
  if (number != 0) json->add_number("connection", number);
  json->add("path", path);
  json->add("call", name_of(hook));
  json->add_number("code", code);
  if (code != 0) json->add_number("extended_code", extended_code(copy, connection, code));
  json->add_number("open", open);
  add_place(*json);
}

// The effect that a close would have, asked before it.
struct Closing {
  bool known;   // whether it will leave a zombie where it succeeds (sqlite.org/c3ref/close.html)
  bool zombie;  //
};
Closing closing(const SqliteCopy& copy, Hook hook, sqlite3* connection) {
  if (hook != kCloseV2 || connection == nullptr) return {true, false};
  if (!tracing() || copy.next_stmt == nullptr) return {false, false};
  return {true, copy.next_stmt(connection, nullptr) != nullptr};
}

void note_close(Hook hook, sqlite3* connection, int code, const Closing& closing) {
  Inside inside;
  if (!may_tell(inside)) return;
  Passed::tell(connection);
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
  json->add("call", name_of(hook));
  json->add_number("code", code);
  if (closing.known) {
    json->add_flag("zombie", closing.zombie && code == 0);
  } else {
    json->add("zombie", nullptr);
  }
  json->add_flag("at_exit", frees_at_exit());
  json->add_number("open", open);
}

// A connection that is about to be used: said once where it is the parent's, since SQLite's locks do not come
// over fork() (sqlite.org/howtocorrupt.html, 2.6).
void look_for_parent(const SqliteCopy& copy, Hook hook, sqlite3* connection) {
  if (!any_inherited.load(std::memory_order_relaxed) || connection == nullptr) return;
  Inside inside;
  if (!may_tell(inside)) return;
  std::int64_t number = 0;
  {
    const Turn turn;
    if (turn.taken()) number = connections.take_inherited(connection);
  }
  if (number != 0) write_inherited(hook, number, path_of(copy, connection));
}

void note_failure(const SqliteCopy& copy, Hook hook, sqlite3* connection, int code, const void* caller) {
  if (!is_of_files(code)) return;
  Inside inside;
  if (!may_tell(inside)) return;
  const int extended = extended_code(copy, connection, code);
  std::int64_t number = 0, times = 0;
  {
    const Turn turn;
    if (!turn.taken()) return;
    number = connections.find(connection);
    times = count_failure(hook, extended, caller);
  }
  if (times == 0) return;
  Event event("failed_statement");
  JsonText* const json = event.json();
  if (json == nullptr) return;
  if (number != 0) json->add_number("connection", number);
  json->add("path", path_of(copy, connection));
  json->add("call", name_of(hook));
  json->add_number("code", code);
  json->add_number("extended_code", extended);
  json->add_number("times", times);
  add_place(*json);
}

template <typename Function, typename... Arguments>
int passed_on(const SqliteCopy& copy, Hook hook, Arguments... arguments) {
  const auto function = reinterpret_cast<Function>(copy.functions[hook].load(std::memory_order_acquire));
  return function(arguments...);
}

using OpenFunction = int (*)(const void*, sqlite3**);
using OpenV2Function = int (*)(const char*, sqlite3**, int, const char*);
using CloseFunction = int (*)(sqlite3*);
using PrepareFunction = int (*)(sqlite3*, const void*, int, sqlite3_stmt**, const void**);
using PrepareV3Function = int (*)(sqlite3*, const void*, int, unsigned, sqlite3_stmt**, const void**);
using StepFunction = int (*)(sqlite3_stmt*);
using ExecFunction = int (*)(sqlite3*, const char*, int (*)(void*, int, char**, char**), void*, char**);

template <typename Call>
int opened(SqliteCopy& copy, Hook hook, const char* argument, sqlite3** connection, Call call) {
  const Passed passed;
  const int code = call();
  sqlite3* const made = connection == nullptr ? nullptr : *connection;
  if (code == 0) copy.opened.store(true, std::memory_order_relaxed);
  if (!passed.told_within(made)) note_open(copy, hook, made, code, argument);
  return code;
}

int closed(SqliteCopy& copy, Hook hook, sqlite3* connection) {
  look_for_parent(copy, hook, connection);
  const Passed passed;
  const Closing before = closing(copy, hook, connection);
  const int code = passed_on<CloseFunction>(copy, hook, connection);
  if (connection != nullptr && !passed.told_within(connection)) note_close(hook, connection, code, before);
  return code;
}

template <typename Call>
int used(const SqliteCopy& copy, Hook hook, sqlite3* connection, const void* caller, Call call) {
  look_for_parent(copy, hook, connection);
  const int code = call();
  if (is_of_files(code)) note_failure(copy, hook, connection, code, caller);
  return code;
}

// A function pointer carries no copy with it, so each copy has functions of its own.
template <int index>
struct Bound {
  static int open(const char* path, sqlite3** connection) {
    SqliteCopy& copy = copy_at(index);
    return opened(copy, kOpen, path, connection,
                  [&] { return passed_on<OpenFunction>(copy, kOpen, path, connection); });
  }
  static int open16(const void* path, sqlite3** connection) {
    SqliteCopy& copy = copy_at(index);
    char text[PATH_MAX];
    utf8_of_utf16(path, text, sizeof text);
    return opened(copy, kOpen16, text, connection,
                  [&] { return passed_on<OpenFunction>(copy, kOpen16, path, connection); });
  }
  static int open_v2(const char* path, sqlite3** connection, int flags, const char* vfs) {
    SqliteCopy& copy = copy_at(index);
    return opened(copy, kOpenV2, path, connection,
                  [&] { return passed_on<OpenV2Function>(copy, kOpenV2, path, connection, flags, vfs); });
  }
  template <Hook hook>
  static int close(sqlite3* connection) {
    return closed(copy_at(index), hook, connection);
  }
  template <Hook hook>
  static int prepare(sqlite3* connection, const void* text, int size, sqlite3_stmt** statement,
                     const void** rest) {
    const SqliteCopy& copy = copy_at(index);
    return used(copy, hook, connection, __builtin_return_address(0), [&] {
      return passed_on<PrepareFunction>(copy, hook, connection, text, size, statement, rest);
    });
  }
  template <Hook hook>
  static int prepare_v3(sqlite3* connection, const void* text, int size, unsigned flags,
                        sqlite3_stmt** statement, const void** rest) {
    const SqliteCopy& copy = copy_at(index);
    return used(copy, hook, connection, __builtin_return_address(0), [&] {
      return passed_on<PrepareV3Function>(copy, hook, connection, text, size, flags, statement, rest);
    });
  }
  static int step(sqlite3_stmt* statement) {
    const SqliteCopy& copy = copy_at(index);
    const bool ask = any_inherited.load(std::memory_order_relaxed) && copy.db_handle != nullptr;
    if (ask && statement != nullptr) look_for_parent(copy, kStep, copy.db_handle(statement));
    const int code = passed_on<StepFunction>(copy, kStep, statement);
    if (is_of_files(code) && statement != nullptr) {
      sqlite3* const connection = copy.db_handle == nullptr ? nullptr : copy.db_handle(statement);
      note_failure(copy, kStep, connection, code, __builtin_return_address(0));
    }
    return code;
  }
  static int exec(sqlite3* connection, const char* text, int (*row)(void*, int, char**, char**), void* data,
                  char** message) {
    const SqliteCopy& copy = copy_at(index);
    return used(copy, kExec, connection, __builtin_return_address(0),
                [&] { return passed_on<ExecFunction>(copy, kExec, connection, text, row, data, message); });
  }

  static void* of(Hook hook) {
    void* const all[kHooks] = {reinterpret_cast<void*>(open),
                               reinterpret_cast<void*>(open16),
                               reinterpret_cast<void*>(open_v2),
                               reinterpret_cast<void*>(close<kClose>),
                               reinterpret_cast<void*>(close<kCloseV2>),
                               reinterpret_cast<void*>(prepare<kPrepare>),
                               reinterpret_cast<void*>(prepare<kPrepareV2>),
                               reinterpret_cast<void*>(prepare_v3<kPrepareV3>),
                               reinterpret_cast<void*>(prepare<kPrepare16>),
                               reinterpret_cast<void*>(prepare<kPrepare16V2>),
                               reinterpret_cast<void*>(prepare_v3<kPrepare16V3>),
                               reinterpret_cast<void*>(step),
                               reinterpret_cast<void*>(exec)};
    return all[hook];
  }
};

using OfHook = void* (*)(Hook);
constexpr OfHook kBound[kMostCopies] = {Bound<0>::of, Bound<1>::of, Bound<2>::of, Bound<3>::of,
                                        Bound<4>::of, Bound<5>::of, Bound<6>::of, Bound<7>::of};

}  // namespace

void* function_for(Hook hook, void* function) {
  const int index = copy_with(hook, function);
  if (index < 0)
    note_unseen(object_of(function).path, "there are more copies of SQLite than can be told apart");
  return index < 0 ? nullptr : kBound[index](hook);
}

void note_locker(const LoadedObject& owner) {
  if (is_seen_copy(owner.first)) return;
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

void inherit_connections(pid_t of_parent) {
  parent.store(of_parent, std::memory_order_relaxed);
  connections.inherit();
  forget_failures();
  any_inherited.store(connections.has_inherited(), std::memory_order_relaxed);
}

void write_counted_statements() {
  Failure failure;
  while (take_counted_failure(&failure)) {
    Event event("failed_statement");
    JsonText* const json = event.json();
    if (json == nullptr) return;
    json->add("path", nullptr);
    json->add("call", name_of(failure.hook));
    json->add_number("code", failure.code & 0xFF);
    json->add_number("extended_code", failure.code);
    json->add_number("times", failure.counted);
    if (json->open_list("stack")) json->close_list();
  }
}

}  // namespace walsoak::trace
