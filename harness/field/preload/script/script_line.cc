#include "harness/field/preload/script/script_line.h"

#include <dlfcn.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

#include "harness/field/preload/real.h"

namespace walsoak::trace {
namespace {

// What the interpreters export, each nullptr where it is not there.
struct Interpreters {
  std::atomic<bool (*)()> php_runs;
  std::atomic<const char* (*)()> php_file;
  std::atomic<std::uint32_t (*)()> php_line;
  std::atomic<const char* (*)()> php_function;
  std::atomic<void*> php_threads;  // PHP built for threads keeps its state elsewhere
  std::atomic<int (*)()> ruby_thread;
  std::atomic<const char* (*)(int*)> ruby_line;
  std::atomic<const char* (*)()> perl;
  std::atomic<void*> perl_nextstate;
};
Interpreters known;

template <typename Function>
void look_up(std::atomic<Function>& function, const char* name) {
  function.store(reinterpret_cast<Function>(real_dlsym()(RTLD_DEFAULT, name)), std::memory_order_relaxed);
}

bool copy(const char* file, long line, const char* function, ScriptLine* to) {
  if (file == nullptr || line <= 0 || *file == '\0') return false;
  const std::size_t length = strlen(file);
  const std::size_t kept = length < sizeof to->file ? length : sizeof to->file - 1;
  memcpy(to->file, file, kept);
  to->file[kept] = '\0';
  to->line = line;
  to->function = function;
  return true;
}

// PHP without threads has one state, and only the first thread of the process may read it.
bool php_line(ScriptLine* line) {
  const auto runs = known.php_runs.load(std::memory_order_relaxed);
  const auto file = known.php_file.load(std::memory_order_relaxed);
  const auto number = known.php_line.load(std::memory_order_relaxed);
  const auto function = known.php_function.load(std::memory_order_relaxed);
  if (runs == nullptr || file == nullptr || number == nullptr || function == nullptr) return false;
  if (known.php_threads.load(std::memory_order_relaxed) != nullptr) return false;
  if (syscall(SYS_gettid) != getpid() || !runs()) return false;
  return copy(file(), number(), function(), line);
}

bool ruby_line(ScriptLine* line) {
  const auto is_thread = known.ruby_thread.load(std::memory_order_relaxed);
  const auto at = known.ruby_line.load(std::memory_order_relaxed);
  if (is_thread == nullptr || at == nullptr || is_thread() == 0) return false;
  int number = 0;
  const char* const file = at(&number);
  return copy(file, number, nullptr, line);
}

bool perl_line(ScriptLine* line) {
  const auto interpreter = known.perl.load(std::memory_order_relaxed);
  const void* const nextstate = known.perl_nextstate.load(std::memory_order_relaxed);
  if (interpreter == nullptr || nextstate == nullptr) return false;
  const char* const state = interpreter();
  return state != nullptr && read_perl_line(state, nextstate, line);
}

bool line_of_script(ScriptLine* line) {
  return php_line(line) || ruby_line(line) || perl_line(line);
}

}  // namespace

void look_for_script_lines() {
  look_up(known.php_runs, "zend_is_executing");
  look_up(known.php_file, "zend_get_executed_filename");
  look_up(known.php_line, "zend_get_executed_lineno");
  look_up(known.php_function, "get_active_function_name");
  look_up(known.php_threads, "tsrm_get_ls_cache");
  look_up(known.ruby_thread, "ruby_native_thread_p");
  look_up(known.ruby_line, "rb_source_location_cstr");
  look_up(known.perl, "Perl_get_context");
  look_up(known.perl_nextstate, "Perl_pp_nextstate");
}

void add_script(JsonText& json) {
  ScriptLine line;
  if (!line_of_script(&line) || !json.open_list("script")) return;
  json.open_item();
  json.add("file", line.file);
  json.add_number("line", line.line);
  if (line.function != nullptr) json.add("function", line.function);
  json.close_item();
  json.close_list();
}

bool in_script() {
  ScriptLine line;
  return line_of_script(&line);
}

}  // namespace walsoak::trace
