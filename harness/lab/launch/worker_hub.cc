#include "harness/lab/launch/worker_hub.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <thread>

#include "harness/base/os/process.h"
#include "harness/base/shared/errors.h"
#include "harness/lab/launch/peer_ended.h"

namespace walsoak::lab {
namespace {

using protocol::Message;

constexpr int kLookMs = 200;  // how often a worker that does not connect is looked at
constexpr int kConnectPatienceMs = 60000;
constexpr int kEndTries = 200;
constexpr std::chrono::milliseconds kEndPause{25};

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

WorkerHub::WorkerHub(Message cell) : cell_(std::move(cell)) {
  std::string pattern = (std::filesystem::temp_directory_path() / "walsoak-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) fail(pattern);
  folder_ = pattern;
  socket_path_ = folder_ + "/socket";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path_.size() >= sizeof address.sun_path) {
    ::rmdir(folder_.c_str());
    throw Failed(socket_path_ + ": too long for a socket; set TMPDIR to a shorter path");
  }
  std::memcpy(address.sun_path, socket_path_.c_str(), socket_path_.size() + 1);
  listener_ = os::Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener_.valid()) fail("socket");
  if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    fail(socket_path_);
  if (::listen(listener_.get(), SOMAXCONN) != 0) fail(socket_path_);
}

WorkerHub::~WorkerHub() {
  // Those still here end by their leash, which is cut by now; nobody may be left behind when the run returns.
  for (auto& [writer, known] : workers_) {
    known.peer.reset();
    for (int i = 0; i < kEndTries && !os::ended(known.pid); ++i) std::this_thread::sleep_for(kEndPause);
  }
  std::error_code ignored;  // a temporary folder that stays behind harms nobody
  std::filesystem::remove_all(folder_, ignored);
}

Message WorkerHub::admit(const std::string& writer, pid_t pid) {
  for (int waited_ms = 0; waited_ms < kConnectPatienceMs;) {
    if (const auto found = connected_.find(writer); found != connected_.end()) {
      Connected connected = std::move(found->second);
      connected_.erase(found);
      Worker& admitted = workers_.emplace(writer, Worker{pid, std::move(connected.peer)}).first->second;
      try {
        admitted.peer->send(cell_);
      } catch (const PeerEnded&) {
        // It ended right after its hello: its first visit finds that out, as it would a moment later.
      }
      return std::move(connected.hello);
    }
    if (wait_readable(listener_.get(), kLookMs)) {
      accept_one();
    } else if (os::ended(pid)) {
      return nullptr;
    } else {
      waited_ms += kLookMs;
    }
  }
  throw Failed(fmt::format("worker {} (pid {}) did not connect", writer, pid));
}

os::Descriptor WorkerHub::accept() {
  os::Descriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!socket.valid()) fail("accept");
  return socket;
}

// Workers that were spawned in one pass connect in any order.
void WorkerHub::accept_one() {
  auto peer = std::make_unique<Peer>("worker", protocol::Channel(accept(), os::Descriptor()));
  Message hello;
  try {
    hello = peer->await(kConnectPatienceMs);
  } catch (const PeerEnded&) {
    return;  // admit() sees that the process has ended
  }
  const std::string writer = hello.value("writer", "");
  if (hello.value("type", "") != "hello" || writer.empty()) {
    throw Failed("a worker began without a hello: " + peer->last_said());
  }
  peer->rename("worker " + writer);
  connected_.emplace(writer, Connected{std::move(peer), std::move(hello)});
}

WorkerHub::Worker& WorkerHub::worker(const std::string& writer) {
  const auto found = workers_.find(writer);
  if (found == workers_.end()) throw Failed("the cell has no worker " + writer);
  return found->second;
}

Message WorkerHub::call(const std::string& writer, const Message& step, int patience_ms) {
  return worker(writer).peer->call(step, patience_ms);
}

Message WorkerHub::await_bye(const std::string& writer, int patience_ms) {
  Peer& peer = *worker(writer).peer;
  Message bye = peer.await(patience_ms);
  try {
    peer.await(patience_ms);
  } catch (const PeerEnded&) {
    return bye;
  }
  throw Failed("worker " + writer + " spoke after its bye");
}

void WorkerHub::send_stop(const std::string& writer) {
  worker(writer).peer->send(protocol::make("stop"));
}

pid_t WorkerHub::forget(const std::string& writer) {
  const pid_t pid = worker(writer).pid;
  workers_.erase(writer);
  return pid;
}

std::vector<std::string> WorkerHub::alive() const {
  std::vector<std::string> writers;
  for (const auto& [writer, known] : workers_) writers.push_back(writer);
  return writers;
}

}  // namespace walsoak::lab
