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

using RubyValue = std::uintptr_t;
constexpr int kMostLines = 6;

// Functions that interpreters export, each nullptr where it is missing.
struct Interpreters {
  std::atomic<bool (*)()> php_runs;
  std::atomic<const char* (*)()> php_file;
  std::atomic<std::uint32_t (*)()> php_line;
  std::atomic<const char* (*)()> php_function;
  std::atomic<void*> php_threads;  // PHP built for threads keeps its state elsewhere
  std::atomic<int (*)()> ruby_thread;
  std::atomic<int (*)(int, int, RubyValue*, int*)> ruby_frames;
  std::atomic<RubyValue (*)(RubyValue)> ruby_path;
  std::atomic<RubyValue (*)(RubyValue)> ruby_label;
  std::atomic<char* (*)(RubyValue*)> ruby_text;
  std::atomic<const char* (*)()> perl;
  std::atomic<const char* (*)(const char*, int, const char**)> perl_context;
  std::atomic<void*> perl_nextstate;
};
Interpreters known;

template <typename Function>
void look_up(std::atomic<Function>& function, const char* name) {
  function.store(reinterpret_cast<Function>(real_dlsym()(RTLD_DEFAULT, name)), std::memory_order_relaxed);
}

void copy(const char* text, char* to, std::size_t size) {
  const std::size_t length = text == nullptr ? 0 : strnlen(text, size - 1);
  memcpy(to, text == nullptr ? "" : text, length);
  to[length] = '\0';
}

bool fill(ScriptLine* line, const char* file, long number, const char* function) {
  copy(file, line->file, sizeof line->file);
  copy(function, line->function, sizeof line->function);
  line->line = number;
  return number > 0 && line->file[0] != '\0';
}

// PHP without threads has one state, and only the first thread of the process may read it.
int php_lines(ScriptLine* lines) {
  const auto runs = known.php_runs.load(std::memory_order_relaxed);
  const auto file = known.php_file.load(std::memory_order_relaxed);
  const auto number = known.php_line.load(std::memory_order_relaxed);
  const auto function = known.php_function.load(std::memory_order_relaxed);
  if (runs == nullptr || file == nullptr || number == nullptr || function == nullptr) return 0;
  if (known.php_threads.load(std::memory_order_relaxed) != nullptr) return 0;
  if (syscall(SYS_gettid) != getpid() || !runs()) return 0;
  return fill(&lines[0], file(), number(), function()) ? 1 : 0;
}

// The bytes of a String; nullptr: it is none (value.h: special constants; flags, whose lowest five bits are
// the type).
const char* text_of(RubyValue value, char* (*ruby_text)(RubyValue*)) {
  constexpr RubyValue kLargestConstant = 0x20, kTypeMask = 0x1F, kString = 5;
  if ((value & 7U) != 0 || value <= kLargestConstant) return nullptr;
  if ((*reinterpret_cast<const RubyValue*>(value) & kTypeMask) != kString) return nullptr;
  return ruby_text(&value);
}

// By the functions that profilers use: no lock, no allocation.
int ruby_lines(ScriptLine* lines, int most) {
  const auto is_thread = known.ruby_thread.load(std::memory_order_relaxed);
  const auto frames = known.ruby_frames.load(std::memory_order_relaxed);
  const auto path = known.ruby_path.load(std::memory_order_relaxed);
  const auto label = known.ruby_label.load(std::memory_order_relaxed);
  const auto text = known.ruby_text.load(std::memory_order_relaxed);
  if (is_thread == nullptr || frames == nullptr || path == nullptr || label == nullptr || text == nullptr) {
    return 0;
  }
  if (is_thread() == 0) return 0;
  RubyValue values[4 * kMostLines];
  int numbers[4 * kMostLines];
  const int count = frames(0, 4 * kMostLines, values, numbers);
  int found = 0;
  for (int i = 0; i < count && found < most; ++i) {
    const char* const file = text_of(path(values[i]), text);
    if (file == nullptr || numbers[i] <= 0) continue;  // a method in C
    if (fill(&lines[found], file, numbers[i], text_of(label(values[i]), text))) ++found;
  }
  return found;
}

int perl_lines(ScriptLine* lines, int most) {
  const auto interpreter = known.perl.load(std::memory_order_relaxed);
  const Perl perl{interpreter == nullptr ? nullptr : interpreter(),
                  known.perl_nextstate.load(std::memory_order_relaxed),
                  known.perl_context.load(std::memory_order_relaxed)};
  if (perl.state == nullptr || perl.nextstate == nullptr || perl.context == nullptr) return 0;
  return read_perl_lines(perl, lines, most);
}

int lines_of_script(ScriptLine* lines, int most) {
  int found = php_lines(lines);
  if (found == 0) found = ruby_lines(lines, most);
  if (found == 0) found = perl_lines(lines, most);
  return found;
}

}  // namespace

void look_for_script_lines() {
  look_up(known.php_runs, "zend_is_executing");
  look_up(known.php_file, "zend_get_executed_filename");
  look_up(known.php_line, "zend_get_executed_lineno");
  look_up(known.php_function, "get_active_function_name");
  look_up(known.php_threads, "tsrm_get_ls_cache");
  look_up(known.ruby_thread, "ruby_native_thread_p");
  look_up(known.ruby_frames, "rb_profile_frames");
  look_up(known.ruby_path, "rb_profile_frame_path");
  look_up(known.ruby_label, "rb_profile_frame_label");
  look_up(known.ruby_text, "rb_string_value_ptr");
  look_up(known.perl, "Perl_get_context");
  look_up(known.perl_nextstate, "Perl_pp_nextstate");
  look_up(known.perl_context, "Perl_caller_cx");
}

void add_script(JsonText& json) {
  ScriptLine lines[kMostLines];
  const int count = lines_of_script(lines, kMostLines);
  if (count == 0 || !json.open_list("script")) return;
  for (int i = 0; i < count; ++i) {
    json.open_item();
    json.add("file", lines[i].file);
    json.add_number("line", lines[i].line);
    if (lines[i].function[0] != '\0') json.add("function", lines[i].function);
    if (!json.close_item()) break;
  }
  json.close_list();
}

bool in_script() {
  ScriptLine line[1];
  return lines_of_script(line, 1) > 0;
}

std::uintptr_t ruby_object() {
  const auto is_thread = known.ruby_thread.load(std::memory_order_relaxed);
  return is_thread == nullptr || is_thread() == 0 ? 0
                                                  : object_of(reinterpret_cast<const void*>(is_thread)).first;
}

}  // namespace walsoak::trace
