// The observer's side of the workers: one Unix socket that they all connect to, and who of them is alive.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/os/descriptor.h"
#include "harness/lab/launch/peer.h"

namespace walsoak::lab {

// One thread at a time.
class WorkerHub {
 public:
  // Listens in a new folder below the system's temporary folder (a socket's path has room for 107 characters
  // only); both are removed by the destructor. `cell` is what every worker is sent after its hello.
  explicit WorkerHub(protocol::Message cell);
  ~WorkerHub();
  WorkerHub(const WorkerHub&) = delete;
  WorkerHub& operator=(const WorkerHub&) = delete;

  const std::string& socket_path() const { return socket_path_; }

  // Free-running cells accept workers as they come: readable when one has connected.
  int listener() const { return listener_.get(); }
  // A connection that is waiting. Throws std::system_error.
  os::Descriptor accept();
  const protocol::Message& cell() const { return cell_; }

  // Waits for the hello of a worker that the subject has spawned and returns it; nothing (null) where the
  // process ended without one. Throws Failed, Stopped.
  protocol::Message admit(const std::string& writer, pid_t pid);

  // The worker's answer. Throws PeerEnded where it died on the way: call forget().
  protocol::Message call(const std::string& writer, const protocol::Message& step, int patience_ms);
  // Awaits the `bye` of a worker that ends by itself, and its end-of-file, so that the process is gone or a
  // zombie.
  protocol::Message await_bye(const std::string& writer, int patience_ms);
  void send_stop(const std::string& writer);
  // Forgets an ended worker and returns its pid.
  pid_t forget(const std::string& writer);

  // Writers of the workers alive, in the order of their names.
  std::vector<std::string> alive() const;

 private:
  struct Worker {
    pid_t pid;
    std::unique_ptr<Peer> peer;
  };

  struct Connected {  // said hello, but was not admitted yet
    std::unique_ptr<Peer> peer;
    protocol::Message hello;
  };

  // Throws Failed for one that was not admitted, or is forgotten.
  Worker& worker(const std::string& writer);
  void accept_one();

  protocol::Message cell_;
  std::string folder_;
  std::string socket_path_;
  os::Descriptor listener_;
  std::map<std::string, Connected> connected_;
  std::map<std::string, Worker> workers_;
};

}  // namespace walsoak::lab
