// A program of the cell that the observer starts itself: the subject or the checker.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "harness/base/os/process.h"
#include "harness/lab/launch/peer.h"

namespace walsoak::lab {

// Owns the process: its destructor cuts the leash, waits a little, kills what is still there, and reaps it.
class Child {
 public:
  struct Plan {
    std::string name;  // as errors call it
    std::string role;  // as the record of its death calls it
    std::vector<std::string> argv;
    std::map<std::string, std::optional<std::string>> environment;
    os::Descriptor log;              // its stderr, and lines of its stdout that are no messages
    std::filesystem::path log_path;  // of the same file
    std::function<void(const protocol::Message&)> on_event;
  };

  // Starts it and reads its hello. Throws Failed.
  explicit Child(Plan plan);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  Peer& peer() { return *peer_; }
  pid_t pid() const { return pid_; }
  const protocol::Message& hello() const { return hello_; }

  // How it ended after its bye.
  struct Ended {
    protocol::Message bye;
    std::optional<facts::Death> death;  // where it did not end cleanly
  };
  // Sends `stop`, awaits `bye` and the end of the process. Throws Failed where no bye comes.
  Ended stop(int patience_ms);
  // Ends it by SIGKILL and reaps it: an end that was ordered, and no death.
  void kill();

 private:
  void end();
  // Waits a little for the end of the process, and reaps it; nothing where it still runs.
  std::optional<facts::Death> post_mortem();

  const std::string name_, role_;
  const os::Descriptor log_;
  const std::filesystem::path log_path_;
  os::Descriptor leash_;
  pid_t pid_ = -1;
  bool reaped_ = false;
  std::optional<Peer> peer_;
  protocol::Message hello_;
};

}  // namespace walsoak::lab
