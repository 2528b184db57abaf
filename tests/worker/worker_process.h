// A worker in a process of its own, forked from the test and steered over a socket pair as the observer
// would.
#pragma once

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <exception>
#include <optional>
#include <stdexcept>

#include "harness/base/os/process.h"
#include "harness/boards/board/acknowledgements.h"
#include "harness/subject/worker/worker.h"
#include "tests/board/boards.h"

namespace walsoak::worker {

class WorkerProcess {
 public:
  static constexpr int kThrew = 70;  // exit code where converse() threw

  explicit WorkerProcess(const Assignment& assignment) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
      throw std::runtime_error("socketpair");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(ends[0]);
      try {
        protocol::Channel channel{os::Descriptor(ends[1]), os::Descriptor()};
        ::_exit(converse(channel, assignment));
      } catch (const std::exception&) {
        ::_exit(kThrew);
      }
    }
    ::close(ends[1]);
    channel_.emplace(os::Descriptor(ends[0]), os::Descriptor());
  }
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;
  ~WorkerProcess() {
    if (pid_ > 0) wait();
  }

  pid_t pid() const { return pid_; }
  void send(const protocol::Message& message) { channel_->send(message); }
  std::optional<protocol::Message> receive() { return channel_->receive(); }
  protocol::Message visit(const std::string& operation, int kill_at = 0) {
    order(operation, kill_at);
    return receive().value();
  }
  void order(const std::string& operation, int kill_at = 0) {
    protocol::Message step = protocol::make("step");
    step["id"] = ++id_;
    step["step"] = "visit";
    step["op"] = operation;
    step["time_s"] = tests::kNow;
    if (kill_at != 0) step["kill_at"] = kill_at;
    send(step);
  }
  // Cuts the conversation and awaits the end.
  os::ExitStatus wait() {
    channel_.reset();
    const os::ExitStatus status = os::wait_for(pid_);
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_ = -1;
  std::optional<protocol::Channel> channel_;
  int id_ = 0;
};

// One board whose first task is this worker's.
class WorkerTest : public testing::Test {
 protected:
  WorkerTest() {
    tests::Look(board_).execute(
        "INSERT INTO tasks (id, title, status, created_at, claim_lock) VALUES ('t1', 't', 'running', 1, "
        "'w0001')");
  }

  void begin(WorkerProcess& worker, const nlohmann::json& changes = {}) {
    worker.receive();
    nlohmann::ordered_json settings = default_settings();
    if (!changes.empty()) settings.update(changes);
    protocol::Message cell = protocol::make("cell");
    cell["id"] = 0;
    cell["settings"] = settings;
    cell["ack_dir"] = boards_.acknowledgements();
    worker.send(cell);
  }
  std::string status() { return tests::Look(board_).value("SELECT status FROM tasks"); }
  std::string comments() { return tests::Look(board_).value("SELECT count(*) FROM comments"); }
  board::AcknowledgedRows rows() {
    tests::Look look(board_);
    return board::read_acknowledged_rows(look.connection());
  }

  tests::Boards boards_;
  board::Board board_ = boards_.empty();
  Assignment assignment_{board_, "t1", "w0001"};
};

}  // namespace walsoak::worker
