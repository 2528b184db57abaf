// A program of the cell that the observer starts itself: the subject or the checker.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "harness/os/process.h"
#include "harness/run/peer.h"

namespace walsoak::run {

// Owns the process: its destructor cuts the leash, waits a little, kills what is still there, and reaps it.
class Child {
 public:
  struct Plan {
    std::string name;  // as errors call it
    std::vector<std::string> argv;
    std::map<std::string, std::optional<std::string>> environment;
    int log_descriptor;  // its stderr, and lines of its stdout that are no messages
    std::function<void(const protocol::Message&)> on_event;
  };

  // Starts it and reads its hello. Throws Failed.
  explicit Child(const Plan& plan);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  Peer& peer() { return *peer_; }
  pid_t pid() const { return pid_; }
  const protocol::Message& hello() const { return hello_; }

  // Sends `stop`, awaits `bye` and the end of the process. Throws Failed where it does not end cleanly.
  protocol::Message stop(int patience_ms);

 private:
  void end();

  os::Descriptor leash_;
  pid_t pid_ = -1;
  std::optional<Peer> peer_;
  protocol::Message hello_;
};

}  // namespace walsoak::run
