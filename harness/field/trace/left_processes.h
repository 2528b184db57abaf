// The processes that a traced command leaves behind: daemons, children of a shell, servers that a script has
// started. They are followed to their end, or named.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/field/trace/events.h"

namespace walsoak::trace {

// A file of events as it grows.
class EventReader {
 public:
  explicit EventReader(std::filesystem::path path) : path_(std::move(path)) {}
  // Folds the lines that are whole by now; with `last` what follows them, too.
  void read(bool last = false);
  const EventFold& fold() const { return fold_; }

 private:
  std::filesystem::path path_;
  std::streamoff offset_ = 0;
  EventFold fold_;
};

struct Wait {
  std::filesystem::path preloaded;  // the library that traced processes have loaded
  std::filesystem::path events;     // named in their environment
  std::optional<double> for_s;      // without it until all have ended
  // Called once where some run on a second after the command has ended.
  std::function<void(const std::vector<UnfollowedProcess>& running)> announce;
};

// Waits until the processes have ended, the time is over or a signal to stop comes; after one that came
// already, two seconds. Returns those that run on: nothing is done to them, and their events still come.
// Call os::note_stop_signals() first.
std::vector<UnfollowedProcess> await_left_processes(EventReader& reader, const Wait& wait);

}  // namespace walsoak::trace
