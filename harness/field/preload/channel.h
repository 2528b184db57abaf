// Where events go: a file that the tracing program named, one write(2) an event, so that what was seen is
// there however the program ends.
#pragma once

#include <cstddef>
#include <cstdint>

#include "harness/field/preload/json_text.h"

namespace walsoak::trace {

// The variable of the environment that names the file, by an absolute path.
inline constexpr const char* kEventFileVariable = "WALSOAK_TRACE";
// "1": the children of the program are not traced.
inline constexpr const char* kNoFollowVariable = "WALSOAK_TRACE_NO_FOLLOW";

// What a lock_loss event names where the call did not come through the library.
inline constexpr const char* kUnseenCall = "unseen";

// Opens the file. False where it cannot be opened.
bool open_channel(const char* path);

// One event: memory to write it in, what every event holds (its name, process, thread, time), and the write.
// Only within Inside and outside a Turn.
class Event {
 public:
  explicit Event(const char* name);
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  // Nothing, where there was no memory: then the event is not written.
  JsonText* json() { return memory_ == nullptr ? nullptr : &json_; }

 private:
  static constexpr std::size_t kSize = 1U << 17U;
  static char* map();
  char* const memory_;
  char nowhere_[64];
  JsonText json_;
};

}  // namespace walsoak::trace
